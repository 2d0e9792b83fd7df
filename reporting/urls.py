"""What leaves the house: dashboard and council reports, below ``/<strategy>/``."""

app_name = "reporting"
urlpatterns = []
