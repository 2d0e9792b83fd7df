"""Data protection: what a person is told of themselves, how somebody is forgotten, how long things are kept."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.files.base import ContentFile
from django.db.models import CASCADE
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from measures.models import Ballot, BulkEdit, ImportRun, Measure, Need, SavedView
from strategy import audit, personal, planner, retention
from strategy.actor import Actor
from strategy.models import (
    AccessEvent,
    ApiToken,
    CalendarFeed,
    Deputyship,
    HistoryFeed,
    KeptAnswer,
    Membership,
    Notification,
    OutgoingMail,
    Reminder,
    RetentionPeriod,
    Session,
    Strategy,
    SubmittedForm,
    Transition,
    User,
)
from strategy.retention import KINDS
from strategy.tasks import sweep_retention
from tests.factories import MembershipFactory, StrategyFactory, UserFactory, tell
from tests.measures import rankings
from tests.pages import browser_of, text_of, typed_on

pytestmark = pytest.mark.django_db

NAME = "Kanarienvogel"


@pytest.fixture
def bird(cast):
    """Somebody with a name, who has done this and that."""
    user = UserFactory(username=f"{NAME}.k", first_name="Klara", last_name=NAME, email=f"{NAME}@example.org")
    user.function = "Leitung Statistik"
    user.save()
    MembershipFactory(strategy=cast.strategy, user=user, role="project_group")
    return user


def url(cast, name, *args):
    return reverse(f"strategy:{name}", args=[cast.strategy.slug, *args])


# One's own data


def test_a_person_fetches_what_the_portal_knows_of_them(cast, bird):
    browser = browser_of(bird)

    answer = browser.get(reverse("strategy:own-data-file"))

    told = json.loads(answer.content)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert told["account"][0]["last_name"] == NAME
    assert told["roles"][0]["role"] == "project_group"
    assert set(told) == {"made_at"} | {part.name for part in personal.PARTS}


NOTHING_TO_TELL = {
    "account.emailaddress",  # the account's own address once more
    "strategy.submittedform",  # that a form was sent; what it led to is told
    "strategy.user_groups",  # Django's own, never used
    "strategy.user_user_permissions",
}


def test_every_kind_of_row_that_is_theirs_alone_is_told(bird):
    """What would go with the account: a table that is new has to be told, or to be named above."""
    theirs = {
        relation.related_model._meta.label_lower
        for relation in User._meta.get_fields(include_hidden=True)
        if relation.auto_created and getattr(relation, "on_delete", None) is CASCADE
    }

    told = {part.rows(bird).model._meta.label_lower for part in personal.PARTS}

    assert theirs - told == NOTHING_TO_TELL


def test_the_ways_in_are_told_without_what_opens_them(bird):
    with_doors(bird)
    Authenticator.objects.update(data={"credential": "Schloss"})
    browser = browser_of(bird)

    answer = browser.get(reverse("strategy:own-data-file")).content.decode()

    told = json.loads(answer)
    assert NAME in [row["device"] for row in told["sign_ins"]]
    assert (told["second_factors"][0]["type"], told["office_accounts"][0]["uid"]) == ("webauthn", NAME)
    assert told["repeats"][0]["key"] == NAME
    secrets = ("Schloss", browser.session.session_key, HistoryFeed.objects.get().key_hash)
    assert [secret for secret in secrets if secret in answer] == []


def test_what_is_handed_out_is_about_the_person_alone(cast, bird):
    for user in (bird, cast.reader):
        AccessEvent.objects.create(kind="exported", user=user, strategy=cast.strategy, address=f"of-{user.pk}")
        ApiToken.objects.issue(user, name=f"Zugang {user.pk}", scope="read", days=3)

    told = browser_of(bird).get(reverse("strategy:own-data-file")).content.decode()

    assert (f"of-{bird.pk}" in told, f"Zugang {bird.pk}" in told) == (True, True)
    assert (f"of-{cast.reader.pk}" in told, f"Zugang {cast.reader.pk}" in told, cast.reader.email in told) == (
        False,
    ) * 3


def test_no_secret_is_handed_out(cast, bird):
    """Neither the hash of a password or key, nor the order on a ballot."""
    bird.set_password("Ein langes Kennwort 7")
    bird.save()
    ApiToken.objects.issue(bird, name="Auswertung", scope="read", days=3)
    round_ = rankings.open_(cast)
    elector = cast.department_head
    ballot = rankings.arrange(round_, elector)

    told = browser_of(bird).get(reverse("strategy:own-data-file")).content.decode()
    told += browser_of(elector).get(reverse("strategy:own-data-file")).content.decode()

    assert '"ballots"' in told
    secrets = [bird.password, ApiToken.objects.get().key_hash, json.dumps(ballot.order)[1:-1]]
    assert [secret for secret in secrets if secret in told] == []


def test_the_page_says_how_much_there_is(cast, bird, django_assert_num_queries):
    browser = browser_of(bird)
    page = browser.get(reverse("strategy:own-data"))

    assert "Access for programs 0" in text_of(page)
    assert len(page.context["parts"]) == len(personal.PARTS)


# A person is forgotten


def with_everything(bird, strategy):
    """Rows of every kind that names the person or is theirs alone."""
    ApiToken.objects.issue(bird, name="Auswertung", scope="read", days=3)
    CalendarFeed.objects.issue(bird)
    SavedView.objects.create(strategy=strategy, owner=bird, name="Meine", query="")
    tell(bird, occasion="x", title=f"Liebe Frau {NAME}", strategy=strategy)
    OutgoingMail.objects.queue(strategy_id=strategy.pk, recipient=bird, occasion="x", subject=NAME, body=NAME)
    SubmittedForm.objects.create(token=uuid4(), user=bird)
    bird.last_name = f"{NAME}-Amsel"
    bird.save()


def with_doors(bird):
    """Every way in and every trace of a way in, with the name where one can be."""
    browser = Client(HTTP_USER_AGENT=NAME)
    browser.force_login(bird)
    HistoryFeed.objects.issue(bird)
    EmailAddress.objects.create(user=bird, email=bird.email)
    SocialAccount.objects.create(user=bird, provider="oidc", uid=NAME)
    Authenticator.objects.create(user=bird, type="webauthn", data={"name": f"Schlüssel von {NAME}"})
    KeptAnswer.objects.create(user=bird, key=NAME, asked="x", body=NAME)
    Session.objects.filter(user=bird).update(device=NAME)


def with_deeds(cast, bird):
    """What others were told of, in whose texts the name of somebody without a function stands."""
    User.objects.filter(pk=bird.pk).update(function="")
    actor, today = Actor.of(User.objects.get(pk=bird.pk)), timezone.localdate()
    measure = cast.measure()
    measure.submit(by=actor)
    need = cast.need(Need.State.SUBMITTED)
    need.acknowledge(by=actor)
    cast.measure(Measure.State.DECIDED).start(by=actor)
    file = ContentFile(b"Titel\nA\n", name="a.csv")
    ImportRun.objects.upload(cast.strategy, by=actor, file=file, language="de")
    Deputyship.objects.create(
        membership=bird.memberships.get(), deputy=cast.reader, valid_from=today, valid_to=today + timedelta(days=9)
    )
    planner.remind(cast.strategy)


def anonymised_by(browser, cast, person):
    page = browser.get(url(cast, "person-anonymise", person.pk))
    return browser.post(url(cast, "person-anonymise", person.pk), typed_on(page))


def everything_stored():
    from django.apps import apps

    return {
        model._meta.label
        for model in apps.get_models()
        if any(NAME.lower() in str(row).lower() for row in model._base_manager.values_list())
    }


def test_an_administrator_anonymises_a_person(cast, bird):
    with_everything(bird, cast.strategy)
    before = everything_stored()
    audit.seal()

    answer = anonymised_by(browser_of(cast.administrator), cast, bird)

    assert answer.status_code == 302
    assert before >= {"strategy.User", "strategy.HistoricalUser", "strategy.OutgoingMail", "strategy.Notification"}
    assert everything_stored() == set()
    bird.refresh_from_db()
    assert (bird.is_active, bird.has_usable_password(), str(bird)) == (False, False, "Leitung Statistik")
    assert not Membership.objects.valid(timezone.localdate() + timedelta(days=1)).filter(user=bird).exists()
    for rows in (ApiToken, CalendarFeed, SubmittedForm):
        assert not rows.objects.filter(user=bird).exists()


def test_nothing_is_left_of_the_ways_in_and_of_what_others_were_told(cast, bird):
    with_everything(bird, cast.strategy)
    with_doors(bird)
    with_deeds(cast, bird)
    before = everything_stored()

    assert anonymised_by(browser_of(cast.administrator), cast, bird).status_code == 302

    assert before >= {"socialaccount.SocialAccount", "mfa.Authenticator", "strategy.KeptAnswer", "strategy.Session"}
    assert everything_stored() == set()


def test_the_audit_trail_outlives_the_person(cast, bird):
    with_everything(bird, cast.strategy)
    audit.seal()

    anonymised_by(browser_of(cast.administrator), cast, bird)

    audit.seal()
    verdict = audit.verify()
    assert (verdict.broken, verdict.erased > 0) == ([], True)
    assert AccessEvent.objects.get(kind="anonymised").user == cast.administrator


def test_histories_keep_the_function(cast, bird):
    membership = bird.memberships.get()
    measure = cast.measure(Measure.State.DECIDED)
    measure.start(by=Actor.of(bird))
    anonymised_by(browser_of(cast.administrator), cast, bird)

    told = text_of(browser_of(cast.project_group).get(measure.get_absolute_url() + "history/"))

    assert "Leitung Statistik" in told
    assert NAME not in told
    assert Transition.objects.filter(user=bird, role=membership.role).exists()


def test_who_has_no_function_keeps_the_role(cast, bird):
    User.objects.filter(pk=bird.pk).update(function="")

    anonymised_by(browser_of(cast.administrator), cast, bird)

    bird.refresh_from_db()
    assert str(bird) == bird.memberships.get().get_role_display()


def test_whom_another_strategy_knows_nobody_anonymises(cast, bird):
    MembershipFactory(strategy=StrategyFactory(), user=bird)

    assert anonymised_refused(cast, bird) == 403


def anonymised_refused(cast, person):
    return browser_of(cast.administrator).post(url(cast, "person-anonymise", person.pk), {"token": uuid4()}).status_code


def test_nobody_anonymises_themselves(cast):
    answer = browser_of(cast.administrator).post(
        url(cast, "person-anonymise", cast.administrator.pk), {"token": uuid4()}
    )

    assert answer.status_code == 422
    assert "You cannot anonymise yourself" in text_of(answer)
    assert User.objects.get(pk=cast.administrator.pk).is_active


def test_nothing_is_done_without_confirmation(cast, bird):
    browser_of(cast.administrator).get(url(cast, "person-anonymise", bird.pk))

    assert User.objects.get(pk=bird.pk).last_name == NAME


def test_a_ballot_stays_counted_and_secret(cast):
    ballot = rankings.arrange(rankings.open_(cast), cast.department_head)
    order = list(ballot.order)

    anonymised_by(browser_of(cast.administrator), cast, cast.department_head)

    assert Ballot.objects.get(pk=ballot.pk).order == order


# How long


OLD = 4000  # days, longer than any period


def old(rows, field, days=OLD):
    moment = timezone.now() - timedelta(days=days)
    rows.update(**{field: moment.date() if field.endswith("_on") else moment})


def plant(kind, cast, occasion):
    """A row of that kind, as a query for it, and the field that holds its age."""
    reader, strategy = cast.reader, cast.strategy
    if kind == "accesses":
        rows = AccessEvent.objects.filter(pk=AccessEvent.objects.create(kind="exported", strategy=strategy).pk)
        return rows, "at"
    if kind == "mails":
        mail = OutgoingMail.objects.queue(
            strategy_id=strategy.pk, recipient=reader, occasion=occasion, subject="x", body="x"
        )
        OutgoingMail.objects.filter(pk=mail.pk).update(state=OutgoingMail.State.SENT)
        return OutgoingMail.objects.filter(pk=mail.pk), "created_at"
    if kind == "notifications":
        told = Notification.objects.create(
            strategy=strategy, recipient=reader, kind="news", channel="portal", occasion=occasion, title="x"
        )
        return Notification.objects.filter(pk=told.pk), "created_at"
    if kind == "reminders":
        return reminder(cast, occasion, Reminder.State.SENT), "settled_at"
    if kind == "tokens":
        token, _key = ApiToken.objects.issue(reader, name=occasion, scope="read", days=0)
        return ApiToken.objects.filter(pk=token.pk), "expires_on"
    if kind == "forms":
        row = SubmittedForm.objects.create(token=uuid4(), user=reader)
        return SubmittedForm.objects.filter(pk=row.pk), "at"
    if kind == "imports":
        run = ImportRun.objects.create(
            strategy=strategy, owner=reader, name="x.csv", size=1, language="de", file=ContentFile(b"x", "x.csv")
        )
        return ImportRun.objects.filter(pk=run.pk), "seen_at"
    if kind == "bulk":
        row = BulkEdit.objects.create(strategy=strategy, asked_by=reader, wanted={}, rows=[])
        return BulkEdit.objects.filter(pk=row.pk), "made_at"
    raise NotImplementedError(kind)


ROWS = sorted(set(KINDS) - {"files", "orders"})  # the first have none (test_storage.py), of the others they stay


def reminder(cast, step, state, due_on=None):
    from django.contrib.contenttypes.models import ContentType

    row = Reminder.objects.create(
        strategy=cast.strategy,
        recipient=cast.reader,
        content_type=ContentType.objects.get_for_model(cast.strategy),
        object_id=str(cast.strategy.pk),
        kind="x",
        due_on=due_on or timezone.localdate(),
        send_on=timezone.localdate(),
        step=step[:10],
        title="x",
        state=state,
        settled_at=timezone.now(),
    )
    return Reminder.objects.filter(pk=row.pk)


@pytest.mark.parametrize("kind", ROWS)
def test_what_is_older_than_its_period_is_forgotten_and_what_is_not_stays(kind, cast):
    aged, field = plant(kind, cast, "aged")
    young, _field = plant(kind, cast, "young")
    old(aged, field, KINDS[kind].days + 1)
    old(young, field, KINDS[kind].days - 1)

    counts = retention.sweep()

    assert (aged.exists(), young.exists()) == (False, True)
    assert counts == dict.fromkeys(KINDS, 0) | {kind: 1}


@pytest.mark.parametrize("kind", ROWS)
def test_a_strategy_sets_its_own_period(kind, cast):
    aged, field = plant(kind, cast, "aged")
    old(aged, field, KINDS[kind].days + 1)
    for strategy in Strategy.objects.all():  # what belongs to none goes by the shortest
        RetentionPeriod.objects.create(strategy=strategy, kind=kind, days=KINDS[kind].days + 5)

    retention.sweep()

    assert aged.exists()


def test_another_strategys_period_is_not_ours(cast):
    aged, field = plant("mails", cast, "aged")
    old(aged, field, 100)
    RetentionPeriod.objects.create(strategy=StrategyFactory(), kind="mails", days=10)

    retention.sweep()

    assert aged.exists()


def test_for_what_belongs_to_no_strategy_the_shortest_period_holds(cast):
    AccessEvent.objects.create(kind="signed_in", user=cast.reader, at=timezone.now() - timedelta(days=100))
    RetentionPeriod.objects.create(strategy=StrategyFactory(), kind="accesses", days=90)

    retention.sweep()

    assert not AccessEvent.objects.exists()


def test_a_mail_that_waits_is_not_forgotten(cast):
    rows, field = plant("mails", cast, "aged")
    rows.update(state=OutgoingMail.State.WAITING)
    old(rows, field)

    retention.sweep()

    assert rows.exists()


def test_the_log_of_a_deadline_that_stands_is_kept(cast):
    """Or its reminders would be planned, and sent, once more."""
    rows, field = plant("reminders", cast, "sent")
    old(rows, field)
    reminder(cast, "next", Reminder.State.PLANNED, timezone.localdate() + timedelta(days=1))

    retention.sweep()

    assert rows.exists()


def test_forgetting_leaves_the_audit_trail_whole(cast):
    rows, field = plant("accesses", cast, "aged")
    old(rows, field)
    audit.seal()

    retention.sweep()
    audit.seal()

    verdict = audit.verify()
    assert (verdict.broken, verdict.erased) == ([], 1)


@pytest.mark.parametrize("end", [rankings.closed, rankings.published, rankings.cancelled])
def test_what_was_ordered_and_does_not_count_is_forgotten_a_month_after_the_round(cast, end):
    ranking = rankings.open_(cast)
    draft = rankings.arrange(ranking, cast.department_head)
    counted = rankings.vote(ranking, cast.project_group, rankings.items(ranking)[:1])
    end(cast, ranking)
    results, turnout = ranking.results, ranking.turnout()
    over = max(ranking.closed_at or ranking.closes_at, timezone.now())

    early, late = (retention.sweep(over + timedelta(days=days))["orders"] for days in (29, 31))

    assert (early, late) == (0, 2)
    draft.refresh_from_db()
    assert (draft.order, draft.undo, draft.saved_at) == ([], [], None)
    receipt, order = counted.receipt, counted.order
    counted.refresh_from_db()
    assert (counted.order, counted.undo, counted.receipt) == (order, [], receipt)
    ranking.refresh_from_db()
    assert (ranking.results, ranking.turnout()) == (results, turnout)
    assert retention.sweep(over + timedelta(days=31))["orders"] == 0


def test_nothing_goes_from_a_ballot_of_a_round_that_is_open(cast):
    draft = rankings.arrange(rankings.open_(cast), cast.department_head)

    retention.sweep(timezone.now() + timedelta(days=OLD))

    assert Ballot.objects.get(pk=draft.pk).order == draft.order


def test_the_job_says_how_much_it_has_forgotten(cast, log):
    rows, field = plant("forms", cast, "aged")
    old(rows, field)

    sweep_retention()

    (line,) = log.of("retention_swept")
    assert {name: line[name] for name in KINDS} == dict.fromkeys(KINDS, 0) | {"forms": 1}


def test_a_second_run_forgets_nothing_more(cast):
    rows, field = plant("accesses", cast, "aged")
    old(rows, field)

    assert [sum(retention.sweep().values()) for _run in range(2)] == [1, 0]


# The form


def test_the_administration_sets_the_periods(cast):
    browser = browser_of(cast.administrator)
    page = browser.get(url(cast, "settings-retention"))

    answer = browser.post(url(cast, "settings-retention"), typed_on(page, mails="30"))

    assert answer.status_code == 302
    (period,) = RetentionPeriod.objects.all()
    assert (period.kind, period.days, period.strategy) == ("mails", 30, cast.strategy)
    assert period.changes.get().history_user == cast.administrator


@pytest.mark.parametrize("days", ["0", "-1", "3661", "viel", ""])
def test_a_period_is_between_a_day_and_ten_years(cast, days):
    browser = browser_of(cast.administrator)
    page = browser.get(url(cast, "settings-retention"))

    answer = browser.post(url(cast, "settings-retention"), typed_on(page, mails=days))

    assert answer.status_code == 200
    assert "mails" in answer.context["form"].errors
    assert not RetentionPeriod.objects.exists()


def test_a_deputyship_of_the_person_ends(cast, bird):
    today = timezone.localdate()
    Deputyship.objects.create(
        membership=bird.memberships.get(), deputy=cast.reader, valid_from=today, valid_to=today + timedelta(days=9)
    )

    anonymised_by(browser_of(cast.administrator), cast, bird)

    assert not Deputyship.objects.exists()
