"""Tables that come back: the upload, and what the headings of a city's own table stand for."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures.exchange.reader import LARGEST
from strategy.forms.once import OnceForm


class UploadForm(OnceForm):
    file = forms.FileField(
        label=_("Table"),
        help_text=_("An Excel file (.xlsx) or a text file (.csv), at most 5 MB and 5,000 rows."),
        max_length=500,
        widget=forms.FileInput({"accept": ".xlsx,.csv,.txt"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(_("The file is larger than %(most)d MB."), params={"most": LARGEST // 1024**2})
        return file


class ConfirmForm(OnceForm):
    with_amendments = forms.BooleanField(required=False)


class ColumnsForm(OnceForm):
    """A choice for each heading: one of the columns, or to leave it out. No column stands for two headings."""

    LEFT_OUT = "-"

    def __init__(self, *args, headings, samples, columns, suggested, **options):
        super().__init__(*args, **options)
        self.headings = headings
        choices, known = [(self.LEFT_OUT, _("leave out")), *columns], dict(columns)
        for place, heading in enumerate(headings):
            if heading:
                self.fields[f"column-{place}"] = forms.ChoiceField(
                    label=heading,
                    choices=choices,
                    initial=suggested[place] if suggested[place] in known else self.LEFT_OUT,
                    help_text=", ".join(f"„{text}“" for text in samples[place]) if place < len(samples) else "",
                )

    @property
    def columns(self):
        chosen = [self.cleaned_data.get(f"column-{place}", "") for place in range(len(self.headings))]
        return ["" if column == self.LEFT_OUT else column for column in chosen]

    def clean(self):
        chosen = [column for column in self.columns if column]
        for place, column in enumerate(self.columns):
            if column and chosen.count(column) > 1:
                self.add_error(
                    f"column-{place}", _("Chosen for another heading as well; please leave one of them out.")
                )
        if not self.errors and not {"title", "code"}.intersection(chosen):
            raise ValidationError(_("Please say where the code stands, or the title."))
        return self.cleaned_data
