"""Promise P12: what is secret leaks nowhere, neither by a word nor by a number.

Whoever does not own a secret asks every address of the portal, once without it and once with it: its words stand in no
body, no header and no log, and no byte tells the two answers apart. Kinds of secrets: ``tests/canaries.py``.
"""

import hashlib
import io
import re
import zipfile

import pikepdf
import pytest
from django.apps import apps
from django.urls import reverse

from measures.models import Need
from measures.models.need import NeedQuerySet
from reporting.documents import rendered
from reporting.models import Variant
from reporting.print import projection as printed
from reporting.projection import Contents
from strategy.models import OutgoingMail
from tests.canaries import CANARIES, SEED, WORD
from tests.measures.test_needs import VERBS, take
from tests.reporting import reports
from tests.reporting.print.reading import squeezed, text_of
from tests.test_access_matrix import TABLE, URLS, address_of, furnish
from tests.world import EVERYBODY, Door, World, undone

pytestmark = pytest.mark.django_db

#: Filters, searches and exports beside the plain page.
QUERIES = {
    "measures:list": [{"q": SEED}, {"columns": "tags"}, {"export": "csv"}, {"export": "xlsx"}],
    "measures:needs": [{"q": SEED}, {"state": "draft"}, {"kind": "informal"}, {"urgency": "high"}, {"page": "2"}],
    "strategy:search": [{"q": SEED}, {"q": "frisst"}, {"q": SEED, "kind": "needs"}, {"q": f"Bedarf {SEED}"}],
    "measures:history": [{"page": "2"}],
    "strategy:history": [{"days": "365"}, {"section": "needs"}, {"section": "rankings"}],
}
#: Told apart by what they may see.
NEAREST = (
    "project_group",
    "lead_head",
    "staff_council",
    "deputy_of_council",
    "steering_team",
    "reader",
)
OTHERS = tuple(who for who in EVERYBODY if who not in NEAREST)
AUTHORS = NEAREST[:1]  # who sees most of what is not theirs is asked in every run, the others in the slow one
#: What differs from one answer to the next in any case.
VARYING = re.compile(
    rb"<dcterms:[^<]+|"
    rb'((?:name="(?:csrfmiddlewaretoken|token)" value=|nonce=|X-CSRFToken": )"|nonce-|(?:csrftoken|sessionid|expires)=)'
    rb"[^\"';]+"
    rb'|(?<=xsi:type="dcterms:W3CDTF">)[^<]+'  # when a workbook was written
    rb"|(?<=<span class=\"blk\">)[\w ]+: [0-9a-f-]{36}(?=</span>)"  # the number of the request on a refusal
    rb'|(?<=\n  "made_at": ")[^"]+'  # when the file of one's own data was made
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), undone():
        world = World()
        world.deputy_of_council, world.deputyships["deputy_of_council"] = world.stand_in("staff_council")
        yield furnish(world)


@pytest.fixture(scope="module")
def door(world):
    return Door(world, (*EVERYBODY, "deputy_of_council"))


def kept_from(who):
    """The kinds of secrets this person owns no part in."""
    return frozenset(kind for kind, canary in CANARIES.items() if who not in canary.owners)


def plain_address(name, world):
    page, names = TABLE[name], URLS[name]
    return reverse(name, kwargs=page.kwargs(world, names))


def addresses_of(row, name, world):
    """The address under which this page would show that row, if it shows rows of that kind at all."""
    page, names = TABLE[name], URLS[name]
    if page.row and type(getattr(world, page.row)) is type(row):
        known = {"strategy": world.strategy.slug, "slug": world.strategy.slug} | page.values | address_of(row, page.by)
        if known.keys() >= set(names):  # a need's attachment has no address below a measure
            yield reverse(name, kwargs={part: known[part] for part in names})


def answers(door, name, world, people):
    """{(page, who, query): what a GET says}"""
    url, queries = plain_address(name, world), [{}, *QUERIES.get(name, [])]
    return {(name, who, str(query)): told(door.knock(who, "get", url, query)) for who in people for query in queries}


def told(answer):
    """Everything an answer says, headers and packed files too, without what differs anyway."""
    body, varying = answer.getvalue(), {"X-Request-ID", "Expires"}
    if zipfile.is_zipfile(io.BytesIO(body)):
        varying.add("Content-Length")
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            body = b"".join(file.read(entry) for entry in sorted(file.namelist()))
    headers = sorted((name, text) for name, text in answer.headers.items() if name not in varying)
    head = f"{answer.status_code} {headers} {answer.cookies}"
    return VARYING.sub(rb"\1", head.encode() + b"\n" + body)


def hits(said, words):
    return [key for key, text in said.items() if any(word.encode() in text for word in words)]


def crawl(names, world, door, people=NEAREST):
    """([who heard a word of a secret, and where], [whose answer differs because of it, and where])"""
    heard, changed = [], []
    for kinds in {kept_from(who) for who in people} - {frozenset()}:
        group = [who for who in people if kept_from(who) == kinds]
        without = {key: digest(text) for name in names for key, text in answers(door, name, world, group).items()}
        with undone():
            secrets = [CANARIES[kind].plant(world) for kind in sorted(kinds)]
            words = [word for secret in secrets for word in secret.words]
            for name in names:
                said = answers(door, name, world, group)
                changed += [key for key in said if digest(said[key]) != without[key]]
                heard += hits(said | knocks_at_secrets(door, name, world, group, secrets), words)
    return heard, changed


