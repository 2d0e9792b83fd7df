"""The project: wires the apps together and holds no business rule."""

from .celery import app as celery

__all__ = ["celery"]
