"""How honest the announced waits were: told against actual, per topic and estimator, with a plot (`DOMAIN.md` 3.9).

What callers heard is scored as they heard it (whole minutes, rounded up). Beside it stands what each estimator would have said to the
second at the same moments, announced or not, so that they can be compared with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.core.wait_scores import CLOSE_S, CLOSE_SHARE, Scored, Told
from ivr.workflows.ports import Clock
from ivr.workflows.report_book import Asked, Book, Field, Row, Table, outcome_word
from ivr.workflows.reports import ReportQuery

POINTS = 600
"""Newest announcements in the plot."""
LISTED = 200


def close_within(actual_s: float) -> float:
    """How far from this wait an announcement may be and count as close, in seconds."""
    return max(CLOSE_S, CLOSE_SHARE * actual_s)


class CalibrationRows(Protocol):
    """Raises Unavailable."""

    def scored(self, query: ReportQuery) -> Iterable[Scored]: ...

    def told(self, query: ReportQuery, *, answered: bool, most: int) -> Iterable[Told]: ...


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """Points of told and actual seconds, with the line on which they agree and the band that counts as close."""

    title: str
    across: str
    up: str
    points: tuple[tuple[float, float], ...]
    """Actual, told."""
    agree: str
    close: str


@dataclass(frozen=True)
class ReportCalibration:
    stored: CalibrationRows
    clock: Clock

    def __call__(self, asked: Asked) -> Book:
        words, query = asked.words, asked.query
        scored = list(self.stored.scored(query))
        points = list(self.stored.told(query, answered=True, most=POINTS))
        gone = list(self.stored.told(query, answered=False, most=LISTED))
        return Book(
            name="calibration",
            title=words("Announced waits"),
            asked=asked,
            as_of=self.clock.now(),
            tables=(
                _scores(asked, "spoken", words("As callers heard it"), [one for one in scored if one.spoken]),
                _scores(
                    asked, "estimators", words("What each estimator would have said"), [one for one in scored if not one.spoken]
                ),
                _censored(asked, gone),
            ),
            drawing=_plot(asked, points),
            remarks=(
                words("Error: told less what the caller still waited. Callers who left before the answer are listed, not scored."),
                words("Close: within 25 % of the real wait, or within 30 s."),
            ),
        )  # fmt: skip


def _scores(asked: Asked, key: str, title: str, scored: Sequence[Scored]) -> Table:
    words = asked.words
    return Table(
        key=key,
        title=title,
        labels=2,
        fields=(
            Field(key="topic", heading=words("Topic")),
            Field(key="estimator", heading=words("Estimator"), meaning=words("QL: length of the line; LES: wait of the last one answered; HOL: wait of the first in line")),
            Field(key="scored", heading=words("Scored"), meaning=words("announcements whose callers were answered")),
            Field(key="mean_absolute_s", heading=words("Mean error"), meaning=words("mean of the errors without their sign")),
            Field(key="bias_s", heading=words("Bias"), meaning=words("mean of the errors; above zero: told too long")),
            Field(key="close", heading=words("Close enough"), meaning=words("within 25 % or 30 s / scored")),
            Field(key="under_promised", heading=words("Under-promised"), meaning=words("waited longer than told / scored")),
            Field(key="censored", heading=words("Left first"), meaning=words("left before the answer: listed below, not scored")),
            Field(key="waiting", heading=words("Still waiting")),
        ),
        rows=tuple(
            Row(
                cells=(
                    asked.topics(one.topic),
                    one.estimator.upper(),
                    one.count,
                    one.score.mean_absolute,
                    one.score.bias,
                    one.close_share,
                    one.under_share,
                    one.censored,
                    one.waiting,
                ),
            )
            for one in sorted(scored, key=lambda one: (one.topic, one.estimator))
        ),
        empty=words("No wait was announced in this time. Waits are announced where two agents are at work and enough calls are known to tell them from."),
    )  # fmt: skip


def _censored(asked: Asked, gone: Sequence[Told]) -> Table:
    words, zone = asked.words, asked.query.zone
    return Table(
        key="censored",
        title=words("Left before the answer"),
        about=words("The newest 200. How long they would have waited nobody knows."),
        labels=2,
        fields=(
            Field(key="at", heading=words("Announced")),
            Field(key="topic", heading=words("Topic")),
            Field(key="estimator", heading=words("Estimator")),
            Field(key="told_s", heading=words("Told")),
            Field(key="stayed_s", heading=words("Stayed on for")),
            Field(key="outcome", heading=words("Outcome")),
            Field(key="call", heading=words("Call")),
        ),
        rows=tuple(
            Row(
                cells=(
                    f"{one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                    asked.topics(one.topic),
                    one.estimator.upper(),
                    one.told,
                    one.left_after,
                    outcome_word(words, one.outcome),
                    one.call,
                ),
                leads={"call": f"/supervisor/calls/{one.call}"},
            )
            for one in gone
        ),
        empty=words("Everybody who was told a wait stayed until the answer."),
    )


def _plot(asked: Asked, points: Sequence[Told]) -> Scatter | None:
    if not points:
        return None
    words = asked.words
    pairs = tuple((one.actual.total_seconds(), one.told.total_seconds()) for one in points if one.actual is not None)
    return Scatter(
        title=words("Told against actual wait"),
        across=words("waited, minutes"),
        up=words("told, minutes"),
        points=pairs,
        agree=words("told = waited"),
        close=words("close"),
    )
