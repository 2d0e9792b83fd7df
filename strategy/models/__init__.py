from .audit import AccessEvent, AuditHead, AuditLink, AuditOpening, AuditShape, Erasure
from .bound import DatePrecision, EditConflict, Sourced, StrategyBound, Versioned, first_day, last_day
from .calendar import CalendarEntry, CalendarFeed, HistoryFeed
from .council import CouncilPaper, CouncilSession
from .group_role import GroupRole
from .kept_answer import KeptAnswer
from .mail import OutgoingMail
from .notification import Channel, MailPreferences, Notification, Occasion
from .operation import FileToDelete, Restoration
from .people import Deputyship, Membership, Role, User
from .recall import Recall
from .reminder import Reminder, ReminderRules
from .request_count import RequestCount
from .retention import RetentionPeriod
from .scales import Light, Phase, Priority
from .session import Session
from .strategy import FieldOfAction, Stage, Strategy
from .submitted_form import SubmittedForm
from .token import ApiToken
from .transition import Transition
from .unit import OrganisationalUnit
from .webhook import Webhook, WebhookDelivery

__all__ = [
    "AccessEvent",
    "ApiToken",
    "AuditHead",
    "AuditLink",
    "AuditOpening",
    "AuditShape",
    "CalendarEntry",
    "CalendarFeed",
    "Channel",
    "CouncilPaper",
    "CouncilSession",
    "DatePrecision",
    "Deputyship",
    "EditConflict",
    "Erasure",
    "FieldOfAction",
    "FileToDelete",
    "GroupRole",
    "HistoryFeed",
    "KeptAnswer",
    "Light",
    "MailPreferences",
    "Membership",
    "Notification",
    "Occasion",
    "OrganisationalUnit",
    "OutgoingMail",
    "Phase",
    "Priority",
    "Recall",
    "Reminder",
    "ReminderRules",
    "RequestCount",
    "Restoration",
    "RetentionPeriod",
    "Role",
    "Session",
    "Sourced",
    "Stage",
    "Strategy",
    "StrategyBound",
    "SubmittedForm",
    "Transition",
    "User",
    "Versioned",
    "Webhook",
    "WebhookDelivery",
    "first_day",
    "last_day",
]
