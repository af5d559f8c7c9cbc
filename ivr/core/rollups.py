"""Cells: what a report needs of many stays, in a form that adds up.

A cell counts stays by group (how they ended, wrapped up or not, transferred in or out) and by class of wait, and holds sums
and maxima in milliseconds. Classes are half seconds: class 2n is a wait of exactly n seconds, class 2n + 1 one between n
and n + 1. So `wait <= T` and `wait < short` can be asked of a cell for any limit of whole seconds, as menus have them, and
a limit that is changed today changes the past too. Percentiles are in whole seconds, rounded up, by nearest rank: they are
the same whether a cell was made from its calls just now or kept since last year.

Two cells of different calls are put together by adding; nothing in them is an average.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.core import dense
from ivr.core.facts import Outcome
from ivr.core.kinds import LEGAL_WITHIN, TRANSFER, Kind

BIG = sys.byteorder == "big"
MANY = 8
"""From so many on, the library's own count is quicker than a loop."""
SECOND = timedelta(seconds=1)

OUTCOMES: tuple[Outcome | None, ...] = (
    None,
    Outcome.ANSWERED,
    Outcome.ABANDONED,
    Outcome.OVERFLOW,
    Outcome.MESSAGE,
    Outcome.CALLBACK,
    Outcome.CLOSED,
    Outcome.DROPPED,
)
"""Their places are stored: never change the order."""
CODES: Mapping[Outcome | None, int] = {outcome: code for code, outcome in enumerate(OUTCOMES)}
ANSWERED, ABANDONED = CODES[Outcome.ANSWERED], CODES[Outcome.ABANDONED]
LEFT = tuple(code for code, outcome in enumerate(OUTCOMES) if outcome is not None)
"""All who left the queue, however."""

WRAPPED, CAME, WENT = 8, 16, 32
GROUP_BITS = 6
GROUPS = 1 << GROUP_BITS
GONE = GROUPS
"""Where the waits of the abandoned stand among the groups."""
OUTCOME_MASK = 7


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What counts as in time and as short, per topic; whole seconds."""

    within: timedelta = timedelta(seconds=20)
    short: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Between what is kept and what is counted."""

    where: str
    kept: str
    counted: str


def class_of(wait_ms: int) -> int:
    seconds, rest = divmod(wait_ms, 1000)
    return 2 * seconds + (rest > 0)


