from strategy.models import EditConflict

from .attachment import Attachment
from .background import Reference, Survey, WorksAgreement
from .ballot import Ballot
from .bulk import BulkEdit
from .condition import Condition
from .electorate import Elector, RoundGroup
from .import_run import ColumnMapping, ImportRun
from .indicator import FEWEST_PEOPLE, STALE_AFTER, Indicator, IndicatorValue
from .measure import Measure, MeasureLink
from .milestone import Milestone
from .need import Need, NeedNote
from .participation import StaffParticipation
from .priority import PriorityDecision
from .ranking import RankingRound, RoundMeasure
from .resource import ResourceRequest, budget_of
from .review import Review, ReviewResponse, ReviewSlot
from .saved_view import SavedView
from .status import Baseline, StatusUpdate
from .tag import Tag
from .text_version import CORE_FIELDS, TextVersion

__all__ = [
    "CORE_FIELDS",
    "FEWEST_PEOPLE",
    "STALE_AFTER",
    "Attachment",
    "Ballot",
    "Baseline",
    "BulkEdit",
    "ColumnMapping",
    "Condition",
    "EditConflict",
    "Elector",
    "ImportRun",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureLink",
    "Milestone",
    "Need",
    "NeedNote",
    "PriorityDecision",
    "RankingRound",
    "Reference",
    "ResourceRequest",
    "Review",
    "ReviewResponse",
    "ReviewSlot",
    "RoundGroup",
    "RoundMeasure",
    "SavedView",
    "StaffParticipation",
    "StatusUpdate",
    "Survey",
    "Tag",
    "TextVersion",
    "WorksAgreement",
    "budget_of",
]
