"""Ways through the menu: sums over the facts of the calls that began in a time."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Engine

from ivr.core.facts import CallEnd
from ivr.core.menu_flow import Contained, Ended, FirstKeys, Presses, Walked
from ivr.storage.sql.sum_calls import ENDED
from ivr.storage.sql.sum_menu import ENDS, FIRST_KEYS, GONE, PRESSES, VISITS, ways
from ivr.storage.sql.sum_served import SERVED_AGAIN, unsettled
from ivr.storage.sql.sums import SumLook, Sums, sums_of
from ivr.workflows.reports import ReportQuery


@dataclass(frozen=True)
class MenuFlowRows:
    """Implements `workflows.report_menu_flow.MenuFlowRows`. Raises `Unavailable`."""

    engine: Engine
    kept: bool = True
    """False: count everything from the rows."""

    def walked(self, query: ReportQuery, hotline: str, stops: Sequence[str]) -> Walked:
        with sums_of(self.engine, kept=self.kept) as look:

            def over(source: str, *by: str) -> Sums:
                found = {"visits": VISITS, "presses": PRESSES, "first": FIRST_KEYS, "gone": GONE, "ways": ways(stops)}
                return look.over(found[source], query.start, query.end, *by, hotline=hotline)

            return Walked(
                visits={node: (visits, calls) for (node,), (visits, calls) in over("visits", "node").items()},
                presses=tuple(
                    Presses(node=node, key=key, result=result, count=times)
                    for (node, key, result), (times, *_) in sorted(over("presses", "node", "key", "result").items())
                ),
                hung_up={left: here for (left,), (_, here) in over("gone", "left").items() if here},
                first_keys=tuple(_first_keys(over("first", "node", "language", "tenth"))),
                ways={(one, then): times for (one, then), (times, *_) in over("ways", "node", "next").items()}
                if stops
                else {},
            )

    def contained(self, query: ReportQuery, hotline: str, at: datetime) -> Contained:
        """Calls of people that began in the query's time, as of `at`."""
        with sums_of(self.engine, kept=self.kept) as look:
            ended = look.over(ENDS, query.start, query.end, "end", "queued", hotline=hotline)
            known, again = look.over(SERVED_AGAIN, query.start, query.end, hotline=hotline).get((), (0, 0))
            provisional = unsettled(look.connection, query.start, query.end, hotline, at)
        alone = {end: numbers for (end, queued), numbers in ended.items() if not queued}
        return Contained(
            calls=sum(calls for calls, _ in ended.values()),
            in_menu=sum(calls for end, (calls, _) in alone.items() if end),
            served=sum(calls for (end, _), (calls, _) in ended.items() if end == CallEnd.SELF_SERVED),
            known=known,
            again=again,
            provisional=provisional,
            gave_up=sum(caller for (end, _), (_, caller) in ended.items() if end == CallEnd.LEFT_MENU),
            messages=alone.get(CallEnd.VOICEMAIL, (0, 0))[0],
        )

    def paths(self, query: ReportQuery, hotline: str, most: int) -> Iterator[tuple[Ended, float | None]]:
        """Calls of the commonest paths by their end, with the mean wait of the answered on that path."""
        with sums_of(self.engine, kept=self.kept) as look:
            ended = look.over(GONE, query.start, query.end, "path", "end", hotline=hotline)
            waits = _waits(look, query, hotline)
        whole: Counter[str] = Counter()
        for (path, _), (calls, *_) in ended.items():
            if path != "[]":
                whole[path] += calls
        top = sorted(whole, key=lambda path: (-whole[path], path))[:most]
        for (path, end), (calls, *_) in sorted(ended.items()):
            if path in top:
                yield Ended(path=tuple(json.loads(path)), end=end, calls=calls), waits.get(path)


def _waits(look: SumLook, query: ReportQuery, hotline: str) -> dict[str, float]:
    found = look.over(ENDED, query.start, query.end, "path", hotline=hotline)
    return {path: wait / answered / 1000 for (path,), (answered, wait) in found.items() if answered}


def _first_keys(found: Sums) -> Iterator[FirstKeys]:
    tenths: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for (node, language, tenth), (times, *_) in found.items():
        tenths[node, language][int(tenth)] = times
    for (node, language), of in sorted(tenths.items()):
        yield FirstKeys(node=node, language=language, tenths=of)
