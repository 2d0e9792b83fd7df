"""Pages of made-up strategies of two sizes, as a signed-in person gets them."""

from django.core.management import call_command
from django.db import connection
from django.test import Client
from jinja2 import Environment

from benchmarks.stopwatch import ratio
from strategy.models import Role, User

ROWS = 50  # what one page of the list shows
BARE_QUERY = """
SELECT m.code, m.title, u.name, l.title, m.state, p.title, m.progress, m.status_on, n.title, n.due_on
FROM measures_measure m
JOIN strategy_strategy s ON s.id = m.strategy_id
LEFT JOIN strategy_organisationalunit u ON u.id = m.lead_unit_id
LEFT JOIN strategy_light l ON l.id = m.light_id
LEFT JOIN strategy_priority p ON p.id = m.priority_id
LEFT JOIN LATERAL (
    SELECT title, due_on FROM measures_milestone
    WHERE measure_id = m.id AND reached_on IS NULL ORDER BY due_on LIMIT 1
) n ON true
WHERE s.slug = %s ORDER BY m.code LIMIT %s
"""
BARE_ROWS = Environment(autoescape=True).from_string(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


def measure():
    """(what, against what, ratio, target) of the list and the dashboard.

    The bare work is one query without rights and a template of ten cells a row. The page beside it is what a browser
    gets: session, person, roles, filters with their numbers, menu and frame; so two of its parts stand below it.
    """
    for size in (50, 500, 2000):
        call_command("make_load", measures=size, heads=20, strategy=f"load-{size}", verbosity=0)
    small, large = page("load-50", "measures/"), page("load-500", "measures/")
    rows = page("load-50", "measures/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="results")
    yield "list of 50 measures, whole", "bare query and rows", ratio(small, bare_rows), 3.5
    yield "… without frame and menu", "bare query and rows", ratio(rows, bare_rows), None
    yield (
        "a 404 page in its frame",
        "bare query and rows",
        ratio(page("load-50", "nothing/", status=404), bare_rows),
        None,
    )
    yield "list of 500, a page of 50", "list of 50", ratio(large, small), 1.5
    yield "overview of 2000 measures", "overview of 50", ratio(page("load-2000"), page("load-50")), 3


def page(slug, path="", status=200, **headers):
    """Gets a page as somebody of the strategy's project group."""
    client = Client(SERVER_NAME="localhost", **headers)
    client.force_login(User.objects.filter(memberships__strategy__slug=slug, memberships__role=Role.PROJECT_GROUP)[0])

    def work():
        response = client.get(f"/{slug}/{path}")
        assert response.status_code == status, response

    return work


def bare_rows():
    with connection.cursor() as cursor:
        cursor.execute(BARE_QUERY, ["load-50", ROWS])
        BARE_ROWS.render(rows=cursor.fetchall())
