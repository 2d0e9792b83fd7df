from strategy.models import CouncilPaper, CouncilSession, OrganisationalUnit

from .bound import BoundForm


class SessionForm(BoundForm):
    class Meta:
        model = CouncilSession
        fields = ["body", "held_on", "is_public"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        bodies = self.fields["body"].queryset.filter(kind=OrganisationalUnit.Kind.BODY)
        self.fields["body"].queryset = bodies


class PaperForm(BoundForm):
    class Meta:
        model = CouncilPaper
        fields = ["number", "supplement", "title", "kind", "dated_on", "note", "source"]
