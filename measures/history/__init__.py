"""What is told of the work: see ``strategy.history``. A new model, or a new field, gets its lines in ``told.py``."""

from django.db.models import DecimalField

from measures.figures import figure
from strategy.history import history_of, tell
from strategy.history.names import SHOWN

from .roots import ROOTS
from .told import STEPS, TOLD

__all__ = ["STEPS", "history_of"]

tell(TOLD, ROOTS)
SHOWN[DecimalField] = figure
