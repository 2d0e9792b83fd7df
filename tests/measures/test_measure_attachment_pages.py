"""Files of a measure over HTTP: attached, listed, downloaded, removed, until it ends."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from measures.models import Attachment, Measure
from tests.pages import browser_of, typed_on

State = Measure.State
PDF = b"%PDF-1.7\n"


def attach_url(measure):
    return reverse("measures:attach", args=[measure.strategy.slug, measure.code])


def send(browser, measure, name="Plan.pdf", content=PDF):
    page = attach_url(measure)
    return browser.post(page, typed_on(browser.get(page), file=SimpleUploadedFile(name, content)))


def test_a_file_is_attached_listed_read_and_removed(cast):
    measure, writer, reader = cast.measure(State.RUNNING), browser_of(cast.project_group), browser_of(cast.reader)

    answer = send(writer, measure)

    assert answer.url == f"{measure.get_absolute_url()}#attachments"
    url = Attachment.objects.get().get_absolute_url()
    for browser, may_remove in ((writer, True), (reader, False)):
        sheet = browser.get(measure.get_absolute_url()).content.decode()
        assert (f'href="{url}"' in sheet, f'href="{url}delete/"' in sheet) == (True, may_remove)
    read = reader.get(url)
    assert b"".join(read) == PDF
    assert read.headers["Content-Disposition"] == 'attachment; filename="Plan.pdf"'
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert writer.post(f"{url}delete/", typed_on(writer.get(f"{url}delete/"))).url == answer.url
    assert not Attachment.objects.exists()


def test_what_is_no_document_is_refused_at_the_field(cast):
    measure = cast.measure(State.RUNNING)

    answer = send(browser_of(cast.project_group), measure, "Plan.pdf", b"MZ\x90\x00")

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["file"])
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("state", [State.COMPLETED, State.DROPPED])
def test_the_files_of_an_ended_measure_remain_as_they_are(cast, state):
    measure, writer = cast.measure(State.RUNNING), browser_of(cast.project_group)
    send(writer, measure)
    Measure.objects.filter(pk=measure.pk).update(state=state)
    url = Attachment.objects.get().get_absolute_url()

    answers = [writer.get(page).status_code for page in (attach_url(measure), f"{url}delete/", url)]

    assert answers == [409, 409, 200]


def test_the_file_of_a_measure_is_not_found_below_another(cast):
    measure, other, writer = cast.measure(State.RUNNING), cast.measure(State.RUNNING), browser_of(cast.project_group)
    send(writer, measure)
    pk = Attachment.objects.get().pk

    for page in ("attachment", "attachment-delete"):
        assert writer.get(reverse(f"measures:{page}", args=[measure.strategy.slug, other.code, pk])).status_code == 404
