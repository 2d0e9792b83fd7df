"""Files attached to a need: told by their content, limited, seen by whoever sees the need."""

import hashlib
import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import translation

from measures import file_types
from measures.history import history_of
from measures.models import Attachment, Measure, Need
from measures.models.attachment import LARGEST, LONGEST_NAME, MOST_OF_ONE
from strategy.models import Role
from strategy.workflow import RuleViolation

State = Need.State
PEOPLE = [*Role.values, "other_head", "stranger"]


def archive(**entries):
    """A zip file of these entries; ``mimetype=…`` and the like stand for their names, see ``PARTS``."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(PARTS.get(name, name), content)
    return packed.getvalue()


PARTS = {
    "types": "[Content_Types].xml",
    "document": "word/document.xml",
    "workbook": "xl/workbook.xml",
    "content": "content.xml",
    "macros": "word/vbaProject.bin",
}
ODT, ODS = (f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet"))
GOOD = {
    "a.pdf": b"%PDF-1.7\n%\xe2\xe3",
    "a.png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "a.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "a.JPEG": b"\xff\xd8\xff\xdb",
    "a.docx": archive(types="<Types/>", document="<w:document/>"),
    "a.xlsx": archive(types="<Types/>", workbook="<workbook/>"),
    "a.odt": archive(mimetype=ODT, content="<office/>"),
    "a.ods": archive(mimetype=ODS, content="<office/>"),
    "a.txt": "Grüße aus dem Personalrat\n".encode(),
    "a.csv": b"Amt;Zahl\r\n10;7\r\n",
}
BAD = {
    "a program": ("a.pdf", b"MZ\x90\x00"),
    "a script that calls itself a picture": ("a.png", b"<svg onload=alert(1)>"),
    "a picture that calls itself a letter": ("a.docx", GOOD["a.png"]),
    "a page": ("a.html", b"<script>alert(1)</script>"),
    "no ending": ("bericht", GOOD["a.pdf"]),
    "two endings": ("a.pdf.exe", GOOD["a.pdf"]),
    "nothing": ("a.txt", b""),
    "binary in text": ("a.txt", b"Hallo\x00Welt"),
    "another encoding": ("a.txt", "Grüße".encode("latin-1")),
    "any archive": ("a.docx", archive(readme="Hallo")),
    "an archive of the wrong kind": ("a.xlsx", GOOD["a.docx"]),
    "macros": ("a.docx", archive(types="<Types/>", document="<w/>", macros="Sub")),
    "an unknown document": ("a.odt", archive(mimetype="application/x-evil", content="<x/>")),
    "cut off": ("a.docx", GOOD["a.docx"][:-30]),
    "a bomb": ("a.docx", archive(types="<Types/>", document="0" * 2_000_000)),
    "a bomb of many entries": (
        "a.docx",
        archive(types="<Types/>", document="<w/>", **{f"x{number}": "" for number in range(2_000)}),
    ),
}


def attach(cast, need, name="a.txt", content=b"Hallo", by="staff_council"):
    return Attachment.objects.attach(need, by=cast.actor(by), file=ContentFile(content, name))


def refused(cast, need, name, content):
    with pytest.raises(RuleViolation) as refusal:
        attach(cast, need, name, content)
    assert list(refusal.value.message_dict) == ["file"]
    assert not need.attachments.exists()
    return refusal.value.message_dict["file"]


# What is taken


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_known_by_its_content(cast, name):
    need, content = cast.need(), GOOD[name]

    attachment = attach(cast, need, name, content)

    stored = Attachment.objects.get()
    assert name.rpartition(".")[2].casefold() in file_types.EXTENSIONS[stored.content_type]
    assert (stored.name, stored.size, stored.sha256) == (name, len(content), hashlib.sha256(content).hexdigest())
    assert (stored.need, stored.strategy, stored.added_by) == (need, cast.strategy, cast.staff_council)
    assert attachment.file.open().read() == content


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_what_it_says_is_refused(cast, case):
    refused(cast, cast.need(), *BAD[case])


def test_a_bomb_is_refused_without_unpacking_it(monkeypatch):
    """The negative control: with the guard off, the same file passes for a letter."""
    bomb = io.BytesIO(BAD["a bomb"][1])
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *args, **kwargs: pytest.fail("unpacked"))

    assert file_types.content_type_of(bomb) is None
    monkeypatch.setattr(file_types, "MOST_RATIO", 10**6)
    assert file_types.content_type_of(bomb) == file_types.DOCX


def test_of_an_archive_no_more_than_a_hundred_bytes_are_unpacked(monkeypatch):
    """Whatever it says of its sizes: they are added up, never believed."""
    asked, read = [], zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda file, size=-1: asked.append(size) or read(file, size))

    found = [file_types.content_type_of(io.BytesIO(GOOD[name])) for name in ("a.docx", "a.xlsx", "a.odt", "a.ods")]

    assert found == [file_types.DOCX, file_types.XLSX, file_types.ODT, file_types.ODS]
    assert asked == [100, 100]


@pytest.mark.parametrize(("size", "fits"), [(LARGEST, True), (LARGEST + 1, False)])
def test_a_file_has_at_most_ten_megabytes(cast, size, fits):
    need, content = cast.need(), b"x" * size

    if fits:
        assert attach(cast, need, content=content).size == size
    else:
        assert refused(cast, need, "a.txt", content) == ["Die Datei ist größer als 10 MB."]


def test_a_need_has_at_most_ten_files(cast):
    need = cast.need()
    for number in range(MOST_OF_ONE):
        attach(cast, need, f"{number}.txt")

    with pytest.raises(RuleViolation) as refusal:
        attach(cast, need)

    assert refusal.value.message_dict["file"] == ["Mehr als 10 Dateien gehen nicht."]
    assert need.attachments.count() == MOST_OF_ONE


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Bericht 2026.txt", "Bericht 2026.txt"),
        ("C:\\Users\\Vorlage\\plan.txt", "plan.txt"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie: x.txt"),
        ("u\u0308ber\u202etxt.txt", "\u00fcbertxt.txt"),
        ("x" * 300 + ".txt", "x" * (LONGEST_NAME - 4) + ".txt"),
    ],
)
def test_the_typed_name_is_shown_and_is_no_path(cast, typed, shown):
    file = ContentFile(b"Hallo")
    file.name = typed

    attachment = Attachment.objects.attach(cast.need(), by=cast.actor("staff_council"), file=file)

    assert attachment.name == shown
    folder, _slash, name = attachment.file.name.partition("/")
    assert (folder, len(name), shown in name) == ("attachments", 36, False)


# Who, and when


@pytest.mark.parametrize("state", list(State))
def test_files_come_and_go_only_while_the_need_is_a_draft(cast, state):
    need = cast.need()
    attachment = attach(cast, need)
    moved = cast.need(state)
    Attachment.objects.filter(pk=attachment.pk).update(need=moved)
    attachment.refresh_from_db()

    if state == State.DRAFT:
        attach(cast, moved)
        attachment.remove(by=cast.actor("staff_council"))
        assert moved.attachments.count() == 1
    else:
        for deed in (lambda: attach(cast, moved), lambda: attachment.remove(by=cast.actor("staff_council"))):
            with pytest.raises(RuleViolation) as refusal:
                deed()
            assert list(refusal.value.message_dict) == ["file"]
        assert list(moved.attachments.all()) == [attachment]


@pytest.mark.parametrize("name", [name for name in PEOPLE if name != "staff_council"])
def test_only_the_staff_council_attaches_and_removes(cast, name):
    attachment = attach(cast, cast.need())

    with pytest.raises(PermissionDenied):
        attach(cast, attachment.need, by=name)
    with pytest.raises(PermissionDenied):
        attachment.remove(by=cast.actor(name))

    assert list(Attachment.objects.all()) == [attachment]


@pytest.mark.parametrize("state", list(State))
def test_who_sees_the_need_sees_its_files(cast, state):
    attachment = attach(cast, cast.need())
    moved = cast.need(state)
    Attachment.objects.filter(pk=attachment.pk).update(need=moved)

    for name in PEOPLE:
        actor = cast.actor(name)
        sees = Need.objects.visible_to(actor).filter(pk=moved.pk).exists()
        assert list(Attachment.objects.visible_to(actor)) == ([attachment] if sees else []), name


# Of a measure


@pytest.mark.parametrize("state", [Measure.State.DRAFT, Measure.State.RUNNING, Measure.State.COMPLETED])
@pytest.mark.parametrize("name", PEOPLE)
def test_the_project_group_keeps_files_with_a_measure_until_it_has_ended(cast, state, name):
    measure = cast.measure(state)
    may = name == Role.PROJECT_GROUP

    if may and not measure.is_ended:
        attach(cast, measure, by=name).remove(by=cast.actor(name))
    else:
        with pytest.raises(RuleViolation if may else PermissionDenied):
            attach(cast, measure, by=name)

    assert not measure.attachments.exists()


@pytest.mark.parametrize("owners", [[], ["need", "measure"]])
def test_a_file_belongs_to_a_need_or_a_measure_and_to_one_alone(cast, owners):
    rows = {"need": cast.need(), "measure": cast.measure()}
    attachment = Attachment(strategy=cast.strategy, name="a", size=1, added_by=cast.project_group)
    for owner in owners:
        setattr(attachment, owner, rows[owner])

    with pytest.raises(IntegrityError), transaction.atomic():
        attachment.save()


def test_a_measure_tells_its_files_and_a_need_its_own(cast):
    measure, need = cast.measure(), cast.need()
    attach(cast, measure, "Konzept.txt", by="project_group").remove(by=cast.actor("project_group"))
    attach(cast, need, "Brief.txt")

    with translation.override("en"):
        told = {
            row: [str(entry.text) for entry in history_of(row, cast.actor(name))]
            for row, name in ((measure, "project_group"), (need, "staff_council"))
        }

    assert told[measure][:2] == ["Attachment removed: Konzept.txt", "Attachment added: Konzept.txt"]
    assert told[need][0] == "Attachment added: Brief.txt"


# What becomes of the file


def test_with_a_discarded_measure_its_files_go(cast, django_capture_on_commit_callbacks):
    measure = cast.measure()
    name = attach(cast, measure, by="project_group").file.name

    with django_capture_on_commit_callbacks(execute=True):
        measure.discard(by=cast.actor("project_group"))

    assert not default_storage.exists(name)


@pytest.mark.parametrize("deed", ["remove", "discard"])
def test_what_is_taken_away_is_gone_from_the_disk(cast, deed, django_capture_on_commit_callbacks):
    attachment, by = attach(cast, cast.need()), cast.actor("staff_council")
    name = attachment.file.name

    with django_capture_on_commit_callbacks(execute=True):
        attachment.remove(by=by) if deed == "remove" else attachment.need.discard(by=by)

    assert not default_storage.exists(name)
    assert not Attachment.objects.exists()


def test_the_file_stays_as_long_as_the_database_knows_it(cast):
    """The deletion waits for the commit: what is rolled back still has its file."""
    attachment = attach(cast, cast.need())

    attachment.remove(by=cast.actor("staff_council"))

    assert default_storage.exists(attachment.file.name)
