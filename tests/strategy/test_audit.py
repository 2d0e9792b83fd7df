"""Promise P24: the audit trail's chain. Whatever is done to it behind the portal's back is found, and said where."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from measures.models import Measure
from strategy import audit
from strategy.audit import head, sealing, sources
from strategy.models import (
    AccessEvent,
    AuditHead,
    AuditLink,
    AuditOpening,
    Erasure,
    FieldOfAction,
    Transition,
)
from tests.factories import StrategyFactory, UserFactory

EVENTS = 6
FIELD = "strategy.historicalfieldofaction"
WRITERS, ROWS_EACH = 500, 4

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_heads_of_other_tests(settings):
    settings.STORAGES = settings.STORAGES | {}  # makes them anew


@pytest.fixture
def trail(cast):
    """Steps, changes and accesses, sealed in two goes, so that a head is kept of an earlier place, too."""
    cast.measure(Measure.State.DECIDED)
    for number in range(EVENTS):
        AccessEvent.objects.create(kind="exported", user=cast.reader, strategy=cast.strategy, reference=f"A{number}")
    audit.seal()
    kept_as_of_yesterday()
    for number in range(EVENTS):
        AccessEvent.objects.create(kind="refused", user=cast.reader, strategy=cast.strategy, reference=f"B{number}")
    audit.seal()
    return list(AuditLink.objects.all())


def kept_as_of_yesterday():
    storage, name = storages["audit"], f"{timezone.localdate():%Y-%m-%d}{head.ENDING}"
    with storage.open(name) as file:
        storage.save(f"0{name}", ContentFile(file.read()))


def verdict():
    return audit.verify()


def first_break():
    return verdict().broken[0]


@contextmanager
def behind_the_portals_back():
    """As whoever owns the database: the trigger is off."""
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute("ALTER TABLE strategy_auditlink DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER strategy_audit_no_update")
            cursor.execute("DROP TRIGGER strategy_audit_no_delete")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE") if postgresql else None
        if postgresql:
            cursor.execute("ALTER TABLE strategy_auditlink ENABLE TRIGGER USER")


def of_row(name, row):
    return AuditLink.objects.get(source=name, row=row).position


def chained_anew(start, end=None):
    """Compute the chain as the job would, from that place on: what a forger does who knows the rules."""
    before = AuditLink.objects.filter(position=start - 1).values_list("digest", flat=True).first() or ""
    for link in AuditLink.objects.filter(position__gte=start).order_by("position"):
        facts = link.position, link.source, link.row, link.commitment, link.sealed_at
        before = sources.link_digest(before, *facts)
        AuditLink.objects.filter(pk=link.pk).update(digest=before)
    last = AuditLink.objects.order_by("position").last()
    AuditHead.objects.update(position=last.position, digest=last.digest)


# What the job does


def test_everything_that_happened_is_one_link(trail):
    sealed = {(link.source, link.row) for link in trail}

    rows = {
        (source.name, pk) for source in sources.sources().values() for pk in source.rows.values_list("pk", flat=True)
    }
    assert sealed == rows
    assert {FIELD, "strategy.transition", "strategy.accessevent", "measures.historicalmeasure"} <= {s for s, _r in rows}
    assert [link.position for link in trail] == list(range(1, len(trail) + 1))
    assert verdict().holds
    assert verdict().compared == len(trail)


def test_links_are_in_the_order_of_what_happened(cast):
    now = timezone.now()
    for minutes in (3, 1, 2):
        AccessEvent.objects.create(kind="refused", user=cast.reader, at=now - timedelta(minutes=minutes))

    audit.seal()

    rows = list(AuditLink.objects.filter(source="strategy.accessevent").values_list("row", flat=True))
    assert rows == list(AccessEvent.objects.order_by("at").values_list("pk", flat=True))


def test_sealing_twice_adds_nothing(trail):
    assert audit.seal() == 0
    assert verdict().links == len(trail)


def test_a_link_holds_nothing_of_its_row(cast):
    field = FieldOfAction.objects.get(pk=cast.field.pk)
    field.summary = "Kanarienvogel"
    field.save()
    audit.seal()

    tables = (AuditLink, AuditOpening, AuditHead)
    assert "Kanarienvogel" in str(list(FieldOfAction.changes.values_list()))
    assert not any("Kanarienvogel" in str(list(table.objects.values_list())) for table in tables)


def test_two_rows_of_one_content_have_different_commitments(cast):
    rows = [AccessEvent(kind="refused", user=cast.reader, at=timezone.now()) for _number in range(2)]
    AccessEvent.objects.bulk_create(rows)
    audit.seal()

    links = AuditLink.objects.filter(source="strategy.accessevent")
    assert len(set(links.values_list("commitment", flat=True))) == 2


@pytest.mark.sqlite
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_a_link(verb):
    StrategyFactory()
    audit.seal()
    last = AuditLink.objects.order_by("position").last()

    links = AuditLink.objects.filter(pk=last.pk)
    change = {"update": lambda: links.update(commitment="0" * 64), "delete": lambda: links._raw_delete("default")}
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        change[verb]()

    assert verdict().holds


def test_the_head_stands_in_the_log(trail, log):
    AccessEvent.objects.create(kind="refused")

    audit.seal()

    (line,) = log.of("audit_sealed")
    end = AuditHead.objects.get()
    assert (line["count"], line["position"], line["digest"]) == (1, end.position, end.digest)


# What a forger does: each of these is found, and named by its place


def change_a_row(trail):
    event = AccessEvent.objects.first()
    AccessEvent.objects.filter(pk=event.pk).update(reference="Z9")
    return of_row("strategy.accessevent", event.pk), "was changed"


def change_a_step(trail):
    step = Transition.objects.first()
    Transition.objects.filter(pk=step.pk).update(reason="weil")
    return of_row("strategy.transition", step.pk), "was changed"


def change_a_history(trail):
    row = FieldOfAction.changes.first()
    FieldOfAction.changes.filter(pk=row.pk).update(title="Nie gesagt")
    return of_row(FIELD, row.pk), "was changed"


def move_a_moment(trail):
    step = Transition.objects.last()
    Transition.objects.filter(pk=step.pk).update(at=step.at - timedelta(microseconds=1))
    return of_row("strategy.transition", step.pk), "was changed"


def delete_a_row(trail):
    step = Transition.objects.first()
    place = of_row("strategy.transition", step.pk)
    step.delete()
    return place, "is gone"


def delete_a_row_and_its_salt(trail):
    step = Transition.objects.first()
    place = of_row("strategy.transition", step.pk)
    step.delete()
    AuditOpening.objects.filter(link=place).delete()
    return place, "has lost its salt"


def salt_anew(trail):
    """The row is changed, and its commitment made to fit."""
    step = Transition.objects.first()
    place = of_row("strategy.transition", step.pk)
    Transition.objects.filter(pk=step.pk).update(reason="weil")
    opening = AuditOpening.objects.select_related("shape").get(link=place)
    values = Transition.objects.filter(pk=step.pk).values(*opening.shape.fields).get()
    with behind_the_portals_back():
        AuditLink.objects.filter(pk=place).update(commitment=sources.commitment(opening.salt, values))
    return place, "does not follow"


def delete_a_link(trail):
    place = len(trail) // 2
    AuditOpening.objects.filter(link=place).delete()
    with behind_the_portals_back():
        AuditLink.objects.filter(pk=place)._raw_delete("default")
    return place, "missing"


def insert_a_link(trail):
    """One more link in the middle, for a row of the forger's own; those behind it move up by one."""
    place = 3
    event = AccessEvent.objects.create(kind="exported")
    with behind_the_portals_back() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED") if connection.vendor == "postgresql" else None
        for position in range(len(trail), place - 1, -1):
            AuditOpening.objects.filter(link=position).update(link=position + 1)
            AuditLink.objects.filter(pk=position).update(position=position + 1)
        AuditLink.objects.create(
            position=place,
            source="strategy.accessevent",
            row=event.pk,
            commitment="0" * 64,
            digest="0" * 64,
            sealed_at=timezone.now(),
        )
    return place, "does not follow"


