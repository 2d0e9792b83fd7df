from strategy.models import EditConflict

from .attachment import Attachment
from .ballot import Ballot
from .electorate import Elector, RoundGroup
from .evidence import Indicator, IndicatorValue, ResourceRequest
from .measure import Measure, MeasureLink
from .milestone import Milestone
from .need import Need, NeedNote
from .participation import StaffParticipation
from .priority import PriorityDecision
from .ranking import RankingRound, RoundMeasure
from .review import Condition, Review, ReviewResponse, ReviewSlot
from .saved_view import SavedView
from .status import Baseline, StatusUpdate
from .tag import Tag
from .text_version import CORE_FIELDS, TextVersion

__all__ = [
    "CORE_FIELDS",
    "Attachment",
    "Ballot",
    "Baseline",
    "Condition",
    "EditConflict",
    "Elector",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureLink",
    "Milestone",
    "Need",
    "NeedNote",
    "PriorityDecision",
    "RankingRound",
    "ResourceRequest",
    "Review",
    "ReviewResponse",
    "ReviewSlot",
    "RoundGroup",
    "RoundMeasure",
    "SavedView",
    "StaffParticipation",
    "StatusUpdate",
    "Tag",
    "TextVersion",
]
