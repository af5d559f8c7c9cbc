"""Every share of a report, as two questions about one stay in a queue: is it in the numerator, is it in the denominator?

This is the one truth about shares. Counts (`metrics.tally`), rates, the formula card and the list of calls behind a
figure all ask these questions, so a list is always as long as its fraction says.
Letters (`DOMAIN.md` 3.3): A answered, A_T answered within T, B abandoned or dropped by us, B_s short abandons, B_T
abandoned within T, O offered. Calls dropped by us count as abandons in every rate (COPC), but never as short or timely
ones: no rate gets better by a fault of ours. A caller still waiting beyond T is a miss already in v2, v8 and v9 and not
yet in the others; one still waiting within T is in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.core.kinds import (
    LEGAL_TARGET,
    Kinds,
    Share,
    Stay,
    Test,
    abandoned,
    abandoned_within,
    all_of,
    answered,
    answered_within,
    any_of,
    count,
    decided,
    dropped,
    ended,
    event,
    flow_out,
    handled,
    lost,
    lost_for_long,
    none_of,
    offered,
    short_abandoned,
    waiting,
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One share: its name, its formula, and the two questions."""

    name: str
    letters: str
    words: str
    """The formula as a sentence of two halves around a stroke."""
    used_by: str = ""
    target: float | None = None
    in_part: Test
    in_whole: Test

    def part(self, stay: Stay) -> bool:
        """Does it count in the numerator?"""
        return self.in_part(stay.kind)

    def whole(self, stay: Stay) -> bool:
        """Does it count in the denominator?"""
        return self.in_whole(stay.kind)

    def share(self, kinds: Kinds) -> Share:
        return Share(part=count(self.in_part, kinds), whole=count(self.in_whole, kinds))


# ---- the shares ------------------------------------------------------------------------------------------------

_LISTED = (
    Figure(
        name="service_level_v1",
        letters="A_T / A",
        words="answered within T / answered",
        used_by="ICMI 2 (its author advises against it); Asterisk's first rate",
        in_part=answered_within,
        in_whole=answered,
    ),
    Figure(
        name="service_level_v2",
        letters="A_T / O",
        words="answered within T / offered",
        used_by="“all offered” (WFM Labs); COPC: what entered the queue",
        in_part=answered_within,
        in_whole=decided,
    ),
    Figure(
        name="service_level_v3",
        letters="A_T / (A + B)",
        words="answered within T / (answered + abandoned)",
        used_by="ICMI 3; Genesys with short abandons switched on",
        in_part=answered_within,
        in_whole=ended,
    ),
    Figure(
        name="service_level_v4",
        letters="A_T / (A + B - B_s)",
        words="answered within T / (answered + abandoned − short abandons)",
        used_by="Genesys with short abandons and flow-outs off; our headline",
        in_part=answered_within,
        in_whole=all_of(ended, none_of(short_abandoned)),
    ),
    Figure(
        name="service_level_v5",
        letters="A_T / (A + B - B_T)",
        words="answered within T / (answered + abandoned − abandoned within T)",
        used_by="ICMI 4; Bright Pattern",
        in_part=answered_within,
        in_whole=all_of(ended, none_of(abandoned_within)),
    ),
    Figure(
        name="service_level_v6",
        letters="(A_T + B_T) / (A + B)",
        words="(answered within T + abandoned within T) / (answered + abandoned)",
        used_by="ICMI 1; Cisco WFO; Asterisk's second rate",
        in_part=any_of(answered_within, abandoned_within),
        in_whole=ended,
    ),
    Figure(
        name="service_level_v7",
        letters="(A_T + B_s) / (A + B)",
        words="(answered within T + short abandons) / (answered + abandoned)",
        used_by="ICMI 5",
        in_part=any_of(answered_within, short_abandoned),
        in_whole=ended,
    ),
    Figure(
        name="service_level_v8",
        letters="A_T / (O - B_s)",
        words="answered within T / (offered − short abandons)",
        used_by="Genesys with flow-outs on and short abandons off; strict, shown beside the headline",
        in_part=answered_within,
        in_whole=all_of(decided, none_of(short_abandoned)),
    ),
    Figure(
        name="service_level_v9",
        letters="A_T / (events - B_T)",
        words="answered within T / (answered within T + dropped by us within T + T reached without an answer)",
        used_by="Cisco ICM, “ignore abandons”",
        in_part=answered_within,
        in_whole=event,
    ),
    Figure(
        name="abandon_rate_all",
        letters="B / O",
        words="abandoned / offered",
        used_by="(a) Amazon, Genesys",
        in_part=lost,
        in_whole=offered,
    ),
    Figure(
        name="abandon_rate",
        letters="(B - B_s) / (O - B_s)",
        words="(abandoned − short ones) / (offered − short ones)",
        used_by="(b) our headline",
        in_part=lost_for_long,
        in_whole=none_of(short_abandoned),
    ),
    Figure(
        name="abandon_rate_of_ended",
        letters="(B - B_s) / (A + B - B_s)",
        words="(abandoned − short ones) / (answered + abandoned − short ones)",
        used_by="(c) Google",
        in_part=lost_for_long,
        in_whole=any_of(answered, lost_for_long),
    ),
    Figure(
        name="legal_answer",
        letters="A_180 / O",
        words="answered within 180 seconds / offered",
        used_by="answer time asked for by regulation, target 95 %",
        target=LEGAL_TARGET,
        in_part=lambda kind: answered(kind) and kind.lawful,
        in_whole=lambda kind: not (waiting(kind) and kind.lawful),
    ),
    Figure(
        name="transferred_in",
        letters="transferred in / O",
        words="sent here by a transfer / offered",
        in_part=lambda kind: kind.came,
        in_whole=offered,
    ),
    Figure(
        name="transferred_out",
        letters="transferred out / A",
        words="talks that ended by a transfer / answered",
        in_part=lambda kind: answered(kind) and kind.went,
        in_whole=answered,
    ),
)

FIGURES: Mapping[str, Figure] = {figure.name: figure for figure in _LISTED}

COUNTS: Mapping[str, Figure] = {
    name: Figure(name=name, letters=name, words=f"{words} / offered", in_part=test, in_whole=offered)
    for name, words, test in (
        ("offered", "joined the queue", offered),
        ("answered", "answered", answered),
        ("answered_within", "answered within T", answered_within),
        ("handled", "answered, wrap-up over", handled),
        ("abandoned", "abandoned", abandoned),
        ("short_abandoned", "abandoned below the limit of short ones", short_abandoned),
        ("abandoned_within", "abandoned within T", abandoned_within),
        ("lost", "abandoned or dropped by us", lost),
        ("dropped", "dropped by us", dropped),
        ("flow_out", "left by callback, message, overflow or closing time", flow_out),
        ("waiting", "still waiting", waiting),
    )
}
"""Plain counts, each as a share of the offered, so that their calls can be listed in the same way."""


def named(name: str) -> Figure | None:
    """A share or a count; None: there is none of this name."""
    return FIGURES.get(name) or COUNTS.get(name)
