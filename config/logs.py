"""How log lines look: JSON, one object a line, in production; coloured text in development. No credentials."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = {"authorization", "cookie", "set-cookie", "password", "token", "key", "secret", "credentials"}
_CREDENTIAL = re.compile(r"(?i)\b((?:token|bearer|basic)\s+)[A-Za-z0-9._~+/=-]{16,}")
_SECRET_PATH = re.compile(r"(/(?:callbacks|hooks|join)/)[^/\s]+")
MASK = "•••"


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what looks like a credential, by the name of the field or by the form of the text."""
    for name, value in event.items():
        if name.lower() in _SECRET_NAMES:
            event[name] = MASK
        elif isinstance(value, str):
            event[name] = _SECRET_PATH.sub(rf"\1{MASK}", _CREDENTIAL.sub(rf"\1{MASK}", value))
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_settings(*, debug: bool, level: str) -> dict[str, Any]:
    """Django's `LOGGING`, and structlog set up to go the same way."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if debug
        else [
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=True, default=str),
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, *last],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},  # what is refused is in the access log
            "django_structlog": {"level": level},
            "httpx": {"level": "WARNING"},  # a line for each request, with its address
        },
    }


def access_log_level(*, debug: bool) -> int:
    """The level of one line for each answered request."""
    return logging.DEBUG if debug else logging.INFO
