"""What the measures know of a person; a ballot's order is on the ballot's own page alone."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from measures.models import Ballot, ImportRun, ReviewResponse, SavedView, StatusUpdate
from strategy.personal import Part, tells

tells(
    Part(
        "saved_views",
        _("Saved views"),
        lambda user: SavedView.objects.filter(owner=user),
        ("strategy__title", "name", "query"),
    ),
    Part(
        "uploaded_tables",
        _("Uploaded tables"),
        lambda user: ImportRun.objects.filter(Q(owner=user) | Q(in_place_of=user)),
        ("strategy__title", "name", "asked_at", "state"),
    ),
    Part(
        "statements",
        _("Statements given"),
        lambda user: ReviewResponse.objects.filter(Q(given_by=user) | Q(in_place_of=user)),
        ("strategy__title", "given_at"),
    ),
    Part(
        "status_updates",
        _("Status updates reported"),
        lambda user: StatusUpdate.objects.filter(Q(reported_by=user) | Q(in_place_of=user)),
        ("strategy__title", "reported_on"),
    ),
    Part(
        "ballots",
        _("Ballots"),
        lambda user: Ballot.objects.filter(elector__user=user),
        ("round__title", "saved_at", "submitted_at"),
    ),
)
