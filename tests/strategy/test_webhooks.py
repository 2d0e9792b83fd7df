"""Other programs are told of steps: signed, once each, again after trouble, and nothing they may not know."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from measures.models import Measure, Need
from strategy import events, webhooks
from strategy.models import Role, User, Webhook, WebhookDelivery
from strategy.tasks import sweep_webhooks
from strategy.workflow import Workflow
from tests.canaries import CANARIES
from tests.pages import browser_of
from tests.processes import kill, running, wait_until
from tests.reporting import reports
from tests.world import World, undone

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def hook(world):
    world.webhook.kinds = list(events.KINDS)
    world.webhook.save()
    return world.webhook


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """With a certificate for localhost that this test's portal trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = timezone.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (tmp_path / "certificate.pem").write_bytes(made.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return tmp_path


@pytest.fixture
def inside(settings):
    settings.WEBHOOKS_INSIDE = True


@contextmanager
def receiver(folder, hook, *answers):
    """The webhook's address as a real server; gives what it has taken so far."""
    for old in ("port", "taken"):
        (folder / old).unlink(missing_ok=True)
    with running("tests.strategy.receiver", str(folder), *answers):
        wait_until(lambda: (folder / "port").exists() and (folder / "port").read_text())
        Webhook.objects.filter(pk=hook.pk).update(url=f"https://localhost:{(folder / 'port').read_text()}/in?a=b")
        yield lambda: [json.loads(line) for line in lines_of(folder / "taken")]


def lines_of(file):
    return [line for line in file.read_text().splitlines() if line.endswith("}")] if file.exists() else []


def put(hook, number=0):
    body = json.dumps({"type": "test", "number": number})
    return WebhookDelivery.objects.create(strategy=hook.strategy, webhook=hook, kind="test", body=body)


def verified(heard, secret):
    """As a receiver verifies by the words of docs/api.md."""
    headers = heard["headers"]
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{heard['body']}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{wanted}") for one in headers["webhook-signature"].split())


# What is told


def bodies(hook):
    return [json.loads(row.body) for row in hook.deliveries.order_by("pk")]


def test_a_step_of_a_decided_measure_is_told_with_kind_code_and_state_alone(world, hook):
    measure = world.measure(Measure.State.DECIDED)
    hook.deliveries.all().delete()
    measure.start(by=world.actor("project_group"))

    (body,) = bodies(hook)
    entry = measure.transitions.last()
    assert body == {
        "type": "measure.start",
        "timestamp": entry.at.isoformat(),
        "data": {
            "kind": "measure",
            "code": measure.code,
            "state": "running",
            "strategy": world.strategy.slug,
            "url": f"http://127.0.0.1:8000{measure.get_absolute_url()}",
        },
    }


def test_what_no_reader_sees_is_told_to_nobody(world, hook):
    world.measure(Measure.State.IN_REVIEW)
    world.measure(Measure.State.AGREED)
    world.need(Need.State.ANSWERED)
    for name in ("ranking_published", "own_indicator_value"):
        getattr(world, name)
    reports.submitted(world)

    assert {body["data"]["kind"] for body in bodies(hook)} <= {"measure"}
    for body in bodies(hook):
        assert Measure.objects.get(code=body["data"]["code"]).decided_on is not None


def test_no_secret_and_no_typed_word_is_in_any_event(world, hook):
    words = [word for canary in CANARIES.values() for word in canary.plant(world).words]
    running = world.measure(Measure.State.RUNNING)
    running.pause(by=world.actor("steering_team"), reason="Kanarienvogel im Grund")

    told = "".join(row.body for row in hook.deliveries.all())
    assert running.code in told
    assert [word for word in words if word in told] == []
    assert running.title not in told


def test_every_kind_of_event_is_of_a_model_readers_can_be_asked_about():
    for model, telling in events._TOLD.items():
        assert issubclass(model, Workflow)
        for verb, kind in telling.verbs.items():
            assert getattr(model, verb).is_transition
            assert kind in events.KINDS


def test_reports_are_told_when_they_are_final(world, hook):
    report = reports.final(world)
    report.release(by=world.actor("project_group"))

    assert [body["type"] for body in bodies(hook) if body["data"]["kind"] == "councilreport"] == [
        "report.finalise",
        "report.release",
    ]


def test_a_webhook_is_told_of_what_it_asked_for_in_its_own_strategy(world, hook):
    hook.kinds = ["report"]
    hook.save()
    World("X", "Z").measure(Measure.State.RUNNING)
    world.measure(Measure.State.RUNNING)

    assert not hook.deliveries.exists()


