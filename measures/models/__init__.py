from strategy.models import EditConflict

from .attachment import Attachment
from .evidence import Indicator, IndicatorValue, ResourceRequest
from .measure import Measure, MeasureLink
from .milestone import Milestone
from .need import Need, NeedNote
from .participation import StaffParticipation
from .priority import PriorityDecision
from .review import Condition, Review, ReviewResponse, ReviewSlot
from .status import Baseline, StatusUpdate
from .text_version import CORE_FIELDS, TextVersion

__all__ = [
    "CORE_FIELDS",
    "Attachment",
    "Baseline",
    "Condition",
    "EditConflict",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureLink",
    "Milestone",
    "Need",
    "NeedNote",
    "PriorityDecision",
    "ResourceRequest",
    "Review",
    "ReviewResponse",
    "ReviewSlot",
    "StaffParticipation",
    "StatusUpdate",
    "TextVersion",
]
