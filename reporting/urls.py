"""What leaves the house: dashboard and council reports, below ``/<strategy>/``."""

from django.urls import path

from reporting.views import dashboard

app_name = "reporting"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("tasks/", dashboard.tasks, name="tasks"),
]
