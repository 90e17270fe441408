"""The log: one JSON line for a step that matters, made of codes and random identifiers only.

The field names are a closed set, so that a name, a certificate, a token or a PIN has no place to go.
"""

import logging
import sys
from typing import Final, Literal, TextIO

import structlog

Level = Literal["debug", "info", "warning", "error"]

FIELDS: Final = frozenset(
    {
        "acr", "action", "client_id", "count", "detail", "error", "exception", "grant_type", "kid", "method",
        "milliseconds", "operation", "outcome", "path", "presenter", "reason", "reference", "route", "scope", "seconds",
        "source", "status", "txn", "where",
    }
)  # fmt: skip


class UnloggableField(ValueError):
    """A field that is not in the closed set."""


_logger: Final = structlog.get_logger()


def configure_log(level: str = "info", stream: TextIO | None = None) -> None:
    """Send the log as JSON lines to a stream, standard error by default."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def log_line(event: str, level: Level = "info", **fields: str | int | None) -> None:
    """Write one line.

    Takes:  the event's constant name; fields of the closed set, None ones are left out.
    Raises: UnloggableField.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise UnloggableField(", ".join(sorted(unknown)))
    present = {name: value for name, value in fields.items() if value is not None}
    getattr(_logger, level)(event, **present)
