"""The schema of the API, for programs and to be read: what can be asked, nothing of what is stored."""

import json
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.utils.encoders import JSONEncoder

from strategy.api.schema import chapters_of


@login_not_required
@require_safe
def schema(request):
    return HttpResponse(written_in(get_language()), content_type="application/vnd.oai.openapi+json")


@login_not_required
@require_safe
def api_docs(request):
    chapters = chapters_of(json.loads(written_in(get_language())))
    return render(request, "strategy/api_docs/api_docs.html", {"chapters": chapters, "limits": settings.API_LIMITS})


@cache
def written_in(language):
    """The schema with its words in that language, put together once a process: it changes with the program alone."""
    return json.dumps(SchemaGenerator().get_schema(request=None, public=True), cls=JSONEncoder)
