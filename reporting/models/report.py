import hashlib
import json

from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from measures.models import Baseline, Measure
from measures.models.resource import budget_years
from reporting import announcements
from strategy.changes import changes
from strategy.models import CouncilPaper, FieldOfAction, Role, Sourced, Stage, StrategyBound, Versioned
from strategy.workflow import RuleViolation, Workflow, transition

from .build import ReportBuild, ReportDocument, Variant
from .cosignature import CoSignature
from .series import SESSION_TAKEN, InSeries, SeriesQuerySet

NUMBER = "[1-9][0-9]{0,4}/[0-9]{4}"

TEXTS = (
    "subject",
    "about",
    "kind",
    "is_summary",
    "motion",
    "text",
    "financial_effects",
    "pending_requests",
    "settled_requests",
    "paper_only",
    "foreword",
    "deviations",
    "participation",
    "outlook",
)

# Texts that came later: only where they are typed, so that what was co-signed before still holds.
LATER_TEXTS = ("banner",)


class EditConflict(Exception):
    """Somebody else has saved the report since the editor opened it; ``report`` is what is stored now."""

    def __init__(self, report):
        super().__init__(f"report {report.pk} is at version {report.version}")
        self.report = report


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    BUILDING = "building", _("Being built")
    READY = "ready", pgettext_lazy("report", "Ready")
    SUBMITTED = "submitted", pgettext_lazy("report", "Submitted")
    FINAL = "final", pgettext_lazy("report", "Final")
    SUPERSEDED = "superseded", pgettext_lazy("report", "Superseded")


class CouncilReportQuerySet(SeriesQuerySet):
    def visible_to(self, actor):
        """What is final is for all; before, for those who write, decide, or are asked to co-sign."""
        published = Q(strategy__in=actor.strategies(), state__in=CouncilReport.PUBLISHED)
        works_on = Q(strategy__in=actor.strategies(Role.PROJECT_GROUP, Role.STEERING_TEAM))
        asked = Exists(CoSignature.objects.asked_of(actor).filter(report=OuterRef("pk")))
        return self.filter(published | works_on | asked)

    def asking_updates_of(self, actor):
        """Drafts that wait for the status of measures: for those who write and decide, and the heads of units."""
        roles = (Role.PROJECT_GROUP, Role.STEERING_TEAM, *Role.HEADS)
        return self.filter(strategy__in=actor.strategies(*roles), state=State.DRAFT, updates_due_on__isnull=False)

    def published(self):
        return self.filter(state__in=CouncilReport.PUBLISHED)

    def once_released(self):
        """What anybody may have fetched: what is released, and what has been and is told as deleted."""
        return self.filter(released_at__isnull=False)

    def with_documents(self):
        """With bytes to look after: what has been built, and what is final and must have been."""
        built = Exists(ReportDocument.objects.filter(report=OuterRef("pk")))
        return self.filter(Q(state__in=CouncilReport.PUBLISHED) | built)

    def for_list(self):
        return self.select_related("strategy").prefetch_related("consultations__session", "consultations__body")

    def latest_of(self, strategy):
        """The status report the next one is prefilled from and compared with."""
        return (
            self.filter(strategy=strategy, state=State.FINAL, paper_only=False)
            .order_by(models.F("finalised_at").desc(nulls_last=True), "-pk")
            .first()
        )

    def create_draft(self, *, by, strategy, copy_rows=True, **values):
        """A new draft, prefilled from the last final status report.

        Takes the actor, the strategy and values of editable fields. Raises PermissionDenied.
        """
        with transaction.atomic():
            last = self.latest_of(strategy)
            report = self.model(strategy=strategy, predecessor=last)
            if not by.has_perm("reporting.add_councilreport", report):
                raise PermissionDenied("reporting.add_councilreport")
            if last:
                report.prefill(last, values)
            for name, value in values.items():
                setattr(report, name, value)
            report._changed_by = by
            report.save()
            if last and copy_rows:
                report.copy_rows(last)
            return report


