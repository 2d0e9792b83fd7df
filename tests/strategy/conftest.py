import pytest

from strategy.models import User


@pytest.fixture(scope="module")
def spoken():
    return "en"


@pytest.fixture(autouse=True)
def in_english(settings, monkeypatch):
    """Texts are compared in the language of the code; their German is the catalogue's business."""
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setattr(User._meta.get_field("language"), "default", "en")
