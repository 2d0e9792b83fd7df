"""The table of contents of the API, below ``/api/``."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from measures.api.indicator import Indicators, Values
from measures.api.measure import Measures
from measures.api.milestone import Milestones
from measures.api.need import Needs
from measures.api.ranking import Rankings
from measures.api.resource import Resources
from measures.api.review import Reviews
from measures.api.status import StatusUpdates
from reporting.api.report import Reports
from strategy.api.structure import Fields, Stages, Strategies, Units
from strategy.api.views import NothingHere
from strategy.views import api_docs

strategies, of_one = SimpleRouter(use_regex_path=False), SimpleRouter(use_regex_path=False)
strategies.register("strategies", Strategies, basename="strategy")
for name, rows in {
    "fields": Fields,
    "stages": Stages,
    "units": Units,
    "measures": Measures,
    "milestones": Milestones,
    "status-updates": StatusUpdates,
    "indicators": Indicators,
    "indicator-values": Values,
    "resources": Resources,
    "reviews": Reviews,
    "needs": Needs,
    "rankings": Rankings,
    "reports": Reports,
}.items():
    of_one.register(name, rows, basename=name)

app_name = "api"
urlpatterns = [
    path("v1/", include(strategies.urls)),
    path("v1/strategies/<slug:slug>/", include(of_one.urls)),
    path("schema/", api_docs.schema, name="schema"),
    re_path(r"^(?P<rest>[\s\S]*)\Z", NothingHere.as_view(), name="nothing"),
]