def swap_two_links(trail):
    place = 2
    first, second = (AuditLink.objects.get(pk=position) for position in (place, place + 1))
    names = ("source", "row", "commitment", "digest", "sealed_at")
    one, other = ({name: getattr(link, name) for name in names} for link in (first, second))
    with behind_the_portals_back():
        AuditLink.objects.filter(pk=place).update(row=-1)
        AuditLink.objects.filter(pk=place + 1).update(**one | {"row": -2})
        AuditLink.objects.filter(pk=place).update(**other)
        AuditLink.objects.filter(pk=place + 1).update(row=one["row"])
    return place, "does not follow"


def cut_the_end(trail):
    """The last links go, with their rows and salts, and the head in the table with them."""
    place = len(trail) - 2
    gone = AuditLink.objects.filter(position__gt=place)
    AccessEvent.objects.filter(pk__in=list(gone.values_list("row", flat=True))).delete()
    AuditOpening.objects.filter(link__in=gone).delete()
    with behind_the_portals_back():
        gone._raw_delete("default")
    AuditHead.objects.update(position=place, digest=AuditLink.objects.get(pk=place).digest)
    return place, "the end was cut"


def forget_the_head(trail):
    """The table names another end than the chain has."""
    AuditHead.objects.update(position=len(trail) - 1)
    return len(trail), "the head names"


