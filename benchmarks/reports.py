"""Reports over many calls: each page's figures on kept cells, beside a bare aggregate query over the calls, in one run.

    python -m benchmarks.reports --calls 200000 [--smaller 40000] [--database sqlite|postgresql://…]

Calls are made by one set-based statement, straight into the folded table: 90 days, 20 topics, waits up to ten minutes. Each
figure is the best of three. The page is what the report computes for it, its 200 rows and its totals, without the drawing of HTML.
The last lines compare with a database of fewer calls (`--smaller`), and the rate of recording with and without marks. An
address of PostgreSQL must be that of an empty database: it is filled.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import worked_day
from ivr.core.intervals import Step
from ivr.core.rollups import Limits
from ivr.storage.sql import rollup_build, tables
from ivr.storage.sql.engine import open_database, reading
from ivr.storage.sql.migrate import upgrade
from ivr.storage.sql.records import Records
from ivr.storage.sql.reports import ReportRows
from ivr.storage.sql.rollup_build import Rollups
from ivr.storage.sql.rollups import WaitCells
from ivr.workflows.ports import FactRow
from ivr.workflows.report_heat import ReportHeat, heat_sheet
from ivr.workflows.report_hours import ReportHours, hours_sheet
from ivr.workflows.report_intervals import ReportIntervals, intervals_sheet, queues_sheet
from ivr.workflows.report_output import waits_sheet
from ivr.workflows.reports import Placing, ReportQuery, ReportWaits

ZONE = ZoneInfo("Asia/Shanghai")
DAYS, TOPICS = 90, 20
START = datetime(2026, 7, 31, 16, tzinfo=UTC)
END = START + timedelta(days=DAYS)
PAGE = range(200)
ROUNDS = 3
RECORDED = 100

NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :calls)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(0, CAST(:calls AS bigint) - 1))",
}
INSTANT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {at}, 'unixepoch')",
    "postgresql": "to_timestamp({at})",
}
FILL = """
INSERT INTO segments (call, segment, hotline, topic, path, language, priority, queued_at, entered_at, answered_at, left_at,
  ended_at, outcome, reason, wait_s, talk_s, hold_s, wrap_s, agent, offer, offers, ended_by, cause, disposition,
  disposition_reason, agent_topic, by_default, notes)
{numbers}, d AS (SELECT i, (i * 7919) % 1000003 AS r, :start + CAST(i AS double precision) * :step AS at FROM n),
  w AS (SELECT i, r, at, (r % 600) * (r % 7) / 6.0 + (r % 10) * 0.1 AS wait,
    CASE WHEN r % 20 < 17 THEN 'answered' WHEN r % 20 < 19 THEN 'abandoned' ELSE 'callback' END AS outcome FROM d)
SELECT 'CA' || i, 1, 'wallet', 'topic-' || (r % {topics}), '[]', 'zh', 0, {at}, {at},
  CASE WHEN outcome = 'answered' THEN {left} END, {left}, {left}, outcome, '', wait,
  CASE WHEN outcome = 'answered' THEN 180.0 + r % 100 END, CASE WHEN outcome = 'answered' THEN (r % 3) * 10.0 END,
  CASE WHEN outcome = 'answered' THEN 20.0 END, 'a' || (r % 200), NULL, 1, '', '', '', '', '', {false}, ''
FROM w
"""
BARE = "SELECT topic, outcome, count(*), sum(wait_s), max(wait_s) FROM segments WHERE entered_at >= :start AND entered_at < :end GROUP BY topic, outcome"


@dataclass(frozen=True)
class At:
    def now(self) -> datetime:
        return END


@contextmanager
def database(url: str, calls: int) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        target = f"sqlite:///{Path(folder) / 'reports.db'}" if url == "sqlite" else url
        upgrade(target, secret=b"a secret of the benchmark, 32 by")
        engine = open_database(target, statement_timeout=timedelta(minutes=30))
        kind = engine.dialect.name
        statement = FILL.format(
            numbers=NUMBERS[kind],
            topics=TOPICS,
            at=INSTANT[kind].format(at="at"),
            left=INSTANT[kind].format(at="at + wait"),
            false="0" if kind == "sqlite" else "false",
        )
        with engine.begin() as connection:
            values = {"calls": calls, "start": START.timestamp(), "step": DAYS * 86400 / calls}
            connection.execute(sa.text(statement), values)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        yield engine
        engine.dispose()


def best(work: Callable[[], object]) -> float:
    """Milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - begun))
    return min(spent)


