"""Five hundred hostile requests and more: none succeeds, none is answered by a fault.

Each entry of ``INPUTS`` is a request as somebody would make it who means harm: injections into every question a page
takes, tricks with paths, bodies no form sends, forged keys, addresses that lead off the site, tables that are bombs,
pictures that are scripts. Those who may do most ask, those who may do least, and nobody. What counts as success for
the attacker stands in ``harm_of``.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import ClientHandler

from measures.models import Measure
from strategy.models import ApiToken
from tests.test_access_matrix import furnish
from tests.world import Door, World, everything_stored, undone

pytestmark = pytest.mark.django_db

SAMPLE = 7  # the fast run makes every seventh request
PEOPLE = ("project_group", "reader", "anonymous")
LEFT_OFF = (302, 400, 401, 403, 404, 405, 410, 412, 413, 415, 422, 428, 429)
PRODUCT = str(7907 * 7919)  # what an evaluated template would say
TRACES = (b"Traceback (most recent", b"psycopg.", b"django.db.utils", b"OperationalError", b"SyntaxError")
SCRIPTS = (b"<script>hostile", b"<img src=x onerror", b"<svg onload", b"javascript:hostile", b"{{7907")
FILES = (b"root:x:0:0", b"SECRET_KEY", b"BEGIN OPENSSH")


@dataclass(frozen=True)
class Input:
    """One request: its kind, where, how, with what. ``keeps_out`` where nobody may be let in or anything be kept."""

    kind: str
    path: str
    method: str = "GET"
    query: dict = field(default_factory=dict)
    body: bytes | dict | None = None
    content_type: str = ""
    headers: dict = field(default_factory=dict)
    who: tuple = PEOPLE
    keeps_out: bool = False


# Injections: into every question that a page takes

INJECTIONS = (
    "' OR '1'='1",
    "'; DROP TABLE strategy_user; --",
    "1; SELECT pg_sleep(30)--",
    "' UNION SELECT password FROM strategy_user--",
    "%' AND 1=CAST((SELECT password FROM strategy_user LIMIT 1) AS int)--",
    "\\",
    "%",
    "_" * 300,
    "<script>hostile()</script>",
    '"><img src=x onerror=hostile()>',
    "'><svg onload=hostile()>",
    "javascript:hostile()",
    "{{7907*7919}}",
    "{% debug %}",
    "${7907*7919}",
    "__import__('os').system('id')",
    "$(cat /etc/passwd)",
    "|cat /etc/passwd",
    "../../../../etc/passwd",
    "\x00",
    "a\x00b",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "\u202e\u2066",
    "１２３",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "\r\nX-Hostile: 1",
    '=HYPERLINK("http://hostile.example")',
    "*)(uid=*))(|(uid=*",
    "[$ne]",
    "password__startswith",
    "strategy__membership__user__password",
    "((((((((((a|b)*)*)*)*)*)*)*)*)*)*c",
)
QUESTIONS = (
    ("measures/", ("q", "ordering", "stage", "page")),
    ("search/", ("q", "kind")),
    ("needs/", ("q", "state")),
    ("history/", ("until",)),
    ("indicators/", ("q",)),
    ("resources/", ("year",)),
    ("timeline/", ("from",)),
    ("reports/", ("page",)),
    ("settings/audit/", ("first", "person")),
)


def injections():
    for page, names in QUESTIONS:
        for name in names:
            for text in INJECTIONS:
                yield Input("injection", page, query={name: text})


# Paths

TRICKS = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "..%252f..%252fetc/passwd",
    "..\\..\\..\\etc\\passwd",
    "%00/etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "..;/..;/etc/passwd",
    "%c0%ae%c0%ae/etc/passwd",
    ".env",
    ".git/config",
    "worksttogether/settings.py",
)
ROOTS = ("/static/", "/media/", "/pages/", "/calendar/", "{s}measures/", "{s}reports/", "{s}", "/api/v1/")


def paths():
    for root in ROOTS:
        for trick in TRICKS:
            yield Input("path", f"{root}{trick}", keeps_out=True)


# Bodies

DEEP = b'{"a":' * 3000 + b"1" + b"}" * 3000
BODIES = (
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"[" * 5000, "application/json"),
    (DEEP, "application/json"),
    (b"null", "application/json"),
    (b'"text"', "application/json"),
    (b'{"title": {"$ne": null}}', "application/json"),
    (b'{"title": NaN, "version": Infinity}', "application/json"),
    (b'{"title": "\\ud800", "goal": "\\u0000"}', "application/json"),
    (b'{"version": 1e400}', "application/json"),
    (b'{"version": ' + b"9" * 5000 + b"}", "application/json"),
    (b'{"title": "a", "title": "b"}', "application/json"),
    (b'{"__proto__": {"is_superuser": true}}', "application/json"),
    (b'\xff\xfe{"title": 1}', "application/json"),
    (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "application/xml"),
    (b"!!python/object/apply:os.system ['id']", "application/yaml"),
    (b"\x80\x04\x95\x10", "application/python-pickle"),
    (b"title=x&title=y&version=1", "text/plain"),
    (b"title=%FF%FE&goal=%00", "application/x-www-form-urlencoded"),
    (b"&".join(b"a%d=1" % number for number in range(2000)), "application/x-www-form-urlencoded"),
    (b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n', "multipart/form-data; boundary=x"),
    (b"garbage", "multipart/form-data"),
    (b"garbage", "multipart/form-data; boundary=" + "b" * 500),
    (b"garbage", "\x00/\x00"),
    (b"title=x", "application/x-www-form-urlencoded; charset=hostile"),
)
TARGETS = (
    ("measures/new/", "POST"),
    ("measures/{code}/edit/", "POST"),
    ("settings/retention/", "POST"),
    ("{api}measures/", "POST"),
    ("{api}measures/{code}/", "PATCH"),
)


def bodies():
    for target, method in TARGETS:
        for body, content_type in BODIES:
            yield Input("body", target, method, body=body, content_type=content_type, keeps_out=True)


# Keys

KEYS = (
    "",
    "Bearer",
    "Bearer ",
    "Bearer null",
    "Bearer wst_",
    "Bearer wst_" + "A" * 43,
    "Bearer wst_" + "A" * 5000,
    "Bearer {key}x",
    "Bearer {half}",
    "bearer {hash}",
    "Bearer {expired}",
    "Bearer {closed}",
    "Bearer ' OR key_hash LIKE '%",
    "Bearer \xff\xfe",
    "Basic cHJvamVrdGdydXBwZTpkZW1v",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    "Token {key}",
)


def keys():
    for header in KEYS:
        for path, method in (("{api}measures/", "GET"), ("{api}measures/{code}/", "PATCH")):
            told = {"authorization": header}
            yield Input("key", path, method, headers=told, who=("anonymous",), body=b"{}", keeps_out=True)
    forged = ("0", "' OR 1=1--", "x" * 200, "eyJ1IjoxfQ:1abc:forged", "../x", "a" * 32)
    for secret in forged:
        for path in (f"/calendar/{secret}.ics", f"/calendar/{secret}/x.atom", f"/accounts/status/{secret}/"):
            yield Input("key", path, who=("anonymous",), keeps_out=True)
        yield Input("key", "measures/", headers={"cookie": f"sessionid={secret}"}, who=("anonymous",), keeps_out=True)


# Addresses off the site, and headers

ELSEWHERE = (
    "https://hostile.example/",
    "//hostile.example",
    "///hostile.example",
    "\\\\hostile.example",
    "/\\hostile.example",
    "https:hostile.example",
    "http:///hostile.example",
    "javascript:hostile()",
    "data:text/html,<script>hostile()</script>",
    "/%0d%0aX-Hostile: 1",
    "\thttps://hostile.example",
    "https://testserver@hostile.example/",
    "//testserver.hostile.example/",
    "\x00//hostile.example",
)
HEADERS = (
    {"accept-language": "de, " * 2000},
    {"accept-language": "../../etc/passwd"},
    {"accept-language": "\r\nX-Hostile: 1"},
    {"x-forwarded-host": "hostile.example"},
    {"x-forwarded-proto": "javascript"},
    {"x-original-url": "/admin/"},
    {"x-http-method-override": "DELETE"},
    {"range": "bytes=0-18446744073709551615"},
    {"if-match": "*" * 5000},
    {"if-modified-since": "Fri, 99 Foo 9999 99:99:99 GMT"},
    {"hx-request": "true", "hx-target": "<script>hostile()</script>"},
    {"hx-current-url": "javascript:hostile()"},
    {"cookie": "django_language=../../../etc/passwd"},
    {"cookie": "csrftoken=" + "<" * 500 + "; sessionid=\x01"},
    {"content-length": "-1"},
    {"referer": "https://hostile.example/"},
    {"user-agent": "() { :; }; cat /etc/passwd"},
)


def elsewhere():
    for target in ELSEWHERE:
        yield Input("elsewhere", "/language/", "POST", body={"language": "en", "next": target})
        yield Input("elsewhere", "/act-as/", "POST", body={"deputyship": "", "next": target})
        yield Input("elsewhere", "/accounts/login/", query={"next": target}, who=("anonymous", "reader"))
        yield Input("elsewhere", "/accounts/logout/", "POST", body={"next": target}, who=("reader",))
    for headers in HEADERS:
        yield Input("header", "measures/", headers=headers)
        yield Input("header", "{api}measures/", headers=headers)


# Files

PIXEL = b"\x89PNG\r\n\x1a\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>hostile()</script></svg>'


def archive(entries, *, padding=0):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in entries.items():
            file.writestr(name, text)
        if padding:
            file.writestr("xl/worksheets/sheet1.xml", b"0" * padding)
    return packed.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
)
OFFICE = {"[Content_Types].xml": "<Types/>"}
UPLOADS = {
    "bild.svg": SVG,
    "bild.png": SVG,
    "seite.html": b"<script>hostile()</script>",
    "seite.pdf": b"<html><script>hostile()</script>",
    "bild.jpg": b"GIF89a/*<script>hostile()</script>*/=1",
    "programm.exe": b"MZ\x90\x00",
    "skript.txt": b"#!/bin/sh\x00",
    "leer.pdf": b"",
    "../../../etc/cron.d/x.sh": b"* * * * * root id",
    "makros.xlsx": archive(OFFICE | {"xl/workbook.xml": "", "xl/vbaProject.bin": "x"}),
    "bombe.xlsx": archive(OFFICE | {"xl/workbook.xml": ""}, padding=30_000_000),
    "viele.xlsx": archive({f"xl/{number}.xml": "" for number in range(3000)} | OFFICE),
    "entitaeten.xlsx": archive(OFFICE | {"xl/workbook.xml": ENTITIES + b"]><z>&j;</z>"}),
    "fremd.xlsx": archive(
        OFFICE | {"xl/workbook.xml": b'<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/passwd">]><z>&a;</z>'}
    ),
    "pfade.xlsx": archive(OFFICE | {"../../../../tmp/hostile": "x", "xl/workbook.xml": ""}),
    "abgeschnitten.xlsx": archive(OFFICE | {"xl/workbook.xml": "x" * 100})[:80],
    "kein.csv": b"\x00\x01\x02\xff\xfe",
}
FILE_PAGES = ("measures/import/", "measures/{code}/attachments/new/")


def uploads():
    for page in FILE_PAGES:
        for name in UPLOADS:
            yield Input("upload", page, "POST", body={"file": name}, who=("project_group", "reader"))


INPUTS = [*injections(), *paths(), *bodies(), *keys(), *elsewhere(), *uploads()]


# The requests


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        yield furnish(World())


@pytest.fixture(scope="module")
def door(world):
    return Door(world, PEOPLE)


@pytest.fixture(scope="module")
def handler():
    return ClientHandler(enforce_csrf_checks=False)


@pytest.fixture(scope="module")
def words(world):
    """What stands for the names in the table: addresses, and keys that were right once or almost are."""
    made = {name: ApiToken.objects.issue(world.project_group, name=name, scope="write", days=9)[1] for name in "ab"}
    closed = ApiToken.objects.issue(world.deactivated, name="closed", scope="write", days=9)[1]
    token, expired = ApiToken.objects.issue(world.project_group, name="expired", scope="write", days=-1)
    slug = world.strategy.slug
    return {
        "{s}": f"/{slug}/",
        "{api}": f"/api/v1/strategies/{slug}/",
        "{code}": world.decided.code,
        "{key}": made["a"],
        "{half}": made["b"][:30],
        "{hash}": token.key_hash,
        "{expired}": expired,
        "{closed}": closed,
    }


def filled(text, words):
    for name, word in words.items():
        text = text.replace(name, word)
    return text


def sent(hostile, who, door, handler, words):
    client = Client(raise_request_exception=False)
    client.handler = handler
    if who != "anonymous":
        client.cookies["sessionid"] = door.sessions[who]
    path = filled(hostile.path, words)
    path = path if path.startswith("/") else f"{words['{s}']}{path}"
    headers = {name: filled(text, words) for name, text in hostile.headers.items()}
    if hostile.kind == "upload":
        file = SimpleUploadedFile("x", UPLOADS[hostile.body["file"]])
        file._name = hostile.body["file"]  # what a browser sends, before anything has looked at it
        return client.post(path, {"file": file}, headers=headers)
    if hostile.method == "GET":
        answer = client.get(path, hostile.query, headers=headers)
        adds_slash = hostile.kind == "path" and answer.status_code == 301 and answer["Location"].startswith(path + "/")
        return client.get(answer["Location"], headers=headers) if adds_slash else answer
    if isinstance(hostile.body, dict):
        return client.post(path, hostile.body, headers=headers)
    return client.generic(hostile.method, path, hostile.body, hostile.content_type, headers=headers)


def harm_of(hostile, answer):
    """What the attacker would have won, in words, or nothing."""
    body = answer.getvalue() if answer.status_code < 500 else b""
    location = urlsplit(answer.headers.get("Location", ""))
    if answer.status_code >= 500:
        return f"a fault: {answer.status_code}"
    if hostile.keeps_out and answer.status_code not in LEFT_OFF and not is_form_again(hostile, answer):
        return f"let in: {answer.status_code}"
    if location.scheme or location.netloc:
        return f"led to {location.geturl()}"
    if "X-Hostile" in answer.headers:
        return "a header of their own"
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    if is_html and (found := [script for script in SCRIPTS[:-1] if script in body and is_live(script, body)]):
        return f"a script: {found}"
    if found := [text for text in (*TRACES, *FILES, PRODUCT.encode()) if text in body]:
        return f"told: {found}"
    return ""


def is_live(script, body):
    """What a page repeats as text is no script; ``javascript:`` only where it stands in an address."""
    return script != b"javascript:hostile" or b'href="javascript:hostile' in body


def is_form_again(hostile, answer):
    """A form shows itself again with what is missing in it."""
    return hostile.method == "POST" and answer.status_code == 200 and answer.context and answer.context["form"].errors


def answers_to(inputs, door, handler, words):
    """[(the request, by whom, what was won)] of all that won anything; what they leave is undone."""
    won, count = [], 0
    for hostile in inputs:
        for who in hostile.who:
            with undone():
                harm = harm_of(hostile, sent(hostile, who, door, handler, words))
            count += 1
            if harm:
                won.append((hostile.kind, hostile.method, hostile.path, str(hostile)[:200], who, harm))
    return won, count


KINDS = sorted({hostile.kind for hostile in INPUTS})


def test_there_are_five_hundred_of_them_and_of_every_kind():
    assert len(INPUTS) >= 500
    assert len({str(hostile) for hostile in INPUTS}) == len(INPUTS)
    assert {"body", "elsewhere", "header", "injection", "key", "path", "upload"} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_of_them_wins_nothing(kind, world, door, handler, words):
    inputs = [hostile for hostile in INPUTS if hostile.kind == kind][::SAMPLE]

    won, count = answers_to(inputs, door, handler, words)

    assert (won, count > 0) == ([], True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_none_of_them_wins_anything(kind, world, door, handler, words):
    won, count = answers_to([hostile for hostile in INPUTS if hostile.kind == kind], door, handler, words)

    assert (won, count > 0) == ([], True)


def test_control_the_right_key_is_let_in(world, door, handler, words):
    right = Input("key", "{api}measures/", headers={"authorization": "Bearer {key}"}, keeps_out=True)

    assert harm_of(right, sent(right, "anonymous", door, handler, words)) == "let in: 200"


# What is written as a text stays one


@pytest.mark.parametrize("text", [text for text in INJECTIONS if text.isprintable()])
def test_a_hostile_text_is_stored_as_typed_and_shown_as_text(text, world, door, handler):
    with undone():
        Measure.objects.filter(pk=world.decided.pk).update(title=text[:150], goal=text, description=text)
        client = Client()
        client.handler = handler
        client.cookies["sessionid"] = door.sessions["project_group"]
        slug, code = world.strategy.slug, world.decided.code

        pages = [client.get(f"/{slug}/{path}") for path in (f"measures/{code}/", "measures/", f"measures/{code}/edit/")]

    shown = Input("text", "")
    assert [harm_of(shown, page) for page in pages] == [""] * 3


def test_a_refused_body_changes_nothing(world, door, handler, words):
    """What is left out of the account are the accesses, which are noted, and the day a key was used."""
    before = everything_stored()
    with undone():
        for hostile in [one for one in INPUTS if one.kind == "body"][::SAMPLE]:
            for who in hostile.who:
                sent(hostile, who, door, handler, words)
        after = everything_stored()

    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"strategy.AccessEvent", "strategy.ApiToken"}


def test_the_api_is_asked_with_a_key_too(world, handler, words):
    """With every right to write, and bodies no program sends: nothing is made of them."""
    before = Measure.objects.count()
    answers = []
    for body, content_type in BODIES:
        for path, method in ((f"{words['{api}']}measures/", "POST"), (f"{words['{api}']}measures/A1/", "PATCH")):
            client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {words['{key}']}"})
            client.handler = handler
            with undone():
                answers.append((client.generic(method, path, body, content_type).status_code, body[:30], method))

    assert [answer for answer in answers if answer[0] not in LEFT_OFF] == []
    assert len(answers) == 2 * len(BODIES)
    assert Measure.objects.count() == before


def test_json_in_the_table_is_what_it_seems():
    """The control of the bodies: some of them a parser takes."""
    taken = [body for body, kind in BODIES if kind == "application/json" and parses(body)]

    assert len(taken) >= 5


def parses(body):
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True
