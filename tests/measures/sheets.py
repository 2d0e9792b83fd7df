"""Tables as people handle them: exported, edited in a spreadsheet, uploaded, confirmed."""

import csv
import io

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from measures.exchange import running
from measures.models import ImportRun
from tests.pages import browser_of


class Desk:
    """A person with a browser and a spreadsheet program; their interface speaks English."""

    def __init__(self, cast, name="project_group"):
        self.cast, self.browser = cast, browser_of(getattr(cast, name))

    def url(self, name, *args):
        return reverse(f"measures:{name}", args=[self.cast.strategy.slug, *args])

    def export(self, kind="xlsx", **query):
        return self.browser.get(self.url("list"), {"export": kind} | query).content

    def upload(self, content, name="Liste.xlsx"):
        """The run that the upload leads to."""
        page = self.browser.get(self.url("imports"))
        token = str(page.context["form"]["token"].value())
        sent = {"token": token, "file": SimpleUploadedFile(name, content)}
        answer = self.browser.post(self.url("imports"), sent)
        assert answer.status_code == 302, answer.context["form"].errors
        return ImportRun.objects.get(pk=answer.url.split("/")[-2])

    def confirm(self, run, **more):
        page = self.browser.get(run.get_absolute_url())
        sent = {"token": str(page.context["once"]["token"].value())} | more
        answer = self.browser.post(self.url("import-confirm", run.pk), sent)
        run.refresh_from_db()
        return answer

    def take_over(self, content, name="Liste.xlsx", **more):
        """Upload and confirm; the run as it ends."""
        run = self.upload(content, name)
        self.confirm(run, **more)
        return run


def uploaded(cast, rows):
    """A table of these rows as the project group has uploaded it, and as it has been read."""
    file, by = ContentFile(text(*rows), "Liste.csv"), cast.actor("project_group")
    run = ImportRun.objects.upload(cast.strategy, by=by, file=file, language="de")
    running.work(run.pk)
    run.refresh_from_db()
    return run


def edited(content, *edits, heading=True):
    """The workbook with cells typed over: (code, heading, value); a new row where the code is None."""
    book = load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    places = {cell.value: cell.column for cell in page[1]}
    rows = {row[0].value: row[0].row for row in page.iter_rows(min_row=2)}
    new = page.max_row + 1
    for code, name, value in edits:
        page.cell(rows[code] if code else new, places[name]).value = value
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(*rows):
    """A workbook of these rows."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def text(*rows, delimiter=";", encoding="utf-8"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def told(run):
    """What the preview counts."""
    names = ("new", "changed", "amendments", "problems")
    return {name: len(run.preview[name]) for name in names} | {
        name: run.preview[name] for name in ("cells_changed", "unchanged")
    }


def problems(run):
    """[(row, column, what was typed, the sentence)]."""
    names = ("row", "column", "typed", "message")
    return [tuple(one[name] for name in names) for one in run.preview["problems"]]
