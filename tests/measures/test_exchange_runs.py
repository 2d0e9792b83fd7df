"""Tables in the background: read by a worker, given up, woken, cancelled, forgotten; and the command without a page."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from measures.exchange import running
from measures.models import ImportRun, Measure
from measures.models.import_run import RunStoppedError
from measures.tasks import sweep_imports, work_on_import
from strategy import retention
from strategy.models import Deputyship, Membership, Transition
from tests.measures.sheets import Desk, text
from tests.pages import text_of

Run = ImportRun.State
NEW = text(("Titel", "Handlungsfeld"), ("Neue", "A"))


@pytest.fixture
def desk(cast):
    return Desk(cast)


def kept(cast, content=NEW, name="project_group"):
    """A table that has been uploaded and waits for a worker."""
    file, by = ContentFile(content, "Liste.csv"), cast.actor(name)
    return ImportRun.objects.upload(cast.strategy, by=by, file=file, language="en")


def ready(cast, content=NEW):
    run = kept(cast, content)
    running.work(run.pk)
    run.refresh_from_db()
    return run


def long_ago(run, **age):
    ImportRun.objects.filter(pk=run.pk).update(seen_at=timezone.now() - timedelta(**age))


def test_a_worker_reads_and_takes_over_what_a_page_would_not_wait_for(
    cast, desk, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(running, "SMALL", 1)
    monkeypatch.setattr(running, "FEW", 1)
    run = desk.upload(NEW, "Liste.csv")
    assert (run.state, Measure.objects.count()) == (Run.WAITING, 0)
    assert "is being read" in text_of(desk.browser.get(run.get_absolute_url()))

    work_on_import(run.pk)
    desk.confirm(run)
    assert (run.state, Measure.objects.count()) == (Run.CONFIRMED, 0)
    with django_capture_on_commit_callbacks(execute=True):
        work_on_import(run.pk)
    work_on_import(run.pk)

    run.refresh_from_db()
    assert (run.state, Measure.objects.get().title) == (Run.DONE, "Neue")
    assert not run.file.storage.exists(run.file.name)


def test_the_page_asks_how_far_it_is_and_hears_only_of_what_has_moved(cast, desk):
    run = kept(cast, text(("Titel", "Handlungsfeld"), *((f"Titel {n}", "A") for n in range(4))))
    ask = {"headers": {"HX-Request": "true"}}
    url = run.get_absolute_url()

    assert desk.browser.get(f"{url}?seen=waiting-0", **ask).status_code == 204
    run.claim(Run.WAITING, Run.READING)
    run.advance(2, 4)
    moved = desk.browser.get(f"{url}?seen=waiting-0", **ask)
    assert "2 of 4 rows" in text_of(moved)
    assert "<html" not in moved.content.decode()
    run.go_on(Run.FAILED)
    assert desk.browser.get(f"{url}?seen=reading-50", **ask).headers["HX-Refresh"] == "true"


def test_a_cancelled_run_stops_its_worker_and_writes_nothing(cast):
    run = kept(cast)
    worker = ImportRun.objects.get(pk=run.pk)
    worker.claim(Run.WAITING, Run.READING)

    run.cancel(by=cast.actor("project_group"))
    with pytest.raises(RunStoppedError):
        worker.advance(1, 1)

    running.work(run.pk)
    run.refresh_from_db()
    assert (run.state, Measure.objects.count()) == (Run.CANCELLED, 0)


def test_rights_are_asked_when_it_is_taken_over(cast):
    run = ready(cast)
    run.confirm(by=cast.actor("project_group"))
    Membership.objects.filter(user=cast.project_group).delete()

    running.work(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (Run.FAILED, "You may not import measures any more.")
    assert Measure.objects.count() == 0


def test_a_deputy_imports_in_place_of_the_member_as_long_as_they_stand_in(cast):
    deputy, today = cast.member("reader", name="deputy"), timezone.localdate()
    membership = Membership.objects.get(user=cast.project_group)
    deputyship = Deputyship.objects.create(membership=membership, deputy=deputy, valid_from=today, valid_to=today)
    by = type(cast.actor("reader")).deputising(deputy, deputyship)
    runs = [
        ImportRun.objects.upload(cast.strategy, by=by, file=ContentFile(NEW, "Liste.csv"), language="en")
        for _time in range(2)
    ]
    for run in runs:
        running.work(run.pk)
        run.refresh_from_db()
    runs[0].confirm(by=by)
    running.work(runs[0].pk)
    change = Measure.objects.get().changes.first()
    assert (change.history_user, change.in_place_of) == (deputy, cast.project_group)

    deputyship.delete()
    Measure.objects.all().delete()
    runs[1].confirm(by=by)
    running.work(runs[1].pk)

    runs[1].refresh_from_db()
    assert (runs[1].state, Measure.objects.count()) == (Run.FAILED, 0)


def test_a_mistake_of_ours_is_said_and_nothing_is_written(cast, monkeypatch):
    run = ready(cast, text(("Titel", "Handlungsfeld"), ("Eins", "A"), ("Zwei", "A")))
    run.confirm(by=cast.actor("project_group"))
    made = type(Measure.objects).create_draft

    def fail_at_the_second(self, **values):
        if values["title"] == "Zwei":
            raise ZeroDivisionError
        return made(self, **values)

    monkeypatch.setattr(type(Measure.objects), "create_draft", fail_at_the_second)
    with pytest.raises(ZeroDivisionError):
        running.work(run.pk)

    run.refresh_from_db()
    assert (run.state, Measure.objects.count()) == (Run.FAILED, 0)
    assert "Something went wrong" in run.problem


def test_the_sweep_wakes_gives_up_and_forgets(cast, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr("measures.tasks.wake_import", woken.append)
    fresh, waiting, lost, old = (kept(cast) for _time in range(4))
    long_ago(waiting, minutes=2)
    lost.claim(Run.WAITING, Run.READING)
    long_ago(lost, minutes=11)
    long_ago(old, days=15)
    old.refresh_from_db()
    name = old.file.name

    with django_capture_on_commit_callbacks(execute=True):
        sweep_imports()
        retention.sweep()

    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {fresh.pk: Run.WAITING, waiting.pk: Run.WAITING, lost.pk: Run.FAILED}
    assert sorted(woken) == sorted([str(waiting.pk), str(old.pk)])
    assert not old.file.storage.exists(name)


# The command


def run_command(capsys, tmp_path, content, *options):
    file = tmp_path / "liste.csv"
    file.write_bytes(content)
    call_command("import_measures", str(file), *options)
    return capsys.readouterr().out.strip().splitlines()


def options_of(cast, name="project_group"):
    return "--strategy", cast.strategy.slug, "--as", getattr(cast, name).username


def test_the_command_takes_over_and_says_how_much(cast, capsys, tmp_path):
    running_measure, draft = cast.measure("running"), cast.measure()
    rows = [
        ("Code", "Titel", "Verantwortliche Funktion", "Handlungsfeld", "Farbe"),
        (running_measure.code, "Neu", "Leitung", str(cast.field), "rot"),
        (draft.code, draft.title, draft.responsible_function, "A", "blau"),
        ("", "Ganz neu", "", "A", ""),
    ]

    dry = run_command(capsys, tmp_path, text(*rows), *options_of(cast), "--dry-run")
    assert Measure.objects.count() == 2
    done = run_command(capsys, tmp_path, text(*rows), *options_of(cast), "--with-amendments")

    numbers = "1 new, 1 changed (1 cells), 1 unchanged, 1 need an amendment ({} proposed), 0 problems"
    assert (dry[-1], done[-1]) == (f"dry run: {numbers.format(0)}", numbers.format(1))
    assert "columns left out: Farbe" in done
    running_measure.refresh_from_db()
    assert (running_measure.responsible_function, Measure.objects.count()) == ("Leitung", 3)
    assert Measure.objects.get(title="Ganz neu").changes.first().history_user == cast.project_group


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (text(("Titel", "Handlungsfeld"), ("Gut", "A"), ("Schlecht", "Zoo")), "1 problems, nothing changed."),
        (text(("Vorhaben", "Bereich"), ("Gut", "A")), "No column has the code or the title"),
        (b"", "leer"),
    ],
)
def test_the_command_refuses_the_whole_file(cast, capsys, tmp_path, content, words):
    with pytest.raises(CommandError, match=words):
        run_command(capsys, tmp_path, content, *options_of(cast))

    assert Measure.objects.count() == 0
    assert not Transition.objects.exists()


def test_the_command_acts_only_for_who_may_import(cast, capsys, tmp_path):
    for options in (
        options_of(cast, "steering_team"),
        options_of(cast, "stranger"),
        ("--strategy", cast.strategy.slug, "--as", "nobody"),
        ("--strategy", "nowhere", "--as", cast.project_group.username),
    ):
        with pytest.raises(CommandError):
            run_command(capsys, tmp_path, NEW, *options)

    assert Measure.objects.count() == 0
