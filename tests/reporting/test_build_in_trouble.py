"""A build among crashes: a worker killed, database or Redis gone. It ends built or honestly failed, never half."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from kombu import Connection

from measures.models import Measure
from reporting import tasks
from reporting.models import CouncilReport, Projection, ReportBuild, ReportDocument
from reporting.verification import damages
from tests.processes import OwnRedis, kill, wait_until, worker
from worksttogether.celery import app

from . import reports

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

State, Build, Phase = CouncilReport.State, ReportBuild.State, ReportBuild.Phase
PHASES = pytest.mark.parametrize("phase", [Phase.PUBLIC, Phase.NONPUBLIC])
LONG_ENOUGH = 16  # measures, so that a phase can be caught


@pytest.fixture
def report(cast):
    with transaction.atomic():
        for _number in range(LONG_ENOUGH):
            cast.measure(Measure.State.RUNNING)
        return reports.draft(cast)


def ask(cast, report):
    CouncilReport.objects.get(pk=report.pk).build(by=cast.actor("project_group"))
    build = report.latest_build()
    assert tasks.wake(build.pk)
    return build


def stored(report):
    return CouncilReport.objects.get(pk=report.pk)


def is_in(build, phase):
    """Whether it is being set, some pages far."""
    now = ReportBuild.objects.get(pk=build.pk)
    assert now.state in ReportBuild.ALIVE, "the build was quicker than the test"
    return now.state == Build.RUNNING and now.phase == phase


def be_silent(build):
    """As if nobody had heard of it for longer than a task may run."""
    quiet = timezone.now() - ReportBuild.LOST_AFTER - timedelta(seconds=1)
    ReportBuild.objects.filter(pk=build.pk, state=Build.RUNNING).update(seen_at=quiet)


def nothing_half(report):
    """Documents and projections are there together or not at all."""
    return ReportDocument.objects.filter(report=report).exists() == Projection.objects.filter(report=report).exists()


def is_sound(report):
    return stored(report).state == State.READY and damages(stored(report)) == []


@PHASES
def test_a_worker_killed_in_a_build_leaves_an_honest_failure_and_the_next_build_is_whole(cast, report, phase):
    build = ask(cast, report)
    with worker() as first:
        wait_until(lambda: is_in(build, phase))
        kill(first)
    assert (stored(report).state, nothing_half(report)) == (State.BUILDING, True)
    assert not ReportDocument.objects.filter(report=report).exists()

    with worker():
        be_silent(build)
        tasks.sweep_builds()
        wait_until(lambda: stored(report).state == State.DRAFT)
        failed = ReportBuild.objects.get(pk=build.pk)
        assert (failed.state, bool(failed.problem), nothing_half(report)) == (Build.FAILED, True, True)
        ask(cast, report)
        wait_until(lambda: stored(report).state != State.BUILDING)

    assert is_sound(report)


@PHASES
def test_a_killed_build_that_was_asked_for_again_does_not_come_back(cast, report, phase):
    first_build = ask(cast, report)
    with worker() as first:
        wait_until(lambda: is_in(first_build, phase))
        kill(first)
    stored(report).cancel(by=cast.actor("project_group"))
    second_build = ask(cast, report)
    with worker():
        tasks.wake(first_build.pk)  # what the broker still had of the first
        wait_until(lambda: stored(report).state != State.BUILDING)

    assert is_sound(report)
    assert ReportBuild.objects.get(pk=first_build.pk).state == Build.CANCELLED
    assert {row.build_id for row in ReportDocument.objects.filter(report=report)} == {second_build.pk}


@PHASES
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to cut")
def test_a_build_whose_database_goes_away_ends_built_or_failed(cast, report, phase):
    """As a restart of PostgreSQL does it, for this test's own database alone."""
    build = ask(cast, report)
    with worker():
        wait_until(lambda: is_in(build, phase))
        cut_other_connections()
        wait_until(lambda: has_ended(build) or has_fallen_silent(build))
        be_silent(build)
        tasks.sweep_builds()
        wait_until(lambda: stored(report).state != State.BUILDING)
        assert nothing_half(report)
        if stored(report).state == State.DRAFT:
            assert ReportBuild.objects.get(pk=build.pk).problem
            ask(cast, report)
            wait_until(lambda: stored(report).state != State.BUILDING)

    assert is_sound(report)


