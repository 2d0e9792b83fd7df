import pytest

from strategy.models import User


@pytest.fixture(autouse=True)
def in_english(settings, monkeypatch):
    """Texts are compared in the language of the code; their German is the catalogue's business."""
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setattr(User._meta.get_field("language"), "default", "en")


@pytest.fixture
def mail_server(tmp_path, settings):
    """``with mail_server() as server``: a real mail server to which all mail goes; outside of it, it is down."""
    from tests.smtp import MailServer  # of all tests here, only those with this fixture need it

    def at_hand():
        server = MailServer(tmp_path)
        for name, value in server.settings().items():
            setattr(settings, name, value)
        return server

    return at_hand
