"""The schema of the API as a page to be read."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from strategy.api.schema import chapters_of


@login_not_required
@require_safe
def api_docs(request):
    """Tells what can be asked, nothing of what is stored."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    context = {"chapters": chapters_of(schema), "problem": schema["components"]["schemas"]["Problem"]}
    return render(request, "strategy/api_docs/api_docs.html", context)