def digest(text):
    return hashlib.sha256(text).digest()


def knocks_at_secrets(door, name, world, people, secrets):
    """What the secrets' own addresses say, and what the page says of what one may do with it."""
    own = [url for secret in secrets for row in secret.rows for url in addresses_of(row, name, world)]
    asked = [("get", url) for url in own] + [("options", url) for url in [plain_address(name, world), *own]]
    return {(name, who, method, url): told(door.knock(who, method, url)) for who in people for method, url in asked}


@pytest.mark.parametrize(
    "people",
    [
        pytest.param(AUTHORS, id="authors"),
        pytest.param(NEAREST[1:], id="nearest", marks=pytest.mark.slow),
        pytest.param(OTHERS, id="others", marks=pytest.mark.slow),
    ],
)
def test_no_address_tells_of_a_secret(people, world, door, caplog):
    heard, changed = crawl(sorted(URLS), world, door, people)

    assert (heard, changed) == ([], [])
    assert not any(word in caplog.text for word in (WORD, SEED))


def test_a_secret_row_is_like_one_that_is_not_there(world, door):
    """A ballot has no address of its own: its owner's is the round's."""
    secret = CANARIES["need"].plant(world)
    urls = {url for row in secret.rows for name in URLS for url in addresses_of(row, name, world)}
    people = [who for who in (*NEAREST, *OTHERS) if "need" in kept_from(who)]

    statuses = {door.knock(who, "get", url).status_code for who in people for url in urls}

    assert urls != set()
    assert statuses <= {302, 401, 404, 405}  # who has not signed in is asked to, whatever is there


# Beyond the pages


@pytest.mark.parametrize("kind", CANARIES)
def test_a_secret_is_stored_where_it_belongs_and_nowhere_else(kind, world):
    """No mail, no task, no session, no other table's history takes a word of it along."""
    secret = CANARIES[kind].plant(world)

    holding = {
        model._meta.label
        for model in apps.get_models()
        if any(word in str(row) for row in model._base_manager.values_list() for word in secret.words)
    }

    assert holding == secret.stored_in


def test_reading_and_working_on_a_draft_leaves_nothing_in_the_logs(world, door, caplog):
    secret = CANARIES["need"].plant(world)

    urls = {url for row in secret.rows for name in URLS for url in addresses_of(row, name, world)}
    said = {url: told(door.knock("staff_council", method, url)) for url in urls for method in ("post", "get")}

    assert hits(said, secret.words) != []
    assert "request_finished" in caplog.text
    assert not any(word in caplog.text for word in (WORD, SEED))


@pytest.mark.parametrize("variant", Variant)
def test_neither_the_reports_data_nor_its_files_know_of_a_draft(world, variant):
    report = reports.draft(world)
    CANARIES["need"].plant(world)

    projection = Contents.read(report).project(variant)
    files = rendered(projection, report.get_absolute_url())
    said = {kind: squeezed(words_in(content)) for kind, content in files.items()}

    assert [kind for kind, words in said.items() if squeezed(report.subject) not in words] == []
    assert [kind for kind, words in said.items() if WORD in words] == []
    assert WORD not in printed.canonical(projection).decode()


def words_in(content):
    """The text of a PDF, of all entries of an office file, or of anything else."""
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return text_of(pdf)
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "".join(file.read(name).decode() for name in file.namelist())
    return content.decode()


def test_no_mail_of_a_need_holds_a_word_of_its_drafts_and_notes(world):
    CANARIES["need"].plant(world)

    for verb, (who, sources, _target, _reason) in VERBS.items():
        if verb != "discard":
            need = world.need_submitted if verb == "acknowledge" else world.need(min(sources))
            take(verb, need, world.actor(who))

    mails = [f"{mail.subject} {mail.body}" for mail in OutgoingMail.objects.all()]
    assert len(mails) > len(VERBS)
    assert [mail for mail in mails if WORD in mail or SEED in mail] == []


# Negative controls


def seen_by_all(rows, actor):
    """Sight that forgets the day of submission."""
    return rows.filter(strategy__in=actor.strategies())


def test_the_crawl_hears_a_page_that_forgets_who_may_see_it(world, door, monkeypatch):
    """One need's page, where sight is the only guard: the list leaves drafts out a second time."""
    monkeypatch.setattr(NeedQuerySet, "visible_to", seen_by_all)
    monkeypatch.setattr(type(Need.objects), "visible_to", lambda rows, actor: seen_by_all(rows.all(), actor))

    heard, _changed = crawl(["measures:need"], world, door)

    assert {"project_group", "steering_team", "lead_head"} <= {who for _page, who, *_where in heard}


def test_the_crawl_notices_a_count_that_grows_by_what_is_hidden(world, door, monkeypatch):
    """No word is heard, and yet the number beside the menu's entry gives the draft away."""
    monkeypatch.setattr(NeedQuerySet, "open", lambda rows: Need._base_manager.all())

    heard, changed = crawl(["measures:reviews"], world, door)

    assert heard == []
    assert {who for _page, who, *_query in changed} == {
        "project_group",
        "lead_head",
        "steering_team",
        "deputy_of_council",
    }
