"""Which of the codes in the audit trail somebody may read."""

from measures.models import Measure
from strategy.access import names_codes


@names_codes
def codes_of_measures(actor, strategy, codes):
    visible = Measure.objects.visible_to(actor).filter(strategy=strategy, code__in=codes)
    return set(visible.values_list("code", flat=True))