@dataclass(kw_only=True, eq=False)
class Cell:
    """Additive."""

    waited: list[int] = field(default_factory=lambda: [0] * len(OUTCOMES))
    """Sum of waits per outcome."""
    longest: list[int] = field(default_factory=lambda: [-1] * len(OUTCOMES))
    """Longest wait per outcome; −1: none."""
    work: list[int] = field(default_factory=lambda: [0] * 4)
    """Of the handled: sum of talk, hold, wrap-up; and how many of them were on hold at all."""
    _counts: Counter[int] = field(default_factory=Counter)
    _gone: Counter[int] = field(default_factory=Counter)
    _dense: dict[int, int] = field(default_factory=dict)
    """Per group (and `GONE`), classes side by side: what kept cells brought and nobody has asked for yet."""

    @property
    def counts(self) -> Counter[int]:
        """By class of wait and group, in one key: class × 64 + group."""
        self._take_apart()
        return self._counts

    @property
    def gone(self) -> Counter[int]:
        """Sum of waits of the abandoned per class, so that short ones can be left out of a mean."""
        self._take_apart()
        return self._gone

    def _take_apart(self) -> None:
        for kept, spent in dense.unpacked(self._dense.pop(GONE, 0), dense.SUM):
            self._gone[kept] += spent
        for group, together in self._dense.items():
            for kept, number in dense.unpacked(together):
                self._counts[kept << GROUP_BITS | group] += number
        self._dense.clear()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cell):
            return NotImplemented
        mine, theirs = ((one.counts, one.waited, one.longest, one.work, one.gone) for one in (self, other))
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]

    def add(
        self,
        outcome: Outcome | None,
        wait_ms: int,
        *,
        work_ms: tuple[int, int, int] | None = None,
        cause: str = "",
        ended_by: str = "",
    ) -> None:
        """One stay. `work_ms`: talk, hold and wrap-up, once the wrap-up is over."""
        code, kept = CODES[outcome], class_of(wait_ms)
        group = code | WRAPPED * (work_ms is not None) | CAME * (cause == TRANSFER) | WENT * (ended_by == TRANSFER)
        self.counts[kept << GROUP_BITS | group] += 1
        self.waited[code] += wait_ms
        self.longest[code] = max(self.longest[code], wait_ms)
        if code == ABANDONED:
            self.gone[kept] += wait_ms
        if code == ANSWERED and work_ms is not None:
            for place, spent in enumerate(work_ms):
                self.work[place] += spent
            self.work[3] += work_ms[1] > 0

    def merge(self, other: Cell) -> None:
        for key, number in other.counts.items():
            self.counts[key] += number
        for kept, spent in other.gone.items():
            self.gone[kept] += spent
        self._sums(other.waited, other.longest, other.work)

    def _sums(self, waited: Iterable[int], longest: Iterable[int], work: Iterable[int]) -> None:
        self.waited = [mine + theirs for mine, theirs in zip(self.waited, waited, strict=True)]
        self.longest = [max(mine, theirs) for mine, theirs in zip(self.longest, longest, strict=True)]
        self.work = [mine + theirs for mine, theirs in zip(self.work, work, strict=True)]

    # ---- kept -----------------------------------------------------------------------------------------------------

    def body(self) -> bytes:
        """To keep, as 64-bit numbers: how many of each part, sums of work, per outcome its sum and longest wait, keys that
        occur once, the others with their counts, waits of the abandoned per class; then what stands side by side (`dense`): the
        group, its total, the number of words, and these.
        """
        beside, single = self._parted()
        ones = sorted(key for key, number in single if number == 1)
        more = sorted((key, number) for key, number in single if number > 1)
        gone = sorted(self.gone.items())
        first = dense.worth(gone, dense.SUM)
        gone_beside, gone = gone[:first], gone[first:]
        ends = [(code, self.waited[code], most) for code, most in enumerate(self.longest) if most >= 0]
        kept = array("q", [len(ones), len(more), len(gone), len(ends), *self.work])
        for parts in (
            (value for end in ends for value in end),
            ones,
            (key for key, _ in more),
            (number for _, number in more),
            (key for key, _ in gone),
            (spent for _, spent in gone),
        ):
            kept.extend(parts)
        blocks = [_block(group, counted) for group, counted in beside]
        if gone_beside:
            blocks.append(_block(GONE, gone_beside, dense.SUM))
        return b"".join([_stored(kept), *(part for block in blocks for part in block)])

    def _parted(self) -> tuple[list[tuple[int, dense.Counted]], list[tuple[int, int]]]:
        """Classes of each group that stand side by side, and the other counts by key."""
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for key, number in self.counts.items():
            groups[key & (GROUPS - 1)].append((key >> GROUP_BITS, number))
        beside: list[tuple[int, dense.Counted]] = []
        single: list[tuple[int, int]] = []
        for group, counted in sorted(groups.items()):
            counted.sort()
            first = dense.worth(counted)
            if first:
                beside.append((group, counted[:first]))
            single += [(kept << GROUP_BITS | group, number) for kept, number in counted[first:]]
        return beside, single

    def merge_body(self, body: bytes) -> None:
        """Add a kept cell. It happens ten thousands of times for one page."""
        kept = _read(body)
        ones, more, gone, ends, *spent = kept[:8]
        if any(spent):
            self.work = [mine + theirs for mine, theirs in zip(self.work, spent, strict=True)]
        waited, longest, counts = self.waited, self.longest, self._counts
        at = 8
        for _ in range(ends):
            code, most = kept[at], kept[at + 2]
            waited[code] += kept[at + 1]
            longest[code] = max(longest[code], most)
            at += 3
        if ones < MANY:
            for key in kept[at : at + ones]:
                counts[key] += 1
        else:
            counts.update(kept[at : at + ones])
        at += ones
        for key, number in zip(kept[at : at + more], kept[at + more : at + 2 * more], strict=True):
            counts[key] += number
        at += 2 * more
        total = self._gone
        for key, spent_ms in zip(kept[at : at + gone], kept[at + gone : at + 2 * gone], strict=True):
            total[key] += spent_ms
        for group, _, first, last in _blocks(kept, at + 2 * gone):
            together = dense.number_of(body[dense.WORD * first : dense.WORD * last])
            self._dense[group] = self._dense.get(group, 0) + together

    # ---- asked ----------------------------------------------------------------------------------------------------

    def kinds(self, limits: Limits) -> Counter[Kind]:
        """How many stays of each kind, under these limits. A limit that is no whole second is not to be asked."""
        within, short, lawful = (class_limit(span) for span in (limits.within, limits.short, LEGAL_WITHIN))
        found: Counter[tuple[int, bool, bool, bool]] = Counter()
        for key, number in self.counts.items():
            kept = key >> GROUP_BITS
            found[key & (GROUPS - 1), kept <= within, kept < short, kept <= lawful] += number
        return Counter({_kind(*which): number for which, number in found.items()})

    def count(self, *codes: int) -> int:
        return sum(number for key, number in self.counts.items() if key & OUTCOME_MASK in codes)

    def waits(self, *codes: int) -> Counter[int]:
        """Classes of wait of these outcomes."""
        found: Counter[int] = Counter()
        for key, number in self.counts.items():
            if key & OUTCOME_MASK in codes:
                found[key >> GROUP_BITS] += number
        return found


