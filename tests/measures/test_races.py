"""P4 and P9: two editors at once lose nothing, however often one clicks there is one deed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from measures.models import BulkEdit, Measure, ReviewResponse, StatusUpdate, Tag, TextVersion
from measures.views.edit import Edit
from strategy.models import ApiToken, OutgoingMail, Transition
from tests.pages import browser_of, typed_on

State = Measure.State
CLICKS, HANDS = 50, 10
A_FEW_OR_ALL = pytest.mark.parametrize("clicks", [HANDS, pytest.param(CLICKS, marks=pytest.mark.slow)])

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(times, act):
    """Act so many times, ten at a time, each thread on its own connection."""

    def once(number):
        try:
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(once, range(times)))


def click_often(browser, url, typed, times=CLICKS):
    """Send the same form again and again at once, from the same session; returns the addresses it led to."""
    session = browser.cookies["sessionid"].value

    def click(_number):
        client = Client()
        client.cookies["sessionid"] = session
        return client.post(url, typed)

    answers = at_once(times, click)
    assert {answer.status_code for answer in answers} == {302}
    return {answer.url for answer in answers}


def measure_in(cast, state):
    with transaction.atomic():
        return cast.measure(state)


def url_of(name, *args):
    return reverse(f"measures:{name}", args=args)


@pytest.mark.sqlite
@A_FEW_OR_ALL
def test_many_clicks_create_one_measure_with_one_code(cast, clicks):
    browser = browser_of(cast.project_group)
    url = url_of("create", cast.strategy.slug)
    typed = typed_on(browser.get(url), title="Onboarding", field=cast.field.pk)

    led_to = click_often(browser, url, typed, clicks)

    measure = Measure.objects.get()
    cast.field.refresh_from_db()
    assert (led_to, measure.code, cast.field.last_number) == ({measure.get_absolute_url()}, "A1", 1)


@A_FEW_OR_ALL
def test_many_clicks_submit_once_with_one_text_and_one_mail_each(cast, clicks):
    measure = measure_in(cast, State.DRAFT)
    browser = browser_of(cast.project_group)
    url = url_of("submit", cast.strategy.slug, measure.code)

    click_often(browser, url, typed_on(browser.get(url)), clicks)

    assert (TextVersion.objects.count(), measure.reviews.count()) == (1, 1)
    assert Transition.objects.filter(verb="submit").count() == 1
    told = list(OutgoingMail.objects.values_list("recipient", flat=True))
    assert len(told) == len(set(told)) == 4


def test_clicks_from_many_windows_submit_once_and_the_others_are_told(cast):
    measure = measure_in(cast, State.DRAFT)
    browsers = [browser_of(cast.member("project_group", name=f"writer-{n}")) for n in range(HANDS)]
    url = url_of("submit", cast.strategy.slug, measure.code)
    typed = [typed_on(browser.get(url)) for browser in browsers]

    answers = at_once(HANDS, lambda n: browsers[n].post(url, typed[n]))

    assert sorted(answer.status_code for answer in answers) == [302] + [409] * (HANDS - 1)
    assert Transition.objects.filter(verb="submit").count() == 1


@A_FEW_OR_ALL
def test_many_clicks_report_the_status_once(cast, clicks):
    measure = measure_in(cast, State.RUNNING)
    browser = browser_of(cast.department_head)
    url = url_of("report-status", cast.strategy.slug, measure.code)

    click_often(browser, url, typed_on(browser.get(url), light=cast.light("disc").pk), clicks)

    assert StatusUpdate.objects.count() == 1


@A_FEW_OR_ALL
def test_many_clicks_answer_a_review_once(cast, clicks):
    slot = measure_in(cast, State.IN_REVIEW).open_review().slots.get(unit=cast.unit)
    browser = browser_of(cast.department_head)
    url = url_of("respond", cast.strategy.slug, slot.pk)

    click_often(browser, url, typed_on(browser.get(url), vote="object", text="So nicht"), clicks)

    assert ReviewResponse.objects.count() == 1


@A_FEW_OR_ALL
def test_many_clicks_apply_a_bulk_edit_once(cast, clicks):
    measure = measure_in(cast, State.RUNNING)
    bulk = BulkEdit.objects.prepare(
        cast.strategy, Measure.objects.all(), {"add_tags": ["Kita"]}, by=cast.actor("project_group")
    )
    browser = browser_of(cast.project_group)
    url = url_of("bulk-apply", cast.strategy.slug, bulk.pk)

    click_often(browser, url, typed_on(browser.get(url)), clicks)

    measure.refresh_from_db()
    assert (measure.version, Tag.objects.count()) == (2, 1)
    assert Transition.objects.filter(verb="apply").count() == 1


# Two editors


FIELDS = ("title", "goal", "responsible_function")


class TwoEditors:
    """Each round both open the form, change something and save at once; who loses decides for the own words.

    ``lost`` counts words that were accepted by a save and stand nowhere any more, without anybody having decided so.
    """

    def __init__(self, cast):
        self.measure = measure_in(cast, State.DRAFT)
        self.browsers = [browser_of(cast.member("project_group", name=f"writer-{n}")) for n in range(2)]
        self.url = url_of("edit", cast.strategy.slug, self.measure.code)
        self.lost, self.conflicts = 0, 0

    def play(self, rounds):
        for number in range(rounds):
            self.round(number)
        return self.lost

    def round(self, number):
        words = [self.words(number, who) for who in range(2)]
        saves = [self.open(who, words[who]) for who in range(2)]
        answers = at_once(2, lambda who: saves[who]())
        expected, stored = {}, None
        for who in sorted(range(2), key=lambda who: answers[who].status_code):
            if answers[who].status_code in (409, 412):
                self.conflicts += 1
                self.decide(who, answers[who], words, stored)
            expected |= words[who]
            stored = words[who]
        self.measure.refresh_from_db()
        self.lost += sum(getattr(self.measure, name) != text for name, text in expected.items())

    def open(self, who, words):
        """Open the form and type; returns the press of its button."""
        typed = typed_on(self.browsers[who].get(self.url), **words)
        return lambda: self.browsers[who].post(self.url, typed)

    def words(self, number, who):
        """Both change the goal in every third round, else each something of their own."""
        own = FIELDS[(number + who) % 3] if number % 3 else "goal"
        return {own: f"Runde {number}, Hand {who}"}

    def decide(self, who, page, words, stored):
        shown = page.content.decode()
        both = [name for name in words[who] if name in stored]
        for name in both:
            assert f"Hand <ins>{who}</ins>" in shown, name
            assert f"Hand <ins>{1 - who}</ins>" in shown, name
        answer = self.browsers[who].post(self.url, typed_on(page, **{f"keep-{name}": "mine" for name in both}))
        assert answer.status_code == 302


class PageAndProgram(TwoEditors):
    """The second hand is a program's: it reads, writes with the ETag, and when refused takes what is stored now."""

    def __init__(self, cast):
        super().__init__(cast)
        _token, key = ApiToken.objects.issue(cast.project_group, name="Zweite Hand", scope="write", days=1)
        self.program = {"Authorization": f"Bearer {key}"}
        self.address = reverse("api:measures-detail", args=[cast.strategy.slug, self.measure.code])

    def open(self, who, words):
        if who == 0:
            return super().open(who, words)
        etag = Client().get(self.address, headers=self.program)["ETag"]
        return lambda: self.patch(etag, words)

    def patch(self, etag, words):
        return Client().patch(self.address, words, "application/json", headers=self.program | {"If-Match": etag})

    def decide(self, who, page, words, stored):
        if who == 0:
            return super().decide(who, page, words, stored)
        current = page.json()["current"]
        assert {name: current[name] for name in stored} == stored
        assert self.patch(f'"{current["version"]}"', words[who]).status_code == 200


BOTH_WAYS = pytest.mark.parametrize("hands", [TwoEditors, PageAndProgram])


@BOTH_WAYS
def test_two_editors_lose_nothing(cast, hands):
    editors = hands(cast)

    assert editors.play(15) == 0
    assert editors.conflicts == 15


@pytest.mark.slow
@BOTH_WAYS
def test_two_editors_lose_nothing_in_two_hundred_rounds(cast, hands):
    editors = hands(cast)

    assert editors.play(200) == 0
    assert editors.conflicts == 200


def test_without_the_guard_they_would(cast, monkeypatch):
    """Negative control: a version taken as the latest loses what the quicker one typed."""
    edit = Measure.edit

    def unguarded(self, *, version, **rest):
        return edit(self, version=Measure.objects.get(pk=self.pk).version, **rest)

    monkeypatch.setattr(Measure, "edit", unguarded)
    monkeypatch.setattr(Edit, "is_current", lambda self, post: True)
    monkeypatch.setattr(
        "tests.measures.test_races.at_once", lambda times, act: [act(number) for number in range(times)]
    )

    assert TwoEditors(cast).play(6) > 0
