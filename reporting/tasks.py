"""Work of the queue ``reports``. The web process only wakes it: what loads the typesetter is imported by the worker."""

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from reporting.models import ReportBuild

log = structlog.get_logger(__name__)

SOFT_LIMIT, HARD_LIMIT = 180, 240  # seconds; what is silent for longer than the hard limit has been killed


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def build_report(build_id):
    from reporting import building  # loads WeasyPrint

    building.run(build_id)


@shared_task
def sweep_builds():
    """Wake builds that no worker has taken; return those whose worker is gone to their authors."""
    for build in ReportBuild.objects.waiting_too_long():
        wake(build.pk)
    for build in ReportBuild.objects.lost():
        give_up_lost_build.delay(build.pk)


@shared_task
def give_up_lost_build(build_id):
    from reporting import building  # loads WeasyPrint

    if build := ReportBuild.objects.lost().filter(pk=build_id).first():
        building.give_up_lost(build)


def wake(build_id):
    """Hand a build to a worker. False where the queue cannot be reached: then the sweep does it later."""
    try:
        build_report.delay(build_id)
    except OperationalError:
        log.warning("queue_unreachable", build=build_id)
        return False
    return True
