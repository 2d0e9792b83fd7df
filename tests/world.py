"""Two strategies with everything in them, and everybody who may knock at a door."""

from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from measures.models import (
    Attachment,
    BulkEdit,
    Measure,
    MeasureLink,
    Milestone,
    Need,
    NeedNote,
    Reference,
    SavedView,
    StaffParticipation,
    Survey,
    WorksAgreement,
)
from strategy.middleware import ActorMiddleware
from strategy.models import (
    AccessEvent,
    ApiToken,
    Deputyship,
    GroupRole,
    Membership,
    OutgoingMail,
    Recall,
    Role,
    Session,
    Webhook,
)
from tests.factories import (
    Cast,
    CouncilPaperFactory,
    CouncilSessionFactory,
    FieldFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    PhaseFactory,
    ResourceRequestFactory,
    UnitFactory,
    tell,
)
from tests.measures import rankings, sheets
from tests.reporting import reports

STATE, NEED = Measure.State, Need.State

#: Everybody who knocks, by the name in the table of expectations.
INSIDE = (
    "project_group",
    "lead_head",
    "involved_head",
    "uninvolved_head",
    "administrative_head",
    "staff_council",
    "steering_team",
    "reader",
    "administrator",
)
OUTSIDE = ("other_strategy", "anonymous")
#: Who stands in for somebody gets what that one gets; whose account is closed is like anonymous.
STANDING_IN = {"deputy_of_lead_head": "lead_head", "deactivated": "anonymous"}
EVERYBODY = (*INSIDE, *OUTSIDE, *STANDING_IN)


