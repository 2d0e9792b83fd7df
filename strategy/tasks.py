"""Work of the queues ``mail`` and ``maintenance``: beat wakes it, what is due stands in the database."""

import time

import structlog
from celery import shared_task
from django.utils import timezone

from strategy import audit, delivery, planner, retention, storage, webhooks
from strategy.models import KeptAnswer, RequestCount, Session, Strategy, Webhook, WebhookDelivery

log = structlog.get_logger(__name__)


@shared_task
def send_mail():
    """Send what waits in the outbox."""
    return delivery.deliver()


@shared_task
def sweep_reminders():
    """Start one task per strategy, so that one in trouble does not stop the others."""
    for pk in Strategy.objects.values_list("pk", flat=True):
        remind.delay(pk)


@shared_task
def sweep_sessions():
    """Forget the sessions that have ended, and with them on which device they were."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@shared_task
def remind(strategy_id):
    """Plan the reminders of a strategy and put what is due into the outbox."""
    strategy = Strategy.objects.filter(pk=strategy_id).first()
    if strategy is None:
        log.warning("strategy_gone", strategy=strategy_id)
        return
    if (outcome := planner.remind(strategy)) and outcome.faults:
        raise outcome.faults[0]  # the others have been told; somebody has to read the log


@shared_task
def tidy_api():
    """Forget answers that are kept for no repeat any more, and counts of who does not ask any more."""
    KeptAnswer.objects.expired().delete()
    RequestCount.objects.stale(int(time.time()) // 60).delete()


@shared_task
def sweep_webhooks():
    """Start one task per webhook with something to tell, so that a slow one does not stop the others."""
    WebhookDelivery.objects.expire()
    for pk in Webhook.objects.with_work().values_list("pk", flat=True):
        tell_webhook.delay(pk)


@shared_task
def tell_webhook(pk):
    """Send what waits for one webhook."""
    return webhooks.deliver(pk)


@shared_task
def seal_audit():
    """Make the audit trail's chain longer by what has happened since."""
    return audit.seal()


@shared_task
def sweep_files():
    """Delete the files no row names any more that are still there."""
    return storage.sweep()


@shared_task
def sweep_retention():
    """Forget whatever is older than its period."""
    return retention.sweep()


@shared_task
def check_audit():
    """Follow the audit trail's chain; what is broken goes to the log and to the administrator's page."""
    return len(audit.check().broken)
