"""The demo as a newcomer meets it: its data, its accounts, a browser for each of them, a worker."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from strategy.models import Strategy

expect.set_options(timeout=30_000)  # against hanging, not a measure of speed
SLUG = "personalstrategie-2030"
HOME = f"/{SLUG}/"


@pytest.fixture
def demo(transactional_db):
    call_command("load_demo", with_passwords=True, without_reports=True)
    return Strategy.objects.get(slug=SLUG)


class Person:
    """One of the demo's accounts, signed in in a browser of its own."""

    def __init__(self, context, account, axe):
        self.context, self.account, self.axe = context, account, axe
        self.page = context.new_page()
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("response", lambda answer: answer.status >= 500 and self.problems.append(answer.url))
        self.sign_in()

    def sign_in(self):
        self.page.goto("/")
        self.page.get_by_label("Benutzername").fill(self.account)
        self.page.get_by_label("Kennwort", exact=True).fill("demo")
        self.page.get_by_role("button", name="Anmelden", exact=True).click()
        self.sees_heading("Übersicht")

    def opens(self, path):
        self.page.goto(HOME + path)
        return self

    def follows(self, name, exact=True):
        self.page.get_by_role("main").get_by_role("link", name=name, exact=exact).first.click()
        return self

    def presses(self, name):
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()
        return self

    def fills(self, **fields):
        for name, text in fields.items():
            self.page.locator(f"main [name={name.replace('__', '-')}]").fill(text)
        return self

    def chooses(self, **fields):
        for name, label in fields.items():
            self.page.locator(f"main select[name={name}]").select_option(label=label)
        return self

    def ticks(self, label):
        self.page.get_by_role("main").get_by_label(label, exact=True).check()
        return self

    def sees(self, text):
        expect(self.page.get_by_role("main")).to_contain_text(text)
        return self

    def sees_heading(self, text):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile(text))
        return self

    def finds_it_accessible(self):
        self.page.wait_for_load_state()  # a click comes back when the next page begins to arrive
        self.axe(self.page)
        return self

    def is_told(self, text):
        """The message that stands on the page after a step."""
        expect(self.page.locator(".messages, [role=status]").filter(has_text=text).first).to_be_visible()
        return self


@pytest.fixture
def person(browser, browser_context_args, axe, demo):
    """``person("projektgruppe")`` signs that account in; a script error or a fault of the server fails the test."""
    people = {}

    def signed_in(account):
        if account not in people:
            people[account] = Person(browser.new_context(**browser_context_args), account, axe)
        return people[account]

    yield signed_in
    problems = {account: who.problems for account, who in people.items() if who.problems}
    for who in people.values():
        who.context.close()
    assert problems == {}
