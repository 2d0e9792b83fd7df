"""What the sign-in page tells everyone: facts of the strategy that its council papers have made public."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from measures.disclosure import disclosed
from measures.models import Indicator, Measure
from strategy.models import CouncilPaper, FieldOfAction, Strategy
from strategy.templatetags.portal import shown_date

register = template.Library()


@register.simple_tag
def public_facts():
    """{strategy, facts} of the portal's only strategy; of several, none is the one to show."""
    strategies = Strategy.objects.all()[:2]
    if len(strategies) != 1:
        return {}
    [strategy] = strategies
    facts = [*counts(strategy), *first_figure(strategy), *council_paper(strategy)]
    return {"strategy": strategy, "facts": facts}


def counts(strategy):
    yield {"label": _("Fields of action"), "value": FieldOfAction.objects.filter(strategy=strategy).count()}
    decided = Measure.objects.filter(strategy=strategy, decided_on__isnull=False).count()
    if decided:
        yield {"label": _("Measures decided"), "value": decided}


def first_figure(strategy):
    """The newest value of the strategy's own first indicator, as the employees of the city."""
    indicator = Indicator.objects.filter(strategy=strategy, measure=None).order_by("pk").first()
    dated = [value for value in disclosed(indicator) if value.as_of] if indicator else []
    value = dated[-1] if dated else None
    if value:
        day = shown_date(value.as_of, value.date_precision)
        qualifier = value.get_qualifier_display() if value.qualifier else ""
        number = number_format(value.value.normalize(), force_grouping=True)
        yield {"label": f"{indicator.name}, {day}", "value": number, "qualifier": qualifier}


def council_paper(strategy):
    """The paper by which the council heard of the strategy: the first that bears its title."""
    papers = CouncilPaper.objects.filter(strategy=strategy, title__icontains=strategy.title, dated_on__isnull=False)
    if paper := papers.order_by("dated_on").first():
        yield {"label": _("Council paper"), "value": shown_date(paper.dated_on), "source": paper.reference}