class World(Cast):
    """One strategy with a row of each kind; texts of a strategy with a ``mark`` carry it."""

    def __init__(self, mark="", letter="A"):
        super().__init__()
        self.mark = mark
        self.lead_head, self.involved_head = self.department_head, self.other_head
        third = UnitFactory(strategy=self.strategy, number="61", name=f"Amt für Statistik{mark}")
        self.uninvolved_head = self.member(Role.DEPARTMENT_HEAD, third, "uninvolved_head")
        self.deactivated = self.member(Role.PROJECT_GROUP, name="deactivated")
        self.phase = PhaseFactory(strategy=self.strategy, title=f"Pilot{mark}")
        self.spare_field = FieldFactory(strategy=self.strategy, letter=f"{letter}X", title=f"Leeres Feld{mark}")
        self.session = CouncilSessionFactory(strategy=self.strategy)
        self.paper = CouncilPaperFactory(strategy=self.strategy, title=f"Vorlage{mark}")
        self.deputy_of_lead_head, self.deputyship = self.stand_in("lead_head")
        self.deputyships = {"deputy_of_lead_head": self.deputyship}
        self.name_everything(letter)

    def name_everything(self, letter):
        type(self.field).objects.filter(pk=self.field.pk).update(letter=letter)
        for row in (self.strategy, self.field, self.stage, self.priority):
            row.refresh_from_db()
            row.title += self.mark
            row.save()
        for row in (self.unit, self.other_unit):
            row.name += self.mark
            row.save()

    @cached_property
    def group_role(self):
        return GroupRole.objects.create(strategy=self.strategy, group=f"Leitungen{self.mark}", role=Role.READER)

    def stand_in(self, name):
        """Somebody without rights of their own beyond reading, who stands in for that member."""
        deputy, today = self.member(Role.READER, name=f"deputy-of-{name}"), timezone.localdate()
        return deputy, Deputyship.objects.create(
            membership=self.membership(name),
            deputy=deputy,
            valid_from=today,
            valid_to=today + timedelta(days=7),
        )

    def measure(self, state=STATE.DRAFT, **values):
        return super().measure(state, **({"title": f"Maßnahme {state}{self.mark}"} | values))

    def membership(self, name):
        return Membership.objects.get(strategy=self.strategy, user=getattr(self, name))

    # One measure in each state, made when first asked for: most doors need only one of them.

    draft = cached_property(lambda self: self.measure(STATE.DRAFT))
    in_review = cached_property(lambda self: self.measure(STATE.IN_REVIEW))
    agreed = cached_property(lambda self: self.measure(STATE.AGREED))
    decided = cached_property(lambda self: self.measure(STATE.DECIDED))
    running = cached_property(lambda self: self.measure(STATE.RUNNING))
    paused = cached_property(lambda self: self.measure(STATE.PAUSED))
    completed = cached_property(lambda self: self.measure(STATE.COMPLETED))
    dropped = cached_property(lambda self: self.measure(STATE.DROPPED))

    @cached_property
    def review(self):
        return self.in_review.open_review()

    @cached_property
    def slot(self):
        """The place for the lead unit's answer."""
        return self.review.slots.get(unit=self.unit)

    @cached_property
    def council_slot(self):
        return self.review.slots.get(unit=None)

    @cached_property
    def objection(self):
        return self.response("object")

    @cached_property
    def condition(self):
        return self.response("conditions").conditions.get()

    def response(self, vote):
        """The lead unit's statement on a measure of its own."""
        slot = self.measure(STATE.IN_REVIEW).open_review().slots.get(unit=self.unit)
        slot.respond(by=self.actor("lead_head"), vote=vote, text=f"Nicht so{self.mark}")
        return slot.answer()

    @cached_property
    def amended(self):
        """A running measure with an open amendment."""
        measure = self.measure(STATE.RUNNING)
        measure.amend(by=self.actor("project_group"), core={"title": f"Neuer Titel{self.mark}"})
        return measure

    @cached_property
    def amendment(self):
        return self.amended.open_amendment()

    @cached_property
    def agreed_amendment(self):
        measure = self.measure(STATE.RUNNING)
        measure.amend(by=self.actor("project_group"), core={"title": f"Anderer Titel{self.mark}"})
        amendment = measure.open_amendment()
        self.answer_all(measure)
        amendment.agree(by=self.actor("project_group"))
        amendment.refresh_from_db()
        return amendment

    @cached_property
    def link(self):
        by = self.actor("project_group")
        return MeasureLink.objects.connect(self.running, self.decided, MeasureLink.Kind.RELATED, by=by)

    @cached_property
    def shared_view(self):
        by, name = self.actor("project_group"), f"Sicht{self.mark}"
        return SavedView.objects.keep(self.strategy, by=by, name=name, query="state=running", is_shared=True)

    @cached_property
    def participation(self):
        return StaffParticipation.objects.start(
            self.running, by=self.actor("project_group"), kind="hearing", informed_on=timezone.localdate()
        )

    # What measures rest on

    agreement = cached_property(lambda self: self.background(WorksAgreement))
    survey = cached_property(lambda self: self.background(Survey))
    reference = cached_property(lambda self: self.background(Reference))

    def background(self, model):
        name = f"{model.__name__}{self.mark}"
        row = model(measure=self.running, title=name)
        row.enter(by=self.actor("project_group"))
        return row

    # What measures rest on in figures

    resource = cached_property(lambda self: self.request_of(self.running))
    draft_resource = cached_property(lambda self: self.request_of(self.draft))
    indicator_value = cached_property(lambda self: self.figures_of(self.running))
    own_indicator_value = cached_property(lambda self: self.figures_of(None))
    indicator = cached_property(lambda self: self.indicator_value.indicator)
    own_indicator = cached_property(lambda self: self.own_indicator_value.indicator)

    def request_of(self, measure):
        return ResourceRequestFactory(measure=measure, purpose=f"Für den Anfang{self.mark}")

    @cached_property
    def registered_resource(self):
        request = self.request_of(self.running)
        request.register(by=self.actor("project_group"))
        return request

    def figures_of(self, measure):
        """A resource request and an indicator of the measure, or an indicator of the strategy; returns its value."""
        if measure is not None:
            self.request_of(measure)
        name = f"Kennzahl {measure.code if measure else 'der Strategie'}{self.mark}"
        indicator = IndicatorFactory(strategy=self.strategy, measure=measure, name=name)
        return IndicatorValueFactory(indicator=indicator, scope=f"Stadt{self.mark}")

    @cached_property
    def milestone(self):
        return Milestone.objects.create(measure=self.in_review, title=f"Schritt{self.mark}", due_on=date(2030, 6, 30))

    @cached_property
    def status_update(self):
        measure, light = self.measure(STATE.DECIDED), self.light("disc")
        measure.start(by=self.actor("project_group"))
        measure.report_status(by=self.actor("project_group"), light=light, progress=40, text=f"Es geht{self.mark}")
        return measure.status_updates.latest()

    @cached_property
    def api_token(self):
        return ApiToken.objects.issue(self.project_group, name=f"Schlüssel{self.mark}", scope="write", days=30)[0]

    @cached_property
    def webhook(self):
        values = {"name": f"Datendrehscheibe{self.mark}", "url": "https://hub.example/in", "kinds": ["measure"]}
        return Webhook.objects.create(strategy=self.strategy, **values)

    bulk_planned = cached_property(lambda self: self.bulk_edit())

    @cached_property
    def bulk_applied(self):
        bulk = self.bulk_edit()
        bulk.apply(by=self.actor("project_group"))
        return bulk

    def bulk_edit(self):
        """The draft and the running measure get another function; nothing is changed yet."""
        measures = Measure.objects.filter(pk__in=[self.draft.pk, self.running.pk])
        wanted = {"responsible_function": f"Sachgebietsleitung{self.mark}"}
        return BulkEdit.objects.prepare(self.strategy, measures, wanted, by=self.actor("project_group"))

    # Ranking rounds, one in each state; the open one waits for the lead head's ballot, the closed ones have it.

    ranking_planned = cached_property(lambda self: rankings.planned(self, title=f"Geplant{self.mark}"))
    ranking_open = cached_property(lambda self: rankings.open_(self, title=f"Offen{self.mark}"))
    ranking_closed = cached_property(lambda self: rankings.closed(self, self.ranking_voted("Geschlossen")))
    ranking_published = cached_property(lambda self: rankings.published(self, self.ranking_voted("Ergebnis")))
    ranking_cancelled = cached_property(lambda self: rankings.cancelled(self))
    ranking_handed_in = cached_property(lambda self: self.ranking_voted("Abgegeben"))
    ballot = cached_property(lambda self: rankings.arrange(self.ranking_open, self.lead_head))

    def ranking_voted(self, title):
        """An open round with the ballots of all five who may vote in it."""
        voted = rankings.open_(self, title=f"{title}{self.mark}")
        for elector in voted.electors.select_related("user"):
            rankings.vote(voted, elector.user)
        return voted

    # Uploaded tables: one shows what it would change, of one nobody has said what its columns mean.

    import_ready = cached_property(lambda self: self.uploaded("Titel;Handlungsfeld"))
    import_unnamed = cached_property(lambda self: self.uploaded("Vorhaben;Bereich"))

    def uploaded(self, headings):
        return sheets.uploaded(self, [headings.split(";"), (f"Neu{self.mark}", self.field.letter)])

    # Needs of the staff council

    need_draft = cached_property(lambda self: self.need(NEED.DRAFT))
    need_submitted = cached_property(lambda self: self.need(NEED.SUBMITTED))
    need_acknowledged = cached_property(lambda self: self.need(NEED.ACKNOWLEDGED))
    need_answered = cached_property(lambda self: self.need(NEED.ANSWERED))
    need_objected = cached_property(lambda self: self.need(NEED.OBJECTED))
    need_settled = cached_property(lambda self: self.need(NEED.SETTLED))
    need_withdrawn = cached_property(lambda self: self.need(NEED.WITHDRAWN))
    draft_attachment = cached_property(lambda self: self.attach(self.need_draft))

    def need(self, state=NEED.DRAFT, **values):
        words = {"title": f"Bedarf {state}{self.mark}", "text": f"Es fehlt etwas{self.mark}"}
        return super().need(state, **(words | values))

    @cached_property
    def measure_attachment(self):
        file = ContentFile(f"Anlage{self.mark}".encode(), "Anlage.txt")
        return Attachment.objects.attach(self.running, by=self.actor("project_group"), file=file)

    def attach(self, need, name="Anlage.txt", content=""):
        file = ContentFile((content or f"Anlage{self.mark}").encode(), name)
        return Attachment.objects.attach(need, by=self.actor("staff_council"), file=file)

    @cached_property
    def attachment(self):
        """Of a need that was submitted with it."""
        attachment = self.attach(self.need(NEED.DRAFT))
        attachment.need.submit(by=self.actor("staff_council"))
        return attachment

    @cached_property
    def note(self):
        by = self.actor("staff_council")
        return NeedNote.objects.write(self.need_submitted, by=by, text=f"Unter uns{self.mark}")

    @cached_property
    def notification(self):
        return tell(
            self.lead_head,
            occasion="test:told",
            title=f"Gesagt{self.mark}",
            url=self.strategy.get_absolute_url(),
            strategy=self.strategy,
        )

    @cached_property
    def failed_mail(self):
        mail = OutgoingMail.objects.queue(
            strategy_id=self.strategy.pk,
            recipient=self.lead_head,
            occasion="test:failed",
            subject=f"Gesagt{self.mark}",
            body="Gesagt",
        )
        mail.fail("550 5.1.1 nobody of that name")
        return mail

    @cached_property
    def recall(self):
        by = self.actor("project_group")
        return Recall.objects.ask(self.strategy, by=by, kind="status", rows=[self.running], addressees=1)

    # Reports; two units are asked to co-sign the draft.

    report = cached_property(lambda self: reports.asked(self, subject=f"Stand{self.mark}"))
    report_planned = cached_property(lambda self: reports.planned(self, self.running))
    report_building = cached_property(lambda self: reports.building_(self))
    report_ready = cached_property(lambda self: reports.ready(self))
    report_submitted = cached_property(lambda self: reports.submitted(self))
    report_final = cached_property(lambda self: reports.final(self))
    cosignature = cached_property(lambda self: self.report.cosignatures.get(unit=self.unit))