def test_a_step_that_fails_is_not_told(world, hook):
    measure = world.measure(Measure.State.DECIDED)
    before = hook.deliveries.count()

    with transaction.atomic():
        measure.start(by=world.actor("project_group"))
        transaction.set_rollback(True)

    assert hook.deliveries.count() == before


# How it is told


def test_an_event_arrives_signed_and_nothing_of_the_answer_is_kept(hook, folder, inside):
    with receiver(folder, hook) as taken:
        row = put(hook)
        assert webhooks.deliver(hook.pk) == 1

    (heard,) = taken()
    row.refresh_from_db()
    assert (row.state, row.status, row.attempts, row.problem) == (State.DELIVERED, 200, 1, "")
    assert heard["path"] == "/in?a=b"
    assert heard["headers"]["webhook-id"] == str(row.event)
    assert verified(heard, hook.secret)
    assert not verified(heard | {"body": heard["body"] + " "}, hook.secret)
    assert not verified(heard, Webhook(salt="other").secret)
    assert "SECRET" not in str(WebhookDelivery.objects.values().get(pk=row.pk))


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [("500", 500, ""), ("410", 410, ""), ("elsewhere", 307, ""), ("hang", None, "No answer in time.")],
)
def test_what_is_not_taken_is_tried_again_as_the_same_event(answer, status, problem, hook, folder, inside, monkeypatch):
    monkeypatch.setattr(webhooks, "LONGEST_TRY", 1)
    with receiver(folder, hook, answer, "200") as taken:
        row = put(hook)
        assert webhooks.deliver(hook.pk) == 0
        row.refresh_from_db()
        assert (row.state, row.status, row.attempts) == (State.WAITING, status, 1)
        assert bool(row.problem) == bool(problem)
        assert webhooks.deliver(hook.pk) == 0  # the pause has not ended
        assert webhooks.deliver(hook.pk, timezone.now() + timedelta(minutes=2)) == 1

    row.refresh_from_db()
    assert row.state == State.DELIVERED
    assert [heard["headers"]["webhook-id"] for heard in taken()] == [str(row.event)] * 2
    assert {heard["path"] for heard in taken()} == {"/in?a=b"}


def test_who_answers_drop_by_drop_is_hung_up_on(hook, folder, inside, monkeypatch):
    monkeypatch.setattr(webhooks, "LONGEST_TRY", 2)
    with receiver(folder, hook, "drip"):
        row = put(hook)
        started = timezone.now()
        webhooks.deliver(hook.pk)

    row.refresh_from_db()
    assert (row.state, row.status) == (State.WAITING, None)
    assert timezone.now() - started < timedelta(seconds=30)


def test_pauses_grow_and_at_last_it_is_given_up_and_can_be_sent_again(hook, world):
    row, at, pauses = put(hook), timezone.now(), []
    for _attempt in range(WebhookDelivery.MOST_ATTEMPTS):
        (leased,) = WebhookDelivery.objects.lease(hook, at)
        leased.postpone(500, "", at)
        row.refresh_from_db()
        pauses.append((row.not_before - at).total_seconds() // 60)
        at = row.not_before

    assert pauses[:-1] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert row.state == State.GIVEN_UP
    with pytest.raises(PermissionDenied):
        WebhookDelivery.objects.resend(by=world.actor("project_group"), webhook=hook)
    assert WebhookDelivery.objects.resend(by=world.actor("administrator"), webhook=hook) == 1
    assert [leased.event for leased in WebhookDelivery.objects.lease(hook)] == [row.event]


def test_events_go_out_in_their_order_and_one_in_trouble_holds_up_no_other(hook, folder, inside):
    with receiver(folder, hook, "500", "200") as taken:
        rows = [put(hook, number) for number in range(5)]
        webhooks.deliver(hook.pk)

    assert [heard["headers"]["webhook-id"] for heard in taken()] == [str(row.event) for row in rows]
    assert (
        list(hook.deliveries.order_by("pk").values_list("state", flat=True)) == [State.WAITING] + [State.DELIVERED] * 4
    )


def test_while_it_pauses_events_wait_and_old_ones_are_given_up(hook):
    row, old = put(hook), put(hook)
    Webhook.objects.filter(pk=hook.pk).update(is_active=False)
    WebhookDelivery.objects.filter(pk=old.pk).update(queued_at=timezone.now() - timedelta(days=4))

    assert webhooks.deliver(hook.pk) == 0
    sweep_webhooks()

    row.refresh_from_db(), old.refresh_from_db()
    assert (row.state, old.state) == (State.WAITING, State.GIVEN_UP)


def test_for_a_day_after_a_new_secret_both_are_good(hook, world):
    old = hook.secret
    new = hook.rotate(by=world.actor("administrator"))
    now, later = timezone.now(), timezone.now() + timedelta(days=1, minutes=1)

    assert hook.secrets(now) == [new, old]
    assert hook.secrets(later) == [new]
    with pytest.raises(PermissionDenied):
        hook.rotate(by=world.actor("project_group"))


def test_no_secret_stands_in_the_database(hook):
    stored = str([*Webhook.objects.values(), *Webhook.changes.values()])

    assert hook.secret.removeprefix("whsec_") not in stored
    assert len(base64.b64decode(hook.secret.removeprefix("whsec_"))) == 32


# Where it is told


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.1/",
        "https://169.254.169.254/latest/meta-data/", "https://[fe80::1]/", "https://[fd00::1]/", "https://0.0.0.0/",
        "https://100.64.0.1/", "https://224.0.0.1/", "https://[2002:7f00:1::]/", "https://255.255.255.255/",
        "https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[64:ff9b:1::1]/", "https://[::7f00:1]/",
        "https://[fec0::1]/", "https://[ff02::1]/",
    ],
)  # fmt: skip
def test_nothing_is_sent_into_the_own_network(url, hook, monkeypatch):
    monkeypatch.setattr(webhooks.socket, "create_connection", lambda *_: pytest.fail("connected"))

    with pytest.raises(webhooks.NotAllowedError):
        webhooks.post(url, b"{}", {})


