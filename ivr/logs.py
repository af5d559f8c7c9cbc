"""One line per event, the same from every process: structlog in front, the standard library behind.

The call id is bound once per request or job (`bind_call`) and stands in every line that follows, also in those of
libraries. Before a line is written everything that looks like a telephone number is masked, control characters are
made visible and long values are cut, so a log can be shown to people who may not see callers.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

LONGEST = 2000
"""Characters of one value; a stack trace is longer and is cut in the middle, where it says least."""

# A plus and 4 or more digits, or 7 or more digits in a row, perhaps grouped by blanks, dots, dashes or brackets.
# Letters on either side mean an identifier (a call SID, a hash), and hex identifiers stay readable.
_NUMBER = re.compile(r"(?<![\w.])(?:(?:\+|%2[bB])[ ]?\d(?:[ .()\-]{0,2}\d){3,14}|\d(?:[ ()\-]{0,2}\d){6,14})(?![\w])")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
QUIET = ("twilio.http_client", "werkzeug", "urllib3", "alembic")
"""They log what they send, numbers and all, or a line per request that we write ourselves."""


def masked(text: str) -> str:
    """`text` with telephone numbers as `***42`: the last two digits are enough to recognise one's own."""
    return _NUMBER.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    if _INSTANT.match(found[0]):
        return found[0]
    digits = re.sub(r"\D", "", found[0].replace("%2B", "").replace("%2b", ""))
    return f"***{digits[-2:]}"


def clean(value: object) -> object:
    """A value as it may stand in a log line."""
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**9 else masked(str(value))
    if isinstance(value, Mapping):
        return {str(clean(str(key))): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item) for item in value]
    text = str(value)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
    return masked(_CONTROL.sub(lambda char: " " if char[0] in "\n\r\t" else f"\\x{ord(char[0]):02x}", text))


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The processor that every line passes last but one."""
    for key in event:
        if key in {"exception", "stack"}:
            event[key] = "\n".join(str(clean(line)) for line in str(event[key]).split("\n"))
        elif key not in {"timestamp", "level"}:
            event[key] = clean(event[key])
    return event


@contextmanager
def bind_call(call: str, **more: str) -> Iterator[None]:
    """Every line inside carries the call id. Opened once per request or job."""
    with structlog.contextvars.bound_contextvars(call=call, **more):
        yield


def set_up(*, level: str = "info", form: str = "auto", process: str = "") -> None:
    """Send all log lines of this process to stderr. `form`: auto, json or console; auto asks the terminal."""
    for_reading = form == "console" or (form == "auto" and sys.stderr.isatty())

    def name_process(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process  # a context variable would be unknown in the threads of the server
        return event

    before: list[structlog.typing.Processor] = [
        *([name_process] if process else []),
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if for_reading else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
