"""Cells of reports as pages write them: a dash where there is no value, the fraction where there are few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import g

from ivr.core.metrics import Share
from ivr.core.people import Account, Role
from ivr.workflows.report_output import DASH, Value

OF_CALLS = ("/supervisor/calls", "/supervisor/follow-ups", "/supervisor/cases", "/supervisor/messages")
"""Pages with what callers said, and who they are."""


def reads_calls() -> bool:
    """Whether the page is for somebody who may read calls."""
    person = g.get("person")
    return isinstance(person, Account) and person.may(Role.SUPERVISOR)


@dataclass(frozen=True, kw_only=True)
class Cell:
    text: str
    number: bool = False
    small: bool = False
    """Few calls: the fraction stands beside the rate."""
    note: str = ""
    link: str = ""


def cell(value: Value, *, link: str = "") -> Cell:
    """`link`: where it leads, if it leads anywhere; nothing stands behind a dash, and nowhere where the reader may not go."""
    if link.startswith(OF_CALLS) and not reads_calls():
        link = ""
    if isinstance(value, str):
        return Cell(text=value, link=link)
    if value is None or (isinstance(value, Share) and value.value is None):
        return Cell(text=DASH, number=True)
    if isinstance(value, Share):
        fraction = f"{value.part} / {value.whole}"
        text = f"{100 * value.part / value.whole:.0f} %"
        return Cell(text=text, number=True, small=value.small, note=fraction, link=link)
    if isinstance(value, timedelta):
        return Cell(text=shown_seconds(value), number=True, link=link)
    return Cell(text=str(value), number=True, link=link)


def shown_seconds(value: timedelta) -> str:
    """`45 s`, `3:05`, `1:02:03`; with a minus in front below zero."""
    whole = round(value.total_seconds())
    minutes, seconds = divmod(abs(whole), 60)
    hours, rest = divmod(minutes, 60)
    sign = "−" if whole < 0 else ""
    if hours:
        return f"{sign}{hours}:{rest:02d}:{seconds:02d}"
    return f"{sign}{minutes}:{seconds:02d}" if minutes else f"{sign}{seconds} s"
