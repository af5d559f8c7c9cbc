"""The list of calls: everything of a time, by topic, agent, outcome; the calls of a number or a case; the stays of a figure.

Numbers of callers are masked before they leave this file. A search by number is written down before it is answered; the
number goes no further than its blind index, which is what the address of the list holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from ivr.core.call_list import CallFilter, ListedCall, Place
from ivr.core.errors import RequestError
from ivr.core.figures import Figure, named
from ivr.core.ids import CallId
from ivr.core.rollups import Limits
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.ports import Clock

PART, WHOLE = "part", "whole"
"""Sides of a share: its numerator, and its denominator."""
PAGE = 50
MOST_COUNTED = 1000
"""Lines of a list that are counted; beyond it says "more than"."""
MOST_FIGURED = 100_000
"""Stays that are looked at for the list of a figure."""
MOST_EXPORTED = 10_000
PORTION = 1000
CASE = re.compile(r"\d{8}")
CALL = re.compile(r"[A-Za-z0-9_-]{1,160}")


class Lines(Protocol):
    """The records as lines. Raises `Unavailable`."""

    def lines(self, wanted: CallFilter, *, after: Place | None, limit: int) -> Sequence[ListedCall]: ...

    def count(self, wanted: CallFilter, *, most: int) -> int: ...

    def marked(self, lines: Sequence[ListedCall]) -> Sequence[ListedCall]: ...

    def indexes(self, number: str) -> tuple[str, ...]: ...

    def known(self, call: CallId) -> bool: ...

    def known_topic(self, topic: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of lines, their numbers masked."""

    lines: tuple[ListedCall, ...]
    next: Place | None
    count: int
    more: bool = False
    """There are more than `count`."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where a search leads: to one call, to a case's, or to those of a number (by its blind index)."""

    call: CallId | None = None
    case: str = ""
    caller: str = ""


@dataclass(frozen=True, kw_only=True)
class FindCalls:
    stored: Lines
    clock: Clock
    audit: Audit
    limits: Callable[[str], Limits]
    short: Callable[[], Mapping[str, timedelta]]
    """Limits of short abandons that are not the usual one, by topic."""
    parsed: Callable[[str], str | None]
    """A number as people type it, as E.164."""
    mask: Callable[[str], str]

    def __call__(
        self, wanted: CallFilter, *, figure: str = "", side: str = PART, after: Place | None = None, size: int = PAGE
    ) -> Listing:
        """Raises RequestError (422) for a figure that is not known."""
        wanted = self._limited(wanted)
        if figure:
            return self._of_figure(wanted, _figure(figure), side, after, size)
        found = self.stored.lines(wanted, after=after, limit=size + 1)
        count = self.stored.count(wanted, most=MOST_COUNTED + 1)
        return self._listing(found, size, min(count, MOST_COUNTED), more=count > MOST_COUNTED)

    def all(self, wanted: CallFilter, *, who: str, figure: str = "", side: str = PART) -> Sequence[ListedCall]:
        """For a file, at most `MOST_EXPORTED` lines; written down before."""
        self.audit(
            at=self.clock.now(),
            who=who,
            what="calls.export",
            detail={"from": wanted.start.isoformat(), "to": wanted.end.isoformat(), "figure": figure},
        )
        chosen = _figure(figure) if figure else None
        found: list[ListedCall] = []
        for line in self._walk(self._limited(wanted)):
            if chosen is None or self._counts(line, chosen, side):
                found.append(line)
                if len(found) == MOST_EXPORTED:
                    break
        return self._masked(found)

    def search(self, text: str, *, who: str) -> Found:
        """By call id, case number or telephone number. Raises RequestError (422, 404), Unavailable."""
        text = text.strip()
        plain = re.sub(r"[\s().-]", "", text)
        if CASE.fullmatch(plain):
            return Found(case=plain)
        number = self.parsed(plain) if plain.startswith("+") else None
        if number is not None:
            self.audit(at=self.clock.now(), who=who, what="calls.search", object=self.mask(number))
            return Found(caller=self.stored.indexes(number)[0])
        if plain.startswith("+") or plain.isdigit():
            raise RequestError(
                "write a number with its country code, as +86 138 0013 8000; a case has 8 digits",
                status=422,
                error_id="bad_search",
            )
        if CALL.fullmatch(text) and self.stored.known(CallId(text)):
            return Found(call=CallId(text))
        raise RequestError("there is no such call", status=404, error_id="unknown_call")

    def _limited(self, wanted: CallFilter) -> CallFilter:
        return replace(wanted, short=self.short()) if wanted.repeat else wanted

    # ---- the stays of a figure ---------------------------------------------------------------------------------

    def _of_figure(self, wanted: CallFilter, figure: Figure, side: str, after: Place | None, size: int) -> Listing:
        """All of them are counted: the number above the list is the figure's own."""
        page: list[ListedCall] = []
        count = seen = 0
        for line in self._walk(wanted):
            seen += 1
            if not self._counts(line, figure, side):
                continue
            count += 1
            if len(page) <= size and (after is None or _behind(line, after)):
                page.append(line)
        return self._listing(page, size, count, more=seen >= MOST_FIGURED)

    def _counts(self, line: ListedCall, figure: Figure, side: str) -> bool:
        if not line.segment:
            return False
        limits = self.limits(line.topic)
        stay = line.stay(within=limits.within, short=limits.short, now=self.clock.now())
        return figure.part(stay) if side == PART else figure.whole(stay)

    def _walk(self, wanted: CallFilter) -> Iterator[ListedCall]:
        after, seen = None, 0
        while seen < MOST_FIGURED:
            portion = self.stored.lines(wanted, after=after, limit=PORTION)
            yield from portion
            seen += len(portion)
            if len(portion) < PORTION:
                return
            after = portion[-1].place

    def _listing(self, found: Sequence[ListedCall], size: int, count: int, *, more: bool) -> Listing:
        lines = found[:size]
        following = lines[-1].place if len(found) > size else None
        return Listing(lines=self._masked(lines), next=following, count=count, more=more)

    def _masked(self, lines: Sequence[ListedCall]) -> tuple[ListedCall, ...]:
        return tuple(
            replace(line, number=None if line.number is None else self.mask(line.number))
            for line in self.stored.marked(lines)
        )


def _behind(line: ListedCall, after: Place) -> bool:
    return (line.at, line.call, line.segment) < (after.at, after.call, after.segment)


def _figure(name: str) -> Figure:
    found = named(name)
    if found is None:
        raise RequestError(f"there is no figure {name}", status=422, error_id="unknown_figure")
    return found
