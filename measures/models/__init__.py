from .ballot import Ballot, BallotConflict
from .electorate import Elector, RoundGroup
from .evidence import Indicator, IndicatorValue, ResourceRequest
from .measure import EditConflict, Measure, MeasureLink
from .milestone import Milestone
from .participation import StaffParticipation
from .priority import PriorityDecision
from .ranking import RankingRound, RoundConflict, RoundMeasure
from .review import Condition, Review, ReviewResponse, ReviewSlot
from .status import Baseline, StatusUpdate
from .text_version import CORE_FIELDS, TextVersion

__all__ = [
    "CORE_FIELDS",
    "Ballot",
    "BallotConflict",
    "Baseline",
    "Condition",
    "EditConflict",
    "Elector",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureLink",
    "Milestone",
    "PriorityDecision",
    "RankingRound",
    "ResourceRequest",
    "Review",
    "ReviewResponse",
    "ReviewSlot",
    "RoundConflict",
    "RoundGroup",
    "RoundMeasure",
    "StaffParticipation",
    "StatusUpdate",
    "TextVersion",
]
