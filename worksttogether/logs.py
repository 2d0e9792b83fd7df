"""What a line of the log looks like, and what it may not hold: one JSON object a line, without secrets."""

import re

import structlog
from structlog.stdlib import ProcessorFormatter

SECRET_ADDRESS = re.compile(r"(/(?:calendar/|accounts/status/|password/reset/key/(?:[0-9A-Za-z]+-)?))[^/\s\"']+")
STORED_VALUES = re.compile(r"\nDETAIL:.*?(?=\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL)


def without_secrets(logger, name, event):
    """No key of an address, no row of the database, in whatever field they stand. A processor of structlog."""
    return {field: harmless(value) for field, value in event.items()}


def harmless(value):
    """Addresses whose last part is a key lose it, a database's complaint the row it quotes: that may be a draft."""
    return STORED_VALUES.sub("", SECRET_ADDRESS.sub(r"\1…", value)) if isinstance(value, str) else value


CHAIN = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
]


def formatter(*, readable):
    """For the logging of Django: JSON, which has no line breaks of its own, or readable lines for the demo."""
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        if readable
        else structlog.processors.JSONRenderer()
    )
    return {
        "()": ProcessorFormatter,
        "foreign_pre_chain": CHAIN,
        "processors": [
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            without_secrets,
            renderer,
        ],
    }
