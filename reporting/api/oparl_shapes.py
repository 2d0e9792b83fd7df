"""What the schema says of OParl objects; their words are the standard's. Nothing is written or checked by these."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


def address(words, **options):
    return serializers.URLField(help_text=words, **options)


def moment(words, **options):
    return serializers.DateTimeField(help_text=words, **options)


def text(words, **options):
    return serializers.CharField(help_text=words, **options)


class Thing(serializers.Serializer):
    id = address(_("Its address, by which it is known."))
    type = address(_("Which kind of object it is, in which version of OParl."))
    license = address(_("Under which it may be used."), required=False)
    created = moment(_("When it was released first."), required=False)
    modified = moment(_("When it was released or withdrawn last."), required=False)
    deleted = serializers.BooleanField(required=False, help_text=_("There, and true, where it has been withdrawn."))


class System(Thing):
    oparlVersion = address(_("Version of OParl."))  # noqa: N815 - the standard's own names
    body = address(_("List of the bodies."))
    name = text(_("Name of the interface."))
    website = address(_("The portal itself."))


class Body(Thing):
    system = address(_("The interface."))
    name = text(_("Name of the city."))
    equivalent = serializers.ListField(
        child=serializers.URLField(), required=False, help_text=_("The city in its council information system.")
    )
    paper = address(_("List of its papers."))
    file = address(_("List of the files of papers."))
    consultation = address(_("List of the consultations of papers."))
    organization = address(_("Always empty: the council information system has it."))
    person = address(_("Always empty: the council information system has it."))
    meeting = address(_("Always empty: the council information system has it."))
    agendaItem = address(_("Always empty: the council information system has it."))  # noqa: N815
    membership = address(_("Always empty: the council information system has it."))
    locationList = address(_("Always empty: the council information system has it."))  # noqa: N815
    legislativeTermList = address(_("Always empty: the council information system has it."))  # noqa: N815
    legislativeTerm = serializers.ListField(  # noqa: N815
        child=serializers.DictField(), help_text=_("Always empty: the council information system has it.")
    )


class File(Thing):
    name = text(_("What it is."), required=False)
    fileName = text(_("Name to keep it by."), required=False)  # noqa: N815
    mimeType = text(_("Kind of its contents."), required=False)  # noqa: N815
    date = moment(_("Day of the data in it."), required=False)
    size = serializers.IntegerField(required=False, help_text=_("Bytes."))
    sha512Checksum = text(_("Of its bytes, which never change."), required=False)  # noqa: N815
    accessUrl = address(_("Where it is looked at."), required=False)  # noqa: N815
    downloadUrl = address(_("Where it is taken away."), required=False)  # noqa: N815
    paper = serializers.ListField(child=serializers.URLField(), required=False, help_text=_("The paper it belongs to."))


class Consultation(Thing):
    paper = address(_("The paper that is consulted."), required=False)
    authoritative = serializers.BooleanField(required=False, help_text=_("Whether this body decides."))
    role = text(_("What the body is asked for."), required=False)


class Paper(Thing):
    body = address(_("The city."), required=False)
    name = text(_("Subject."), required=False)
    reference = text(_("Number."), required=False)
    date = serializers.DateField(required=False, help_text=_("Day of the paper."))
    paperType = text(_("Kind of paper."), required=False)  # noqa: N815
    keyword = serializers.ListField(child=serializers.CharField(), required=False, help_text=_("What it is about."))
    superordinatedPaper = serializers.ListField(  # noqa: N815
        child=serializers.URLField(), required=False, help_text=_("The paper this one supplements.")
    )
    mainFile = File(required=False, help_text=_("The paper itself."))  # noqa: N815
    auxiliaryFile = File(many=True, required=False, help_text=_("The same contents in other formats."))  # noqa: N815
    consultation = Consultation(many=True, required=False, help_text=_("Bodies it goes to."))


class Error(serializers.Serializer):
    type = address(_("Says that it is an error, in which version of OParl."))
    message = text(_("What is wrong, in a sentence for people."))
    debug = text(_("The kind of error."))


class Pagination(serializers.Serializer):
    totalElements = serializers.IntegerField(help_text=_("Objects on all pages."))  # noqa: N815
    elementsPerPage = serializers.IntegerField(help_text=_("Objects on a page."))  # noqa: N815
    currentPage = serializers.IntegerField(help_text=_("Number of this page."))  # noqa: N815
    totalPages = serializers.IntegerField(help_text=_("Number of pages."))  # noqa: N815


class Links(serializers.Serializer):
    first = address(_("The first page."))
    prev = address(_("The page before."), required=False)
    self = address(_("This page."))
    next = address(_("The page after; the last one has none."), required=False)
    last = address(_("The last page."))


def list_of(shape):
    """A page of a list of such objects."""
    fields = {
        "data": shape(many=True, help_text=_("The objects of this page.")),
        "pagination": Pagination(help_text=_("Which part of the list this is.")),
        "links": Links(help_text=_("The other pages.")),
    }
    return type(f"{shape.__name__}List", (serializers.Serializer,), fields)
