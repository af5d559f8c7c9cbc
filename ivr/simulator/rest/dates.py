"""Date filters of lists: `StartTime`, `StartTime<`, `StartTime>`; a day or a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from ivr.simulator.clock import Clock
from ivr.simulator.rest.answers import Refused


def matches_date(clock: Clock, asked: Mapping[str, str], name: str, at_s: float | None) -> bool:
    """`<` means until and with, `>` from on, as the carrier has it."""
    filters = [(sign, asked[name + sign]) for sign in ("", "<", ">") if asked.get(name + sign)]
    if not filters:
        return True
    if at_s is None:
        return False
    when = clock.date(at_s)
    for sign, word in filters:
        least, most = _span(word)
        if (sign == "" and not least <= when <= most) or (sign == "<" and when > most) or (sign == ">" and when < least):
            return False
    return True


def _span(word: str) -> tuple[datetime, datetime]:
    try:
        if len(word) == len("2026-01-01"):
            day = datetime.combine(date.fromisoformat(word), datetime.min.time(), UTC)
            return day, day + timedelta(days=1, microseconds=-1)
        moment = datetime.fromisoformat(word)
    except ValueError as err:
        raise Refused(20001, f"Not a date: {word}") from err
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment + timedelta(seconds=1)
