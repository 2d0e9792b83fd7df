from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = _("Measures")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from measures import (  # noqa: F401  all register with the frame
            access,
            deadlines,
            events,
            history,
            menu,
            permissions,
            personal,
            retention,
            search,
        )
