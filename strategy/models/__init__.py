from .bound import DatePrecision, EditConflict, Sourced, StrategyBound, Versioned
from .council import CouncilPaper, CouncilSession
from .mail import OutgoingMail
from .people import Deputyship, Membership, Role, User
from .scales import Light, Phase, Priority
from .strategy import FieldOfAction, Stage, Strategy
from .submitted_form import SubmittedForm
from .transition import Transition
from .unit import OrganisationalUnit

__all__ = [
    "CouncilPaper",
    "CouncilSession",
    "DatePrecision",
    "Deputyship",
    "EditConflict",
    "FieldOfAction",
    "Light",
    "Membership",
    "OrganisationalUnit",
    "OutgoingMail",
    "Phase",
    "Priority",
    "Role",
    "Sourced",
    "Stage",
    "Strategy",
    "StrategyBound",
    "SubmittedForm",
    "Transition",
    "User",
    "Versioned",
]
