"""The portal's addresses without its word for a database that is away: for the negative control."""

from worksttogether.urls import *  # noqa: F403
from worksttogether.urls import handler400, handler403, handler404, urlpatterns  # noqa: F401

handler500 = "django.views.defaults.server_error"
