"""The match with the carrier's list as a sheet: days, or the differences of one day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.core.carrier_match import CarrierMatch
from ivr.core.metrics import Share
from ivr.workflows.report_output import Column, Sheet, Value


def matches_sheet(matches: Sequence[CarrierMatch]) -> Sheet:
    """One row for each day and hotline."""
    return Sheet(
        title="Carrier match",
        notes=("calls of our records against the carrier's own list",),
        columns=(
            Column(key="day", heading="day"),
            Column(key="hotline", heading="hotline"),
            Column(key="here", heading="calls recorded here"),
            Column(key="there", heading="calls on the carrier's list"),
            Column(key="agree", heading="agree / all that either side knows"),
            Column(key="differences", heading="calls that differ"),
            Column(key="trouble", heading="trouble"),
        ),
        rows=tuple(
            (
                one.day,
                one.hotline,
                None if one.trouble else one.here,
                None if one.trouble else one.there,
                None if one.trouble else Share(part=one.agreed, whole=one.calls),
                None if one.trouble else one.calls - one.agreed,
                one.trouble,
            )
            for one in matches
        ),
        totals=(),
    )


def differences_sheet(matches: Sequence[CarrierMatch], *, zone: ZoneInfo, words: Callable[[str], str] = str) -> Sheet:
    """One row for each difference; times on the clock of `zone`."""

    def local(at: datetime | None) -> Value:
        return None if at is None else at.astimezone(zone).isoformat(sep=" ", timespec="seconds")

    return Sheet(
        title="Carrier differences",
        notes=(f"times in {zone.key}",),
        columns=(
            Column(key="call", heading="call"),
            Column(key="difference", heading="difference"),
            Column(key="at", heading="began"),
            Column(key="here", heading="here"),
            Column(key="there", heading="there"),
        ),
        rows=tuple(
            (one.id, words(one.kind.value), local(one.at), local(one.here), local(one.there))
            for match in matches
            for one in match.differences
        ),
        totals=(),
    )
