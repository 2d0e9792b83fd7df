"""Files of a need over HTTP: attached, downloaded, removed, refused in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from measures.models import Attachment, Need
from tests.pages import browser_of, text_of, typed_on

State = Need.State
PDF = b"%PDF-1.7\n"


@pytest.fixture
def council(cast):
    return browser_of(cast.staff_council)


@pytest.fixture
def need(cast):
    return cast.need()


def attach_url(need):
    return reverse("measures:need-attach", args=[need.strategy.slug, need.pk])


def delete_url(attachment):
    return f"{attachment.get_absolute_url()}delete/"


def send(browser, need, name="Plan.pdf", content=PDF):
    typed = typed_on(browser.get(attach_url(need)), file=SimpleUploadedFile(name, content))
    return browser.post(attach_url(need), typed)


def test_a_file_is_attached_once_however_often_it_is_sent(need, council):
    typed = typed_on(council.get(attach_url(need)))

    answers = [council.post(attach_url(need), typed | {"file": SimpleUploadedFile("Plan.pdf", PDF)}) for _ in range(2)]

    back = f"{need.get_absolute_url()}#attachments"
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, back)}
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.content_type, attachment.size) == ("Plan.pdf", "application/pdf", len(PDF))
    assert "Plan.pdf" in text_of(council.get(need.get_absolute_url()))


@pytest.mark.parametrize("name", ["Plan.pdf", "Größe „neu“.pdf", '"; filename="böse.html', "../../etc/plan.pdf"])
def test_a_file_comes_back_as_a_download_and_is_never_shown(need, council, name):
    content = PDF if name.endswith("pdf") else b"Text"
    send(council, need, name if name.endswith("pdf") else f"{name}.txt", content)

    answer = council.get(Attachment.objects.get().get_absolute_url())

    assert b"".join(answer) == content
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("programm.exe", b"MZ\x90", "Only PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS and plain text"),
        ("plan.png", PDF, "The name of the file does not say what is in it"),
        ("leer.txt", b"", "empty"),
        ("gross.pdf", PDF + b"0" * (10 * 1024 * 1024), "The file is larger than 10 MB."),
    ],
)
def test_what_is_refused_is_told_at_the_field(need, council, name, content, words):
    answer = send(council, need, name, content)

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["file"])
    assert words in text_of(answer)
    assert not Attachment.objects.exists()


def test_without_a_file_the_field_asks_for_one(need, council):
    answer = council.post(attach_url(need), typed_on(council.get(attach_url(need)), file=None))

    assert list(answer.context["form"].errors) == ["file"]


def test_the_eleventh_file_is_refused(cast, need, council):
    for number in range(10):
        send(council, need, f"{number}.pdf")

    answer = send(council, need)

    assert "No more than 10 files." in text_of(answer)
    assert need.attachments.count() == 10


def test_a_file_is_removed_from_a_draft(need, council):
    send(council, need)
    attachment = Attachment.objects.get()

    answer = council.post(delete_url(attachment), typed_on(council.get(delete_url(attachment))))

    assert answer.url == f"{need.get_absolute_url()}#attachments"
    assert not Attachment.objects.exists()
    assert council.get(attachment.get_absolute_url()).status_code == 404


def test_after_submission_files_stay_and_those_who_take_part_read_them(cast, need, council):
    send(council, need)
    attachment = Attachment.objects.get()
    head = browser_of(cast.department_head)
    before = head.get(attachment.get_absolute_url()).status_code

    cast.submit_need(need)

    assert (before, head.get(attachment.get_absolute_url()).status_code) == (404, 200)
    assert council.get(delete_url(attachment)).status_code == 409
    assert council.get(attach_url(need)).status_code == 409


def test_a_file_is_found_only_under_its_own_need(cast, need, council):
    send(council, need)
    attachment = Attachment.objects.get()
    other = cast.need()
    url = reverse("measures:need-attachment", args=[cast.strategy.slug, other.pk, attachment.pk])

    assert council.get(url).status_code == 404
    assert council.post(f"{url}delete/").status_code == 404
    assert Attachment.objects.exists()
