"""Keep the record: the loop of `ivr record`.

Facts wait in the stream until SQL has them. Written first, marked done second: when the process dies between, they
come again and are passed over. When SQL is away they stay where they are and the loop tries again, at growing
distances; the telephone does not notice, pages say "records delayed".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ivr.core.errors import Unavailable
from ivr.workflows.ports import FactRow, FactStream, Records

FIRST_PAUSE = timedelta(milliseconds=250)
LONGEST_PAUSE = timedelta(seconds=10)
TURN = timedelta(seconds=1)
"""How long one look at an empty stream lasts; stopping takes no longer."""


Portion = Sequence[tuple[str, FactRow]]


@dataclass(frozen=True)
class KeepRecord:
    facts: FactStream
    records: Records
    report: Callable[[str, int], None] = lambda _word, _count: None
    """Told what became of a portion: `recorded` and how many were new, `delayed` and how many wait for SQL,
    `refused` and how many cannot be written; those stay in the stream for whoever looks into it."""

    def __call__(self, *, wait: timedelta) -> int:
        """Take one portion and write it. How many facts were taken. Raises Unavailable: nothing is lost."""
        portion = self.facts.take(wait=wait)
        self._keep(portion)
        return len(portion)

    def run(self, *, stopping: Callable[[], bool], pause: Callable[[timedelta], object]) -> None:
        """Until `stopping` says so. `pause` waits that long, or less when it is time to stop.

        A portion in hand is tried again as it is: the stream hands it out anew only after a while.
        """
        portion: Portion = ()
        rest = FIRST_PAUSE
        while not stopping():
            try:
                portion = portion or self.facts.take(wait=TURN)
                self._keep(portion)
                portion, rest = (), FIRST_PAUSE
            except Unavailable:
                self.report("delayed", len(portion))
                pause(rest)
                rest = min(rest * 2, LONGEST_PAUSE)

    def _keep(self, portion: Portion) -> None:
        if not portion:
            return
        try:
            new = self.records.write([row for _, row in portion])
            written = [entry for entry, _ in portion]
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - one fact that cannot be written must not hold up all others
            new, written = self._one_by_one(portion)
        self.facts.done(written)
        self.report("recorded", new)

    def _one_by_one(self, portion: Portion) -> tuple[int, list[str]]:
        new, written = 0, []
        for entry, row in portion:
            try:
                new += self.records.write([row])
                written.append(entry)
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001 - it stays in the stream, and is told of
                self.report("refused", 1)
        return new, written