@pytest.mark.parametrize(
    "text", ["93.184.216.34", "2a00:1450:4001:82a::200e", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_what_lies_outside_is_told(text):
    assert webhooks.is_public(text)


def test_a_name_that_also_means_a_machine_inside_is_refused_and_looked_up_once(monkeypatch):
    asked = []

    def look_up(host, port, **options):
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(webhooks.socket, "getaddrinfo", look_up)
    monkeypatch.setattr(webhooks.socket, "create_connection", lambda *_: pytest.fail("connected"))

    with pytest.raises(webhooks.NotAllowedError):
        webhooks.post("https://both.example/", b"{}", {})
    assert asked == ["both.example"]


@pytest.mark.usefixtures("inside")
def test_an_address_with_letters_of_its_own_is_told(hook, folder):
    with receiver(folder, hook) as taken:
        at = Webhook.objects.get(pk=hook.pk).url.partition("/in")[0]
        Webhook.objects.filter(pk=hook.pk).update(url=f"{at}/Maßnahmen?Stück=ü%20")
        put(hook)

        assert webhooks.deliver(hook.pk) == 1
        assert [heard["path"] for heard in taken()] == ["/Ma%C3%9Fnahmen?St%C3%BCck=%C3%BC%20"]


@pytest.mark.parametrize("url", ["http://hub.example/", "ftp://hub.example/", "https://u:p@hub.example/", "https:///x"])
def test_nothing_is_sent_without_https_or_with_a_password(url):
    with pytest.raises(webhooks.NotAllowedError):
        webhooks.post(url, b"{}", {})


def test_a_server_that_cannot_prove_its_name_is_told_nothing(hook, folder, inside, monkeypatch):
    with receiver(folder, hook) as taken:
        monkeypatch.delenv("SSL_CERT_FILE")
        row = put(hook)
        webhooks.deliver(hook.pk)

    row.refresh_from_db()
    assert (row.state, taken()) == (State.WAITING, [])


# Faults


@pytest.mark.django_db(transaction=True)
def test_workers_killed_lose_nothing_and_repeat_recognisably(folder):
    world = World()
    hook = world.webhook
    rows = [put(hook, number) for number in range(60)]
    with receiver(folder, hook, "slow") as taken:
        for target in (5, 20, 40):
            with running("tests.strategy.webhook_sender", str(hook.pk), WEBHOOKS_INSIDE="true") as program:
                wait_until(lambda target=target: len(taken()) >= target, pause=0.005)
                kill(program)
            WebhookDelivery.objects.waiting().update(leased_until=timezone.now())
        with running("tests.strategy.webhook_sender", str(hook.pk), WEBHOOKS_INSIDE="true"):
            wait_until(lambda: not WebhookDelivery.objects.waiting().exists(), pause=0.1)

    heard = Counter(one["headers"]["webhook-id"] for one in taken())
    assert set(heard) == {str(row.event) for row in rows}
    assert sum(heard.values()) - len(rows) <= 3
    assert set(hook.deliveries.values_list("state", flat=True)) == {State.DELIVERED}


def test_two_workers_at_once_take_different_events(hook):
    rows = [put(hook, number) for number in range(15)]

    first, second = WebhookDelivery.objects.lease(hook), WebhookDelivery.objects.lease(hook)

    assert [row.pk for row in first + second] == [row.pk for row in rows]


def test_a_worker_whose_lease_has_ended_sends_and_settles_nothing(hook):
    put(hook)
    (late,) = WebhookDelivery.objects.lease(hook)
    (taker,) = WebhookDelivery.objects.lease(hook, timezone.now() + timedelta(minutes=6))

    assert webhooks.send(hook, late) is False
    late.delivered(200, timezone.now())
    late.refresh_from_db()
    assert (late.state, late.lease) == (State.WAITING, taker.lease)


# The pages


def page(world, name="webhook", *more):
    return reverse(f"strategy:{name}", args=[world.strategy.slug, *more])


def test_a_new_webhook_shows_its_secret_once(world):
    admin = browser_of(world.administrator)
    typed = {
        "name": "Hub",
        "url": "https://hub.example/in",
        "kinds": ["measure"],
        "is_active": "on",
        "token": str(uuid4()),
    }

    shown = admin.post(page(world, "webhook-create"), typed)
    again = admin.post(page(world, "webhook-create"), typed)

    hook = Webhook.objects.get()
    assert hook.secret in shown.content.decode()
    assert again.status_code == 302
    for url in (page(world, "webhooks"), page(world, "webhook", hook.pk), page(world, "webhook-rotate", hook.pk)):
        assert hook.secret not in admin.get(url).content.decode()


@pytest.mark.parametrize("url", ["http://hub.example/", "https://u:p@hub.example/", "javascript:alert(1)", "hub"])
def test_an_address_that_will_not_be_told_is_refused_at_its_field(url, world):
    answer = browser_of(world.administrator).post(
        page(world, "webhook-create"), {"name": "Hub", "url": url, "kinds": ["measure"], "token": str(uuid4())}
    )

    assert set(answer.context["form"].errors) == {"url"}
    assert url in answer.content.decode()


def test_test_event_rotation_pause_and_deletion_go_by_the_page(world, hook):
    admin = browser_of(world.administrator)
    first = hook.secret

    admin.post(page(world, "webhook-test", hook.pk), {"token": str(uuid4())})
    rotated = admin.post(page(world, "webhook-rotate", hook.pk), {"token": str(uuid4())})
    hook.refresh_from_db()
    log = admin.get(page(world, "webhook", hook.pk)).content.decode()

    assert bodies(hook)[0]["type"] == "test"
    assert first != hook.secret
    assert hook.secret in rotated.content.decode()
    assert "<b>Test event</b> <code>test</code>" in log
    assert first not in log
    typed = {"name": "Hub", "url": hook.url, "kinds": ["report"]}
    assert admin.post(page(world, "webhook", hook.pk), typed).status_code == 302
    hook.refresh_from_db()
    assert (hook.is_active, hook.kinds) == (False, ["report"])
    assert admin.post(page(world, "webhook-delete", hook.pk), {"token": str(uuid4())}).status_code == 302
    assert not Webhook.objects.exists()


def test_the_log_asks_the_same_however_long_it_is(world, hook):
    admin = browser_of(world.administrator)
    counts = []
    for number in (1, 30):
        for _row in range(number):
            put(hook)
        with CaptureQueriesContext(connection) as asked:
            admin.get(page(world, "webhook", hook.pk))
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_the_onlooker_sees_what_a_reader_sees(world):
    """The negative control of what is told: an onlooker of another role would be told more."""
    measure, other = world.measure(Measure.State.IN_REVIEW), world.measure(Measure.State.DECIDED)
    onlooker = events.onlooker(world.strategy.pk)

    assert [onlooker.has_perm("measures.view_measure", one) for one in (measure, other)] == [False, True]
    assert [world.actor("reader").has_perm("measures.view_measure", one) for one in (measure, other)] == [False, True]
    assert isinstance(onlooker.user, User)
    assert onlooker.memberships[0].role == Role.READER
    with undone():
        assert world.actor("steering_team").has_perm("measures.view_measure", measure)
