"""Work of the queue ``maintenance``: what is due is asked of the database, the verb insists on the rest."""

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError

from measures.models import ImportRun, RankingRound
from strategy.actor import Actor
from strategy.workflow import RuleViolation

log = structlog.get_logger(__name__)


@shared_task
def sweep_rankings():
    """Open and close the rounds whose time has come, each by itself: one that fails stops no other."""
    for pk in RankingRound.objects.due_to_open().values_list("pk", flat=True):
        open_ranking.delay(pk)
    for pk in RankingRound.objects.due_to_close().values_list("pk", flat=True):
        close_ranking.delay(pk)


@shared_task
def open_ranking(pk):
    if due := RankingRound.objects.due_to_open().filter(pk=pk).select_related("strategy").first():
        try:
            due.open(by=Actor.system(due.strategy))
        except RuleViolation as refusal:  # the project group reads on its page what is missing
            log.warning("ranking_not_opened", ranking=pk, reasons=refusal.messages)


@shared_task
def close_ranking(pk):
    if due := RankingRound.objects.due_to_close().filter(pk=pk).select_related("strategy").first():
        try:
            due.close(by=Actor.system(due.strategy))
        except RuleViolation as refusal:  # somebody was quicker
            log.info("ranking_not_closed", ranking=pk, reasons=refusal.messages)


IMPORT_LIMIT = 8 * 60  # seconds


@shared_task(time_limit=IMPORT_LIMIT)
def work_on_import(pk):
    from measures.exchange import running  # loads what reads workbooks

    running.work(pk)


def wake_import(pk):
    """Hand an uploaded table to a worker. False where the queue cannot be reached: then the sweep does it later."""
    try:
        work_on_import.delay(pk)
    except OperationalError:
        log.warning("queue_unreachable", import_run=str(pk))
        return False
    return True


@shared_task
def sweep_imports():
    """Wake tables that no worker has taken, give up those whose worker is gone."""
    from measures.exchange import running  # loads what reads workbooks

    for pk in ImportRun.objects.waiting_too_long().values_list("pk", flat=True):
        wake_import(str(pk))
    for run in ImportRun.objects.lost():
        running.give_up_lost(run)