@contextmanager
def undone():
    """What happens within leaves no trace in the database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Door:
    """Knocks at addresses as anybody, each time with a fresh browser and without a trace."""

    def __init__(self, world, people=EVERYBODY):
        self.world = world
        self.handler = Client().handler  # loads the middleware once, not with each browser
        self.sessions = {name: self.sign_in(name) for name in people if name != "anonymous"}
        type(world.deactivated).objects.filter(pk=world.deactivated.pk).update(is_active=False)

    def sign_in(self, name):
        client = Client()
        client.force_login(self.person(name))
        if deputyship := self.world.deputyships.get(name):
            session = client.session
            session[ActorMiddleware.SESSION_KEY] = deputyship.pk
            session.save()
        return client.session.session_key

    def person(self, name):
        return self.world.stranger if name == "other_strategy" else getattr(self.world, name)

    def knock(self, name, method, url, body=None):
        with undone():
            return self.enter(name, method, url, body)

    def enter(self, name, method, url, body=None):
        """What is written stays until the caller undoes it."""
        client = Client()
        client.handler = self.handler
        if name != "anonymous":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        return getattr(client, method)(url, body or {})


def all_urls():
    """{name: [names of the parts of the address that vary]} of everything the resolver knows."""
    return dict(_walk(get_resolver(), (), ()))


def _walk(resolver, namespaces, kwargs):
    for entry in resolver.url_patterns:
        names = (*kwargs, *entry.pattern.regex.groupindex)
        if hasattr(entry, "url_patterns"):
            yield from _walk(entry, (*namespaces, *filter(None, [entry.namespace])), names)
        else:
            yield ":".join([*namespaces, entry.name]), names


def everything_stored():
    """{model: its rows}, to see whether anything has been written at all.

    Sessions do not count, nor does the audit trail's note that somebody has tried.
    """
    ours = ("strategy", "measures", "reporting")
    models = [model for app in ours for model in apps.get_app_config(app).get_models() if model is not AccessEvent]
    models.remove(Session)
    return {model._meta.label: sorted(map(str, model._base_manager.values_list())) for model in models}
