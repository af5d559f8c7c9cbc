"""Data quality: what the records lack or contradict, and what was put right, with the calls (`DOMAIN.md` 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.metrics import Share
from ivr.core.oversight import Quality
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Row, Table
from ivr.workflows.report_output import Names
from ivr.workflows.reports import ReportQuery

GHOSTS = ("found dead", "forgotten room", "ghost")
"""Repairs that found a call or a line which had ended long ago and was still shown."""


class QualityRows(Protocol):
    def quality(self, query: ReportQuery, at: datetime) -> Quality:
        """Raises Unavailable."""


@dataclass(frozen=True)
class ReportQuality:
    stored: QualityRows
    clock: Clock

    def __call__(self, asked: Asked) -> Book:
        words, now = asked.words, self.clock.now()
        found = self.stored.quality(asked.query, now)
        ghosts = sum(count for what, count in found.repairs.items() if any(word in what for word in GHOSTS))
        wrong = sum(one.found for one in found.checks if one.name != "repaired_call")
        return Book(
            name="quality",
            title=words("Data quality"),
            asked=asked,
            as_of=now,
            tables=(_checks(asked, found), _repairs(asked, found, ghosts), _calls(asked, found)),
            warnings=(words("Some records lack something or contradict themselves: what is below says which and what to do."),)
            if wrong
            else (),
            remarks=(words("A record is folded from all facts of its call, whenever they come: what is missing today is filled when the fact arrives."),),
        )  # fmt: skip


def _names(words: Names) -> dict[str, tuple[str, str]]:
    """What each check is called, and what to do when it finds something."""
    lost = words("the recorder may be behind, or Redis lost facts: look at `ivr doctor` and the log of `ivr record`")
    clock = words("the clocks of two machines differ: let them follow a time server")
    return {
        "call_without_end": (words("Call without an end"), lost),
        "call_without_start": (words("Stay of a call without a beginning"), lost),
        "stay_without_topic": (words("Stay without a topic"), lost),
        "stay_without_outcome": (words("Stay without an outcome"), lost),
        "talk_without_agent": (words("Talk without an agent"), lost),
        "offer_without_end": (words("Offer without an end"), lost),
        "repaired_call": (
            words("Call that was put right"),
            words("normal after a restart or an outage; otherwise read the calls below"),
        ),
        "clock_skew": (words("Stay whose times run backwards"), clock),
        "call_ends_before_start": (words("Call that ends before it begins"), clock),
        "fact_from_the_future": (words("Fact from the future"), clock),
    }


def _checks(asked: Asked, found: Quality) -> Table:
    words = asked.words
    names = _names(words)
    return Table(
        key="checks",
        title=words("What should not be"),
        fields=(
            Field(key="check", heading=words("What")),
            Field(key="found", heading=words("Found")),
            Field(key="of", heading=words("Looked at")),
            Field(key="share", heading=words("Share")),
            Field(key="advice", heading=words("What to do when there are any")),
        ),
        rows=tuple(
            Row(cells=(names[one.name][0], one.found, one.of, Share(part=one.found, whole=one.of), names[one.name][1]))
            for one in found.checks
        ),
    )


def _repairs(asked: Asked, found: Quality, ghosts: int) -> Table:
    words = asked.words
    return Table(
        key="repairs",
        title=words("What was put right"),
        fields=(Field(key="what", heading=words("What")), Field(key="times", heading=words("Times"))),
        rows=tuple(
            Row(cells=(what, count)) for what, count in sorted(found.repairs.items(), key=lambda one: (-one[1], one[0]))
        ),
        totals=(
            Row(cells=(words("All repairs"), sum(found.repairs.values()))),
            Row(cells=(words("of them ghosts: lines that had ended and were still shown"), ghosts)),
        ),
        empty=words("Nothing had to be put right in this time."),
    )


def _calls(asked: Asked, found: Quality) -> Table:
    words = asked.words
    names = _names(words)
    return Table(
        key="calls",
        title=words("The calls"),
        about=words("The newest 50 of each kind."),
        labels=2,
        fields=(Field(key="check", heading=words("What")), Field(key="call", heading=words("Call"))),
        rows=tuple(
            Row(cells=(names[one.name][0], call), leads={"call": f"/supervisor/calls/{call}"})
            for one in found.checks
            for call in one.calls
            if call
        ),
        empty=words("No call is affected."),
    )
