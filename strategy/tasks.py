from celery import shared_task

from strategy.models import OutgoingMail


@shared_task
def send_mail():
    """Send what waits in the outbox."""
    return OutgoingMail.send_due()