def compute_everything_anew(trail):
    """A row is changed and the whole chain made to fit, the head in the table, too."""
    place, _why = 1, salt_anew(trail)
    with behind_the_portals_back():
        chained_anew(place)
    yesterday = next(kept for kept in head.kept() if kept.name.startswith("0"))
    return yesterday.position, "was computed anew"


def replace_the_head_outside(trail):
    """A file of the forger's making stands in the head's place: without the portal's key it is none."""
    storage, kept = storages["audit"], head.kept()[-1]
    storage.delete(kept.name)
    storage.save(kept.name, ContentFile(b'[1, "0000"]:forged:forged'))
    return None, "is no head of this portal"


def remove_the_heads_outside(trail):
    for kept in head.kept():
        storages["audit"].delete(kept.name)
    return None, "no head is kept outside"


def put_a_row_beside_the_chain(trail):
    """Somebody else was refused, long ago: a row with a number from before, in no link."""
    rows = Transition.objects.filter(pk__gt=Transition.objects.first().pk)
    past = timezone.now() - timedelta(hours=2)
    with behind_the_portals_back():
        AuditLink.objects.update(sealed_at=past)
        chained_anew(1)
    for kept in head.kept():
        storages["audit"].delete(kept.name)
    head.keep(AuditHead.objects.get())
    forged = rows.first()
    forged.pk = 0
    forged.save(force_insert=True)
    return None, "was put in later"


