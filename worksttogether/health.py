"""Is the process alive, and can it do its work? For load balancers and for the demo's own start."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from .celery import app


@require_safe
@never_cache
@login_not_required
def healthz(request):
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
@login_not_required
def readyz(request):
    found = {"database": database(), "migrations": migrations(), "broker": broker()}
    return JsonResponse(found, status=200 if set(found.values()) == {"ok"} else 503)


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unknown"
    return "pending" if pending else "ok"


def broker() -> str:
    try:
        with app.connection_for_write() as queue:
            queue.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except OperationalError:
        return "unreachable"
    return "ok"
