"""The schema of the API as a page to be read."""

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from strategy.api.schema import chapters_of


@login_not_required
@require_safe
def api_docs(request):
    """Tells what can be asked, nothing of what is stored."""
    return render(request, "strategy/api_docs/api_docs.html", {"chapters": chapters_in(get_language())})


@cache
def chapters_in(language):
    """The chapters in that language, put together once a process: they change with the program alone."""
    return chapters_of(SchemaGenerator().get_schema(request=None, public=True))
