from .evidence import Indicator, IndicatorValue, ResourceRequest
from .measure import EditConflict, Measure, MeasureLink
from .milestone import Milestone
from .participation import StaffParticipation
from .priority import PriorityDecision
from .review import Condition, Review, ReviewResponse, ReviewSlot
from .status import Baseline, StatusUpdate
from .text_version import CORE_FIELDS, TextVersion

__all__ = [
    "CORE_FIELDS",
    "Baseline",
    "Condition",
    "EditConflict",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureLink",
    "Milestone",
    "PriorityDecision",
    "ResourceRequest",
    "Review",
    "ReviewResponse",
    "ReviewSlot",
    "StaffParticipation",
    "StatusUpdate",
    "TextVersion",
]
