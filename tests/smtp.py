"""A real mail server in a process of its own: it keeps what it takes, and fails the way it is told to.

``python -m tests.smtp PORT FOLDER`` serves; each mail taken is a line of JSON in FOLDER/taken. Mail to ``refused…@`` is
refused for good, to ``later…@`` for as long as FOLDER/greylisting is there; to ``hang-up…@`` the server takes the mail
and hangs up without a word. While FOLDER/closed is there it greets nobody, with FOLDER/slow it takes its time.
"""

import asyncio
import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP

from tests.services import free_port, wait_for

CLOSING = "421 4.3.2 closing for a while"


class Mailbox:
    """What happens to each mail; aiosmtpd gives the methods their names."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.taken = (self.folder / "taken").open("a")

    def is_told(self, trouble):
        return (self.folder / trouble).exists()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        session.host_name = hostname
        return [CLOSING] if self.is_told("closed") else responses

    async def handle_HELO(self, server, session, envelope, hostname):  # noqa: N802
        session.host_name = hostname
        return CLOSING if self.is_told("closed") else "250 here"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("refused"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later") and self.is_told("greylisting"):
            return "451 4.7.1 come back in a while"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.is_told("slow"):
            await asyncio.sleep(0.005)
        message = message_from_bytes(envelope.content, policy=policy.default)
        line = {"to": envelope.rcpt_tos, "shown": message["To"], "id": message["Message-ID"]}
        line["subject"] = message["Subject"]
        self.taken.write(json.dumps(line) + "\n")
        self.taken.flush()
        if envelope.rcpt_tos[0].startswith("hang-up"):
            server.transport.close()
        return "250 taken"


async def serve(port, folder):
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, enable_SMTPUTF8=False), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


class MailServer:
    """The server as a test sees it; it runs inside ``with``."""

    def __init__(self, folder, port=None):
        self.folder, self.port = Path(folder), port or free_port()

    def __enter__(self):
        self.program = subprocess.Popen([sys.executable, "-m", "tests.smtp", str(self.port), str(self.folder)])
        wait_for(self.ping, OSError)
        return self

    def __exit__(self, *exception):
        self.program.terminate()
        self.program.wait()

    def ping(self):
        socket.create_connection(("127.0.0.1", self.port), timeout=1).close()

    @contextmanager
    def trouble(self, name):
        """For a while the server fails that way."""
        (self.folder / name).touch()
        try:
            yield
        finally:
            (self.folder / name).unlink()

    def taken(self):
        """All mails the server has ever taken, in their order."""
        file = self.folder / "taken"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def settings(self):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
            "EMAIL_TIMEOUT": 5,
        }


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