TROUBLES = pytest.mark.parametrize("trouble", ["stopped", "frozen", "emptied"])
AS_IN_PRODUCTION = ("--pool", "prefork", "--concurrency", "1", "--queues", "reports")


def hand_out(build, broker):
    """Put it into that broker's queue; a second time as one does that has heard no thanks."""
    with Connection(broker.url, transport_options=app.conf.broker_transport_options) as queue:
        tasks.build_report.apply_async([build.pk], connection=queue)


def build_with(cast, report, broker):
    stored(report).build(by=cast.actor("project_group"))
    build = report.latest_build()
    hand_out(build, broker)
    return build


@TROUBLES
def test_a_build_goes_on_while_the_queue_is_away_and_is_built_once(cast, report, tmp_path, trouble):
    """Then the queue hands it out again, and the next build is asked for."""
    with OwnRedis(tmp_path) as broker, worker(*AS_IN_PRODUCTION, REDIS_URL=broker.url):
        first = build_with(cast, report, broker)
        wait_until(lambda: is_in(first, Phase.PUBLIC))
        with getattr(broker, trouble)():
            wait_until(lambda: stored(report).state != State.BUILDING)
        assert is_sound(report)
        hand_out(first, broker)
        stored(report).reopen(by=cast.actor("project_group"))
        second = build_with(cast, report, broker)
        wait_until(lambda: has_ended(second))

    assert is_sound(report)
    states = {build.pk: build.state for build in ReportBuild.objects.filter(report=report)}
    assert states == {first.pk: Build.DONE, second.pk: Build.DONE}
    assert {row.build_id for row in ReportDocument.objects.filter(report=report)} == {second.pk}


def test_a_build_that_ended_with_its_queue_would_be_noticed(cast, report, tmp_path):
    """The negative control."""
    with OwnRedis(tmp_path) as broker, worker(*AS_IN_PRODUCTION, REDIS_URL=broker.url, TEST_CANCELLING=1):
        build = build_with(cast, report, broker)
        wait_until(lambda: is_in(build, Phase.PUBLIC))
        with broker.stopped():
            wait_until(lambda: has_fallen_silent(build))
        assert stored(report).state == State.BUILDING


def cut_other_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchall()


def has_ended(build):
    return ReportBuild.objects.get(pk=build.pk).state not in ReportBuild.ALIVE


def has_fallen_silent(build, seconds=10):
    seen_at = ReportBuild.objects.get(pk=build.pk).seen_at
    return seen_at < timezone.now() - timedelta(seconds=seconds)


def test_a_final_report_says_the_same_whatever_happens_to_the_data(cast, client):
    """Its bytes, its preview and its projections; a later build of the same data leaves them alone, too."""
    final = reports.final(cast)
    before = {row.seal_name: row.sha256 for row in [*final.reportdocuments.all(), *final.projections.all()]}
    Measure.objects.update(title="Ganz anders", progress=99)
    reports.ready(cast, reports.draft(cast))

    again = stored(final)
    after = {row.seal_name: row.sha256 for row in [*again.reportdocuments.all(), *again.projections.all()]}
    assert before == after == again.seal
    client.force_login(cast.reader)
    assert "Ganz anders" not in client.get(again.get_absolute_url()).content.decode()


@pytest.mark.parametrize("variant", ["public", "nonpublic"])
def test_a_projection_that_was_tampered_with_is_found_by_verifying_and_by_downloading(cast, client, variant):
    final = reports.final(cast)
    row = final.projections.get(variant=variant)
    Projection.objects.filter(pk=row.pk).update(content=bytes(row.content).replace(b"1", b"2", 1))

    assert f"{variant}/projection: not the bytes that were stored" in damages(stored(final))
    client.force_login(cast.project_group)
    assert client.get(f"{final.get_absolute_url()}pdf/?variant={variant}").status_code == 500
