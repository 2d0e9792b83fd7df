"""A sender in a process of its own, to be killed: ``python -m tests.strategy.sender [careless]``.

The careless one notes what it has sent only when the batch is done: with it the tests have to fail.
"""

import sys
import time

import django

django.setup()

from strategy.delivery import Batch, deliver  # noqa: E402  needs the settings
from strategy.models import OutgoingMail  # noqa: E402


def be_careless():
    send, note = Batch.send, OutgoingMail.sent

    def send_then_note(batch, end):
        taken = []
        OutgoingMail.sent = lambda mail, at: taken.append((mail, at))
        batch.connection.open()
        for row in batch.mails:
            batch.hand_over(row)
        for mail, at in taken:
            note(mail, at)

    Batch.send = send_then_note
    return send


if __name__ == "__main__":
    if "careless" in sys.argv:
        be_careless()
    while True:
        deliver()
        time.sleep(0.05)