class CouncilReport(Workflow, InSeries, StrategyBound, Sourced, Versioned):
    """A paper for the council on how the strategy stands, with its annexes made from the data."""

    State = State
    PUBLISHED = (State.FINAL, State.SUPERSEDED)
    HANDED_IN = (State.SUBMITTED, *PUBLISHED)

    class Kind(models.TextChoices):
        INFORMATION = "information", _("Paper for information")
        DECISION = "decision", _("Paper for decision")

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT, editable=False)

    # Head
    originators = models.TextField(
        _("originating Referate"),
        blank=True,
        max_length=600,
        help_text=_("One line each, spelled in full as on the paper."),
    )
    file_reference = models.CharField(_("file reference (Gz)"), max_length=40, blank=True)
    number = models.CharField(
        _("number (GRDrs)"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(rf"^{NUMBER}\Z", _("Running number and year, for example 972/2023."))],
        help_text=_("Given by the council office, for example 972/2023; may follow later."),
    )
    supplement = models.CharField(
        _("supplement"), max_length=40, blank=True, help_text=_("For example “1. Ergänzung”.")
    )
    dated_on = models.DateField(_("date of the paper"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    banner = models.TextField(
        _("budget line"),
        blank=True,
        max_length=300,
        help_text=_("Above the subject of a paper for the budget, for example “Haushalt 2026/2027”; one line each."),
    )
    about = models.CharField(
        _("here"), max_length=200, blank=True, help_text=_("The line “hier: …” below the subject.")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.INFORMATION)

    # Text of the paper
    motion = models.TextField(
        _("motion"), blank=True, max_length=5000, help_text=_("Only in a paper for decision; one line an item.")
    )
    text = models.TextField(_("report"), blank=True, max_length=20000)
    is_summary = models.BooleanField(
        _("short version"), default=False, help_text=_("The paper refers to annex 1 for the detailed text.")
    )
    financial_effects = models.TextField(_("financial effects"), blank=True, max_length=5000)
    finance_budget = models.PositiveSmallIntegerField(
        _("tables of the financial effects"),
        null=True,
        blank=True,
        help_text=_("Operating budget, capital budget and positions, from what the measures have registered."),
    )
    pending_requests = models.TextField(
        _("pending requests and motions"), blank=True, max_length=2000, help_text=_("One line each.")
    )
    settled_requests = models.TextField(
        _("settled requests and motions"), blank=True, max_length=2000, help_text=_("One line each.")
    )

    # Texts of annex 1
    paper_only = models.BooleanField(
        _("paper only"), default=False, help_text=_("Without the annexes made from the data.")
    )
    foreword = models.TextField(_("preliminary remark"), blank=True, max_length=5000)
    deviations = models.TextField(_("deviations and their reasons"), blank=True, max_length=10000)
    participation = models.TextField(_("participation of the staff representation"), blank=True, max_length=10000)
    outlook = models.TextField(_("outlook on the next double budget"), blank=True, max_length=10000)

    # Scope; nothing chosen is everything
    scope_fields = models.ManyToManyField(
        FieldOfAction, blank=True, related_name="+", verbose_name=_("fields of action")
    )
    scope_stages = models.ManyToManyField(Stage, blank=True, related_name="+", verbose_name=_("stages"))
    scope_states = models.JSONField(_("states"), default=list, blank=True)

    cosign_due_on = models.DateField(_("co-sign until"), null=True, blank=True)
    predecessor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("last report"),
        help_text=_("What has changed since is computed from it."),
    )
    replacement = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced",
        verbose_name=_("replaced by"),
        editable=False,
    )
    paper = models.ForeignKey(
        CouncilPaper,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("council paper"),
        editable=False,
    )
    submitted_by = models.ForeignKey("strategy.User", models.PROTECT, null=True, related_name="+", editable=False)
    submitted_for = models.ForeignKey("strategy.User", models.PROTECT, null=True, related_name="+", editable=False)
    finalised_at = models.DateTimeField(_("final since"), null=True, editable=False)
    is_released = models.BooleanField(_("released to the public"), default=False, db_default=False, editable=False)
    released_at = models.DateTimeField(_("first released at"), null=True, editable=False)
    release_changed_at = models.DateTimeField(null=True, editable=False)
    seal = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CouncilReportQuerySet.as_manager()
    changes = changes(m2m_fields=[scope_fields, scope_stages])

    class Meta:
        verbose_name = _("council report")
        verbose_name_plural = _("council reports")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "strategy",
                "number",
                "supplement",
                condition=Q(state="final"),
                name="one_final_report_per_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["final", "superseded"]) | (~Q(number="") & Q(finalised_at__isnull=False)),
                name="a_final_report_has_a_number",
            ),
            models.UniqueConstraint(
                "planned_for",
                condition=~Q(state="superseded"),
                name="one_report_per_session",
                violation_error_message=SESSION_TAKEN,
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_by__isnull=False),
                name="a_submitted_report_knows_who_submitted_it",
            ),
        ]

    def __str__(self):
        return " ".join(part for part in (self.reference, self.subject) if part)

    def get_absolute_url(self):
        return reverse("reporting:report", args=[self.strategy.slug, self.pk])

    @property
    def reference(self):
        return " ".join(part for part in ("GRDrs", self.number, self.supplement) if part) if self.number else ""

    @property
    def is_published(self):
        return self.state in self.PUBLISHED

    @property
    def is_decision(self):
        return self.kind == self.Kind.DECISION

    def announce(self, entry):
        announcements.announce_report(self, entry)

    # What it holds

    def typed_text(self):
        """What a co-signature rests on: the words people typed, without number, dates, sessions and figures."""
        words = {name: getattr(self, name) for name in TEXTS}
        words |= {name: typed for name in LATER_TEXTS if (typed := getattr(self, name))}
        return {**words, "annexes": [annex.title for annex in self.annexes.all()]}

    @property
    def finance_years(self):
        """The budget years of the tables below the financial effects; a paper alone has no measures for them."""
        return budget_years(self.finance_budget) if self.finance_budget and not self.paper_only else ()

    def text_hash(self):
        return _digest(self.typed_text())

    def paper_hash(self):
        """Of everything on the paper's own pages: what a build has printed must still hold when it is submitted."""
        return _digest(
            {
                **self.typed_text(),
                "head": [self.originators, self.file_reference, self.number, self.supplement, str(self.dated_on)],
                **({"finances": self.finance_years} if self.finance_years else {}),
                "consultations": [
                    [row.body.name, row.purpose, row.is_public, str(row.held_on)]
                    for row in self.consultations.select_related("body", "session")
                ],
                "signatures": [[row.name, row.function] for row in self.signatures.all()],
                "cosignatures": [
                    [str(row.unit), row.state, str(row.signed_on), row.remark]
                    for row in self.cosignatures.select_related("unit")
                ],
            }
        )

    def measures_in_scope(self, fields=None, stages=None):
        """Those of the chosen fields, stages and states that have been handed over; not stored choices may be given."""
        found = Measure.objects.filter(strategy=self.strategy_id, submitted_on__isnull=False)
        if fields := list(self.scope_fields.all() if fields is None else fields):
            found = found.filter(field__in=fields)
        if stages := list(self.scope_stages.all() if stages is None else stages):
            found = found.filter(stage__in=stages)
        if self.scope_states:
            found = found.filter(state__in=self.scope_states)
        return found

    def latest_build(self):
        return self.builds.order_by("-number").first()

    def latest_done_build(self):
        return self.builds.filter(state=ReportBuild.State.DONE).order_by("-number").first()

    def seals(self, stored):
        """Whether these stored bytes are the ones sealed with the final report; before that nothing is sealed."""
        return not self.is_published or self.seal.get(stored.seal_name) == stored.sha256

    # Editing

    def edit(self, *, by, version, changes, rows=None):
        """Save what somebody typed, if nobody else has saved since; co-signatures of another text lapse.

        Takes the version the editor opened, {field: value} (``cosigning_units`` among them), and optionally a
        callable that saves the paper's rows within the same transaction.

        Raises:
            PermissionDenied: the actor may not edit reports.
            EditConflict: the stored version is another one; nothing has been saved.
            RuleViolation: the report is not a draft, or another one is planned for the session chosen.
        """
        with transaction.atomic():
            self.reread_locked()
            if not by.has_perm("reporting.change_councilreport", self):
                raise PermissionDenied("reporting.change_councilreport")
            if self.version != version:
                raise EditConflict(self)
            if self.state != State.DRAFT:
                raise RuleViolation(_("Only a draft can be edited; please reopen the report first."))
            units = changes.pop("cosigning_units", None)
            self._take_over(changes, by=by)
            if rows is not None:
                rows()
            if units is not None:
                self._ask(units, by=by)
            self._lapse_cosignatures(by)

    def _take_over(self, changes, *, by):
        links = {name: changes.pop(name) for name in ("scope_fields", "scope_stages") if name in changes}
        planned_before = self.planned_for
        for name, value in changes.items():
            setattr(self, name, value)
        if self.planned_for not in (None, planned_before):
            type(self).objects.take_session(self.planned_for)
        self.own(*changes)
        self.version += 1
        self._changed_by = by
        self.save()
        for name, rows in links.items():
            getattr(self, name).set(rows)

    def _ask(self, units, *, by):
        asked = {row.unit_id: row for row in self.cosignatures.all()}
        wanted = {unit.pk: unit for unit in units}
        for unit_id in asked.keys() - wanted.keys():
            asked[unit_id].delete()
        new = [CoSignature(report=self, unit=wanted[unit_id]) for unit_id in wanted.keys() - asked.keys()]
        for row in new:
            row._changed_by = by
            row.save()
            row.ask(by=by)

    def _lapse_cosignatures(self, by):
        valid = self.text_hash()
        for row in self.cosignatures.filter(state=CoSignature.State.SIGNED).exclude(text_hash=valid):
            row.lapse(by=by)

    # Transitions

    @transition(State.DRAFT)
    def ask_units(self, *, by, reason=""):
        """Ask the units that have only been noted for their co-signature."""
        planned = list(self.cosignatures.filter(state=CoSignature.State.PLANNED))
        if not planned:
            raise RuleViolation(_("No unit is noted that has not been asked."))
        for row in planned:
            row.ask(by=by)

    @transition(State.DRAFT)
    def discard(self, *, by, reason=""):
        """Deleted; this step and its rows of ``changes`` remain."""
        self.delete()

    @transition(State.DRAFT, to=State.BUILDING)
    def build(self, *, by, reason=""):
        """Ask for a build; whoever calls this wakes a worker once the transaction is through."""
        self._check_buildable()
        ReportBuild(
            report=self,
            strategy_id=self.strategy_id,
            number=(self.builds.aggregate(last=models.Max("number"))["last"] or 0) + 1,
            asked_by=by.user,
        ).save()

    @transition(State.BUILDING, to=State.READY)
    def complete_build(self, *, by, build, reason=""):
        """The documents are there; those of earlier builds are not needed any more."""
        self._check_current(build)
        build.end(ReportBuild.State.DONE)
        for earlier in self.builds.exclude(pk=build.pk).filter(state=ReportBuild.State.DONE):
            earlier.reportdocuments.all().delete()
            earlier.projections.all().delete()

    @transition(State.BUILDING, to=State.DRAFT, reason=True)
    def fail_build(self, *, by, reason, build):
        """It did not work, and this is why."""
        self._check_current(build)
        build.end(ReportBuild.State.FAILED, reason)

    @transition(State.BUILDING, to=State.DRAFT)
    def cancel(self, *, by, reason=""):
        """Stop waiting; what the worker still brings is dropped."""
        for build in self.builds.alive():
            build.end(ReportBuild.State.CANCELLED)

    @transition(State.READY, to=State.DRAFT)
    def reopen(self, *, by, reason=""):
        """Back to the desk: texts and scope can be edited again."""

    @transition(State.READY, to=State.SUBMITTED)
    def submit(self, *, by, reason=""):
        """Lay it before the steering team, complete to the last byte."""
        self._check_complete()
        self.submitted_by, self.submitted_for = by.user, by.in_place_of

    @transition(State.SUBMITTED, to=State.DRAFT, reason=True)
    def send_back(self, *, by, reason):
        self.submitted_by = self.submitted_for = None

    @transition(State.SUBMITTED, to=State.FINAL)
    def finalise(self, *, by, typed_number, reason=""):
        """Approve it: from now on its bytes are served and never made again. Changes no byte."""
        if typed_number.strip() != self.number:
            raise RuleViolation({"typed_number": _("This is not the number of the report.")})
        same = CouncilReport.objects.filter(
            strategy=self.strategy_id, number=self.number, supplement=self.supplement, state=State.FINAL
        )
        if same.exists():
            raise RuleViolation(_("There is a final report with this number; it has to be superseded first."))
        self.finalised_at = timezone.now()
        self.seal = self._seals_of(self.latest_done_build())
        self.paper = self._council_paper()
        self._take_baselines()

    @transition(State.FINAL, to=State.SUPERSEDED, reason=True)
    def supersede(self, *, by, reason, replacement=None):
        """Say that it does not hold any more, and which report takes its place."""
        if replacement is not None and (
            replacement.strategy_id != self.strategy_id or replacement.state != State.FINAL or replacement.pk == self.pk
        ):
            raise RuleViolation({"replacement": _("Please choose another final report of this strategy.")})
        self.replacement = replacement
        if self.is_released:
            self._end_release()

    @transition(State.FINAL)
    def release(self, *, by, reason=""):
        """Let anybody fetch its public version under ``/oparl/``, without signing in."""
        if self.is_released:
            raise RuleViolation(_("It is released already."))
        if not self._has_public_session():
            raise RuleViolation(_("No session it goes to is public."))
        if f"{Variant.PUBLIC}/{ReportDocument.Format.OPARL}" not in self.seal:
            raise RuleViolation(_("It has been built without an OParl document and cannot be released."))
        self.is_released, self.release_changed_at = True, timezone.now()
        self.released_at = self.released_at or self.release_changed_at

    @transition(State.FINAL, reason=True)
    def withdraw_release(self, *, by, reason):
        """Take it back; whoever has fetched it is told that it is gone."""
        if not self.is_released:
            raise RuleViolation(_("It is not released."))
        self._end_release()

    # What several steps share

    def _end_release(self):
        self.is_released, self.release_changed_at = False, timezone.now()

    def _has_public_session(self):
        return self.consultations.filter(is_public=True).exists()

    def may(self, verb, actor):
        """Each of the two releasing steps is offered where it leads somewhere."""
        leads_somewhere = {"release": not self.is_released, "withdraw_release": self.is_released}
        return leads_somewhere.get(verb, True) and super().may(verb, actor)

    def missing_to_build(self):
        """{field: sentence} of what a paper cannot do without."""
        needed = {
            "subject": _("Please write the subject."),
            "originators": _("Please name the originating Referat."),
            "text": _("Please write the report."),
        }
        if self.is_decision:
            needed["motion"] = _("A paper for decision needs a motion.")
        return {name: words for name, words in needed.items() if not getattr(self, name).strip()}

    def missing_to_submit(self):
        """Sentences on what is still needed before the steering team gets it."""
        missing = []
        if not self.number:
            missing.append(_("The number of the council office is missing."))
        if not self.dated_on:
            missing.append(_("The date of the paper is missing."))
        if not self.consultations.exists():
            missing.append(_("No body is named that the paper goes to."))
        elif self.consultations.filter(session__isnull=True).exists():
            missing.append(_("Not every body has a session yet."))
        if self.cosignatures.outstanding().exists():
            missing.append(_("Not every unit asked has co-signed."))
        return missing

    def _check_buildable(self):
        if missing := self.missing_to_build():
            raise RuleViolation(list(missing.values()))

    def _check_complete(self):
        if missing := self.missing_to_submit():
            raise RuleViolation([*missing, _("Please reopen the report, complete it and build it again.")])
        build = self.latest_done_build()
        if build is None or build.paper_hash != self.paper_hash():
            raise RuleViolation(
                _("Number, sessions or co-signatures have changed since the build. Please reopen and build again.")
            )

    def _check_current(self, build):
        """A build that was cancelled, given up or replaced brings nothing any more."""
        build.refresh_from_db(from_queryset=ReportBuild.objects.select_for_update())
        if build.report_id != self.pk or not build.is_alive:
            raise RuleViolation(_("This build is not wanted any more."))

    def _seals_of(self, build):
        stored = [*build.reportdocuments.without_bytes(), *build.projections.defer("content")]
        return {row.seal_name: row.sha256 for row in stored}

    def _council_paper(self):
        """The paper others refer to by its number; there may be one already."""
        with override(self.strategy.lang):
            kind = self.get_kind_display()
        return CouncilPaper.objects.get_or_create(
            strategy_id=self.strategy_id,
            number=self.number,
            supplement=self.supplement,
            defaults={"title": self.subject, "kind": kind, "dated_on": self.dated_on},
        )[0]

    def _take_baselines(self):
        """Keep the plan of each measure as the report shows it; a paper alone shows none."""
        if self.paper_only:
            return
        build = self.latest_done_build()
        stored = set(Measure.objects.filter(strategy=self.strategy_id).values_list("pk", flat=True))
        Baseline.objects.bulk_create(
            Baseline(
                strategy_id=self.strategy_id,
                measure_id=int(pk),
                kind=Baseline.Kind.REPORT,
                taken_on=timezone.localdate(build.ended_at),
                plan=plan,
            )
            for pk, plan in build.plans.items()
            if int(pk) in stored
        )


def _digest(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
