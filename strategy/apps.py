from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StrategyConfig(AppConfig):
    name = "strategy"
    verbose_name = _("Strategy")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from simple_history.signals import pre_create_historical_record

        from strategy import (
            permissions,  # noqa: F401  registers the rules
            second_factor,  # noqa: F401  listens to new second factors
        )
        from strategy.changes import stamp_actor
        from strategy.history import structure  # noqa: F401  registers what is told of the frame

        pre_create_historical_record.connect(stamp_actor, dispatch_uid="stamp_actor")
