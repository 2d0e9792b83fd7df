"""Pages that are asked as of a past day by ``?on=2026-10-31``."""

from functools import wraps

from django.shortcuts import render

from measures.as_of import standing
from measures.forms.as_of import AsOfForm


def of_any_day(*, needs=False):
    """The view reads the day its address names, which stands in ``request.as_of``; it never meets one that is none.

    ``needs``: it shows needs of the staff council, too.
    """

    def reading(view):
        @wraps(view)
        def answer(request, *args, **kwargs):
            request.as_of = AsOfForm(request.GET, request.strategy)
            if not request.as_of.is_valid():
                return render(request, "measures/no_such_day.html")
            with standing(request.strategy, request.actor, request.as_of.day, needs=needs):
                return view(request, *args, **kwargs)

        return answer

    return reading
