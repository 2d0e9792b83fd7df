"""The work: measures and reviews, below ``/<strategy>/``."""

app_name = "measures"
urlpatterns = []
