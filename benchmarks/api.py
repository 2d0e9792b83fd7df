"""The list of measures as a program gets it, against what Django REST framework does by itself."""

from django.core.management import call_command
from django.test import Client
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from benchmarks.stopwatch import ratio
from measures.api.measure import MeasureRow
from measures.models import Measure
from strategy.models import ApiToken, Role, User

ROWS = 500


class Plain(serializers.ModelSerializer):
    """The same fields, told from one object a row."""

    class Meta:
        model = Measure
        fields = list(MeasureRow._declared_fields)


def measure():
    """(what, against what, ratio, target); the whole request has token, rights, filters and paging in it."""
    call_command("make_load", measures=ROWS, heads=20, strategy="load-500", verbosity=0)
    yield "API list of 500, rows alone", "plain serializer", ratio(rows, plain), 0.25
    yield "… as a whole request", "plain serializer", ratio(request(), plain), None


def rows():
    found = list(MeasureRow.select(Measure.objects.filter(strategy__slug="load-500"))[:ROWS])
    return JSONRenderer().render(MeasureRow.tell(found, None))


def plain():
    found = Measure.objects.filter(strategy__slug="load-500")
    found = found.select_related("field", "stage", "phase", "priority", "light").prefetch_related(*Measure.MANY)[:ROWS]
    return JSONRenderer().render(Plain(found, many=True).data)


def request():
    user = User.objects.filter(memberships__strategy__slug="load-500", memberships__role=Role.PROJECT_GROUP)[0]
    _token, key = ApiToken.objects.issue(user, name="Messung", scope="read", days=1)
    client = Client(SERVER_NAME="localhost")

    def work():
        answer = client.get(
            f"/api/v1/strategies/load-500/measures/?limit={ROWS}", headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 200, answer

    return work