def _block(group: int, counted: dense.Counted, kind: str = dense.COUNT) -> tuple[bytes, bytes]:
    words = dense.packed(counted, kind)
    head = array("q", [group, sum(number for _, number in counted), len(words) // dense.WORD])
    return _stored(head), words


def _blocks(kept: array[int], at: int) -> Iterator[tuple[int, int, int, int]]:
    """Of each group that stands side by side: group, stays, and the places of its first word and of what follows the last."""
    while at < len(kept):
        group, stays, words = kept[at : at + 3]
        yield group, stays, at + 3, at + 3 + words
        at += 3 + words


def _read(body: bytes) -> array[int]:
    kept = array("q", body)
    if BIG:
        kept.byteswap()
    return kept


def _stored(kept: array[int]) -> bytes:
    """Little end first, whatever the machine."""
    if BIG:
        kept.byteswap()
    return kept.tobytes()


def stays_in(body: bytes) -> int:
    """How many stays a kept cell counts, without adding it to anything."""
    kept = _read(body)
    ones, more, gone, ends = kept[:4]
    numbers = 8 + 3 * ends + ones + more
    beside = sum(stays for group, stays, _, _ in _blocks(kept, numbers + more + 2 * gone) if group != GONE)
    return ones + sum(kept[numbers : numbers + more]) + beside


def class_limit(span: timedelta) -> int:
    """The class of a wait of exactly this long. Raises ValueError for parts of a second."""
    if span % SECOND:
        raise ValueError(f"limits are whole seconds, not {span}")
    return 2 * (span // SECOND)


def _kind(group: int, timely: bool, brief: bool, lawful: bool) -> Kind:  # noqa: FBT001 - one tuple, taken apart
    return Kind(
        outcome=OUTCOMES[group & OUTCOME_MASK],
        timely=timely,
        brief=brief,
        lawful=lawful,
        wrapped=bool(group & WRAPPED),
        came=bool(group & CAME),
        went=bool(group & WENT),
    )