FORGERIES = [
    change_a_row,
    change_a_step,
    change_a_history,
    move_a_moment,
    delete_a_row,
    delete_a_row_and_its_salt,
    salt_anew,
    delete_a_link,
    insert_a_link,
    swap_two_links,
    cut_the_end,
    forget_the_head,
    compute_everything_anew,
    replace_the_head_outside,
    remove_the_heads_outside,
    put_a_row_beside_the_chain,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forgery_is_found_and_named(forge, trail):
    assert verdict().holds

    place, why = forge(trail)

    broken_at, said = first_break()
    assert (broken_at, why in said) == (place, True), said


def test_a_chain_computed_anew_is_found_by_the_heads_outside_alone(trail):
    """The control: without them the forgery is perfect."""
    salt_anew(trail)
    with behind_the_portals_back():
        chained_anew(1)
    for kept in head.kept():
        storages["audit"].delete(kept.name)
    head.keep(AuditHead.objects.get())

    assert verdict().holds


# Personal data go, the chain stays


def test_erasing_rows_leaves_the_chain_whole(trail, cast):
    rows = AccessEvent.objects.filter(kind="exported")
    places = [of_row("strategy.accessevent", row.pk) for row in rows]

    assert audit.erase(rows, reason=Erasure.Reason.RETENTION) == EVENTS

    audit.seal()
    found = verdict()
    assert (found.broken, found.erased, found.links) == ([], EVENTS, len(trail) + 1)
    assert not AuditOpening.objects.filter(link__in=places).exists()
    assert Erasure.objects.get().rows == list(range(Erasure.objects.get().rows[0], Erasure.objects.get().rows[-1] + 1))


def test_overwriting_what_is_personal_leaves_the_chain_whole(trail):
    rows = FieldOfAction.changes.all()

    audit.erase(rows, reason=Erasure.Reason.ANONYMISED, values={"summary": ""})

    audit.seal()
    assert (verdict().broken, verdict().erased) == ([], rows.count())


def test_that_something_was_erased_cannot_be_forgotten(trail):
    audit.erase(AccessEvent.objects.filter(kind="exported"), reason=Erasure.Reason.RETENTION)
    audit.seal()

    Erasure.objects.all().delete()

    assert "has lost its salt" in first_break()[1]


def test_a_row_is_erased_before_it_was_sealed(cast):
    event = AccessEvent.objects.create(kind="refused")

    audit.erase(AccessEvent.objects.filter(pk=event.pk), reason=Erasure.Reason.RETENTION)

    audit.seal()
    assert verdict().holds


# A field that comes later


def test_rows_sealed_before_a_migration_are_read_by_the_fields_they_had(cast, monkeypatch):
    AccessEvent.objects.create(kind="refused")
    monkeypatch.setitem(sources.CHANGED_LATER, "accessevent", {"because"})
    audit.seal()
    monkeypatch.undo()
    AccessEvent.objects.create(kind="refused", because="later")
    audit.seal()

    assert verdict().holds


# The command


def run():
    out = StringIO()
    call_command("verify_audit", stdout=out)
    return out.getvalue().splitlines()


def test_the_command_says_how_much_it_has_seen(trail):
    AccessEvent.objects.create(kind="refused")

    assert (
        run()[-1] == f"{len(trail)} links, {len(trail)} rows as sealed, 0 erased, 1 waiting, 2 heads outside, 0 broken"
    )


def test_the_command_fails_and_names_the_first_break(trail, capsys):
    place, _why = change_a_step(trail)
    out = StringIO()

    with pytest.raises(CommandError, match="1 broken"):
        call_command("verify_audit", stdout=out)

    assert out.getvalue().startswith(f"link {place}: strategy.transition")


@pytest.mark.django_db(transaction=True)  # nothing stands there, not even the cast of other tests
def test_an_empty_trail_holds():
    assert run()[-1] == "0 links, 0 rows as sealed, 0 erased, 0 waiting, 0 heads outside, 0 broken"


# Many at once


def in_threads(count, work):
    """Real connections, so many at a time as the server takes."""
    numbers, faults, lock = iter(range(count)), [], threading.Lock()

    def worker():
        try:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                work(number)
        except Exception as fault:
            faults.append(fault)
            raise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _number in range(min(count, 40))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def write_late(user, number):
    """Several rows in one transaction, which commits after others that began later."""
    with transaction.atomic():
        for row in range(ROWS_EACH):
            AccessEvent.objects.create(kind="exported", user=user, reference=f"{number}-{row}")
        if number % 3 == 0:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.02)")


@contextmanager
def sealing_all_the_while(job):
    """Two sealers, as after a restart of beat."""
    done = threading.Event()

    def seal():
        try:
            while not done.is_set():
                job()
        finally:
            connections.close_all()

    sealers = [threading.Thread(target=seal) for _number in range(2)]
    for sealer in sealers:
        sealer.start()
    yield
    done.set()
    for sealer in sealers:
        sealer.join()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_500_writers_while_two_jobs_seal_lose_nothing():
    user = UserFactory()

    with sealing_all_the_while(audit.seal):
        faults = in_threads(WRITERS, lambda number: write_late(user, number))
    audit.seal()

    found = verdict()
    assert faults == []
    assert AuditLink.objects.filter(source="strategy.accessevent").count() == WRITERS * ROWS_EACH
    assert (found.broken, found.waiting, found.compared) == ([], 0, found.links)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one write at a time")
@pytest.mark.django_db(transaction=True)
def test_control_a_job_that_goes_by_the_highest_number_loses_rows(monkeypatch):
    """Numbers are given at the beginning of a transaction, rows appear at its end."""
    user = UserFactory()
    highest = lambda source, now: (  # noqa: E731
        AuditLink.objects.filter(source=source.name).order_by("-row").values_list("row", flat=True).first() or 0
    )
    monkeypatch.setattr(sealing, "floor_of", highest)

    with sealing_all_the_while(audit.seal):
        in_threads(WRITERS, lambda number: write_late(user, number))
    audit.seal()

    assert AuditLink.objects.filter(source="strategy.accessevent").count() < WRITERS * ROWS_EACH