def pages(engine: Engine) -> dict[str, Callable[[], object]]:
    cells, stored, clock = WaitCells(engine), ReportRows(engine), At()
    waits = ReportWaits(cells, clock)
    staffed = ReportIntervals(waits, stored, clock)
    heat = ReportHeat(cells, stored, clock, lambda _: Limits())
    hours = ReportHours(cells, stored, clock, lambda _: Limits())

    def query(days: int, step: Step, by: Placing = Placing.ARRIVAL) -> ReportQuery:
        return ReportQuery(start=END - timedelta(days=days), end=END, zone=ZONE, step=step, by=by)

    def page(asked: ReportQuery) -> object:
        return waits_sheet(waits(asked, portion=PAGE, empties=False))

    quarters = query(DAYS, Step.QUARTER)
    return {
        "waits, a day by 15 min": lambda: page(query(1, Step.QUARTER)),
        "waits, 90 days by 15 min, first page": lambda: page(quarters),
        "waits, 90 days by day": lambda: page(query(DAYS, Step.DAY)),
        "waits, 90 days by event and hour": lambda: page(query(DAYS, Step.HOUR, Placing.EVENT)),
        "intervals, 90 days by hour": lambda: intervals_sheet(
            staffed(query(DAYS, Step.HOUR), portion=PAGE, empties=False)
        ),
        "queues, 30 days (percentiles)": lambda: queues_sheet(waits(query(30, Step.MONTH))),
        "queues, 90 days (percentiles)": lambda: queues_sheet(waits(query(DAYS, Step.MONTH))),
        "hours of the day, 90 days": lambda: hours_sheet(hours(quarters)),
        "hours by weekday, 90 days": lambda: heat_sheet(heat(quarters)),
    }


def measure(engine: Engine) -> tuple[dict[str, float], float]:
    begun = time.perf_counter()
    days = Rollups(engine, ZONE).rebuild(END)
    print(f"  {days} days of cells made in {time.perf_counter() - begun:.1f} s", flush=True)

    def bare() -> None:
        with reading(engine) as connection:
            connection.execute(sa.text(BARE), {"start": "2026-07-31 16:00:00", "end": "2027-01-01 00:00:00"}).all()

    return {name: best(work) for name, work in pages(engine).items()}, best(bare)


def recording(engine: Engine) -> tuple[float, float]:
    """Calls per second, one per transaction: with marks, and without."""
    records = Records(engine, b"a secret of the benchmark, 32 by")
    _, facts = next(iter(worked_day.told()))

    def write(kind: str, number: int) -> None:
        from dataclasses import replace

        call = f"CA{kind}{number}"
        records.write(
            [
                FactRow(id=f"{call}:{at}:0", hotline="wallet", fact=replace(fact, call=call))  # type: ignore[call-arg]
                for at, fact in enumerate(facts)
            ]
        )

    spent = {"marked": 0.0, "plain": 0.0}
    for number in range(RECORDED):
        begun = time.perf_counter()
        write("marked", number)
        spent["marked"] += time.perf_counter() - begun
        with patch.object(rollup_build, "mark"), patch.object(rollup_build, "stays_of", return_value=set()):
            begun = time.perf_counter()
            write("plain", number)
            spent["plain"] += time.perf_counter() - begun
    return RECORDED / spent["marked"], RECORDED / spent["plain"]


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, default=200_000)
    options.add_argument("--smaller", type=int, default=0, help="compare the growth with a database of so many calls")
    options.add_argument("--database", default="sqlite")
    chosen = options.parse_args(arguments)
    smaller: dict[str, float] = {}
    if chosen.smaller:
        with database("sqlite", chosen.smaller) as engine:
            print(f"{chosen.smaller:,} calls, SQLite")
            smaller, _ = measure(engine)
    with database(chosen.database, chosen.calls) as engine:
        print(f"{chosen.calls:,} calls, {engine.dialect.name}")
        found, bare = measure(engine)
        for name, spent in found.items():
            growth = f"   ×{spent / smaller[name]:.2f} of {chosen.smaller:,}" if smaller else ""
            print(f"  {name:40} {spent:8.0f} ms   {spent / bare:6.2f} of the bare query{growth}")
        print(f"  {'bare aggregate of 90 days':40} {bare:8.0f} ms")
        marked, plain = recording(engine)
        print(
            f"  recorded with marks {marked:.0f}/s, without {plain:.0f}/s: {marked / plain:.2f}; {tables.segments.name} full"
        )


if __name__ == "__main__":
    main()
