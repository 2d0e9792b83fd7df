"""Brings events to other programs: signed, over https to public addresses only, without following anybody elsewhere.

As with mails a crash loses nothing: what was leased is free again when the lease ends. It can repeat the one event
between the answer and the commit, and the repeat bears the same ``webhook-id``.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from strategy.models import Webhook, WebhookDelivery

log = structlog.get_logger(__name__)

LONGEST_RUN = 45  # seconds; the next wake-up goes on
LONGEST_TRY = 10  # for one event from the first packet to the status
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class NotAllowedError(Exception):
    """The address leads where the portal sends nothing."""


def deliver(hook_id, at=None):
    """Send what is due to one webhook until nothing is left, or a while has passed. Returns how many arrived."""
    hook = Webhook.objects.select_related("strategy").filter(pk=hook_id, is_active=True).first()
    end, arrived = time.monotonic() + LONGEST_RUN, 0
    while hook and time.monotonic() < end and (leased := WebhookDelivery.objects.lease(hook, at)):
        for row in leased:
            if time.monotonic() < end:
                arrived += send(hook, row, at)
            else:
                row.release()
    return arrived


def send(hook, row, at=None):
    """Whether the event has been taken. What becomes of it is written at once."""
    if not row.is_still_ours(at or timezone.now()):
        return False
    status, problem = None, ""
    try:
        status = post(hook.url, row.body.encode(), signed(hook, row, at or timezone.now()))
    except NotAllowedError as refusal:
        problem = str(refusal)
    except TimeoutError:
        problem = _("No answer in time.")
    except (OSError, http.client.HTTPException) as trouble:  # ssl's errors are OSErrors as well
        problem = _("Could not be reached: %(problem)s") % {"problem": type(trouble).__name__}
    is_taken = status is not None and status // 100 == 2
    if is_taken:
        row.delivered(status, timezone.now())
    else:
        row.postpone(status, problem, at or timezone.now())
        log.warning("webhook_refused", webhook=hook.pk, delivery=row.pk, status=status)
    return is_taken


def signed(hook, row, at):
    """The headers of Standard Webhooks: id, moment of sending, a signature by each secret that holds."""
    stamp = str(int(at.timestamp()))
    told = f"{row.event}.{stamp}.{row.body}".encode()
    signatures = [signature_of(secret, told) for secret in hook.secrets(at)]
    return {
        "webhook-id": str(row.event),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
        "Content-Type": "application/json",
        "User-Agent": "worksttogether-webhook/1",
    }


def signature_of(secret, told):
    key = base64.b64decode(secret.removeprefix(Webhook.PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, told, hashlib.sha256)).decode()


def post(url, body, headers):
    """The status the address answers with; nothing else of the answer is read.

    Raises:
        NotAllowedError: no https, or a machine of the own network.
        OSError, http.client.HTTPException: it could not be reached, or did not answer in time.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise NotAllowedError(_("Only addresses with https:// are told."))
    place = resolved(parts.hostname, parts.port or 443)
    connection = Pinned(parts.hostname, parts.port or 443, place)
    with closed_in_time(connection):
        asked = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", iri_to_uri(asked), body, headers)
        return connection.getresponse().status


def resolved(host, port):
    """The network address that is connected to: looked up once, so that it is the one that was checked.

    A name that stands for a machine of the own network as well is refused altogether.
    """
    try:
        found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (socket.gaierror, UnicodeError) as problem:
        raise NotAllowedError(_("There is no such host.")) from problem
    if not settings.WEBHOOKS_INSIDE and not all(map(is_public, found)):
        raise NotAllowedError(_("This address lies within the own network."))
    return found[0]


def is_public(text):
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 6 and (inner := address.ipv4_mapped or address.sixtofour or translated(address)):
        return is_public(str(inner))
    is_old_inside = address.version == 6 and address.is_site_local  # global to Python, and to some networks their own
    return address.is_global and not (address.is_multicast or address.is_reserved or is_old_inside)


def translated(address):
    """The IPv4 address to which a gateway (NAT64, RFC 6052) leads."""
    return ipaddress.IPv4Address(address.packed[-4:]) if address in TRANSLATED else None


class Pinned(http.client.HTTPSConnection):
    """Connects to the address that was checked and proves the name that was asked for."""

    def __init__(self, host, port, place):
        super().__init__(host, port, timeout=LONGEST_TRY / 2, context=ssl.create_default_context())
        self.place = place

    def connect(self):
        plain = socket.create_connection((self.place, self.port), self.timeout)
        self.sock = plain  # so that it is closed where the other side does not go on
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


@contextmanager
def closed_in_time(connection):
    """Who answers drop by drop is hung up on."""
    is_late = threading.Event()

    def hang_up():
        is_late.set()
        if connection.sock:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)  # closing would leave a reader waiting

    clock = threading.Timer(LONGEST_TRY, hang_up)
    clock.start()
    try:
        yield
    except (OSError, ValueError, AttributeError, http.client.HTTPException) as trouble:
        raise TimeoutError if is_late.is_set() else trouble from trouble
    finally:
        clock.cancel()
        connection.close()
