"""Reports over many calls: each page's figures on kept cells and sums, beside a bare aggregate query over the calls, in one run.

    python -m benchmarks.reports --calls 200000 [--smaller 40000] [--database sqlite|sqlite:////path|postgresql://…] [--days 91]

The rows are those of `benchmarks.report_rows`, put straight into the folded tables. Each figure is the best of three: the time that
passed, and the processor's, of this process and of a PostgreSQL on this machine, which other work lengthens less. A page is what
the report computes for it, its 200 rows and its totals, without the drawing of HTML. Cells are made of all 90 days, sums of the newest
`--days`; a database that was filled and made before is used as it is. The last lines compare with a database of fewer calls
(`--smaller`), and the rate of recording with and without marks.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.report_rows import DAYS, END, SECRET, fill
from ivr.core import worked_day
from ivr.core.call_list import CallFilter
from ivr.core.intervals import Step
from ivr.core.menu_flow import stops
from ivr.core.rollups import Limits
from ivr.storage.files.menus import load_menu
from ivr.storage.sql import changes, tables
from ivr.storage.sql.audit import Audit
from ivr.storage.sql.call_list import CallList
from ivr.storage.sql.callback_sums import CallbackRows
from ivr.storage.sql.engine import reading
from ivr.storage.sql.free_rows import FreeRows
from ivr.storage.sql.promise_rows import PromiseRows
from ivr.storage.sql.records import Records
from ivr.storage.sql.report_access import AccessRows, ComplaintRows
from ivr.storage.sql.report_agents import AgentRows
from ivr.storage.sql.report_attempts import AttemptRows
from ivr.storage.sql.report_calibration import CalibrationRows
from ivr.storage.sql.report_menu_flow import MenuFlowRows
from ivr.storage.sql.report_quality import QualityRows
from ivr.storage.sql.report_repeats import RepeatRows
from ivr.storage.sql.report_satisfaction import SatisfactionRows
from ivr.storage.sql.reports import ReportRows
from ivr.storage.sql.rollup_build import Rollups
from ivr.storage.sql.rollups import WaitCells
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_build import SumBuild
from ivr.storage.sql.sum_sources import sources
from ivr.storage.sql.usage import CarrierUsage
from ivr.workflows.ports import FactRow
from ivr.workflows.report_abandons import ReportAbandons, abandons_sheet
from ivr.workflows.report_access import ReportAccess
from ivr.workflows.report_agents import ReportAgents
from ivr.workflows.report_attempts import ReportAttempts
from ivr.workflows.report_book import Asked
from ivr.workflows.report_calibration import ReportCalibration
from ivr.workflows.report_callbacks import ReportCallbacks
from ivr.workflows.report_cost import ReportCost, cost_sheet
from ivr.workflows.report_disclosure import ReportDisclosure
from ivr.workflows.report_heat import ReportHeat, heat_sheet
from ivr.workflows.report_hours import ReportHours, hours_sheet
from ivr.workflows.report_intervals import ReportIntervals, intervals_sheet, queues_sheet
from ivr.workflows.report_ledger import ReportLedger
from ivr.workflows.report_menu_flow import ReportMenuFlow
from ivr.workflows.report_output import callbacks_sheet, waits_sheet
from ivr.workflows.report_promises import ReportPromises
from ivr.workflows.report_quality import ReportQuality
from ivr.workflows.report_repeats import ReportRepeats
from ivr.workflows.report_results import ReportResults, results_sheet
from ivr.workflows.report_satisfaction import ReportSatisfaction
from ivr.workflows.report_topics import ReportTopics, topics_sheet
from ivr.workflows.reports import Placing, ReportQuery, ReportWaits

ZONE = ZoneInfo("Asia/Shanghai")
MENU = Path(__file__).parent.parent / "menus" / "wallet.yaml"
PAGE = range(200)
ROUNDS = 3
RECORDED = 100
ASKED = 50
"""Calls on one page of the list."""

BARE = "SELECT topic, outcome, count(*), sum(wait_s), max(wait_s) FROM segments WHERE entered_at >= :start AND entered_at < :end GROUP BY topic, outcome"


@dataclass(frozen=True)
class At:
    def now(self) -> datetime:
        return END


@contextmanager
def database(url: str, calls: int) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = fill(f"sqlite:///{Path(folder) / 'reports.db'}" if url == "sqlite" else url, calls)
        yield engine
        engine.dispose()


@dataclass(frozen=True, order=True)
class Spent:
    """Milliseconds."""

    wall: float
    processor: float


def best(work: Callable[[], object], server: Callable[[], float]) -> Spent:
    """Each the best."""
    spent = []
    for _ in range(ROUNDS):
        begun, used = time.perf_counter(), time.process_time() + server()
        work()
        spent.append(Spent(1000 * (time.perf_counter() - begun), 1000 * (time.process_time() + server() - used)))
    return Spent(min(one.wall for one in spent), min(one.processor for one in spent))


def server_of(engine: Engine) -> Callable[[], float]:
    """Seconds of the processor that a PostgreSQL on this machine has taken; nothing of another one."""
    if engine.dialect.name != "postgresql":
        return lambda: 0.0
    with engine.connect() as connection:
        backend = connection.scalar(sa.text("SELECT pg_backend_pid()"))
    _, main, *_ = _told(f"{backend}")

    def seconds() -> float:
        every = [_told(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
        mine = sum(own for pid, parent, own, _ in every if parent == main)
        ended = sum(theirs for pid, _, _, theirs in every if pid == main)
        return (mine + ended) / os.sysconf("SC_CLK_TCK")

    return seconds


def _told(process: str) -> tuple[int, int, int, int]:
    """Its number, its parent's, and the ticks of the processor: its own, and of those of its children that have ended."""
    try:
        words = Path("/proc", process, "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return (0, 0, 0, 0)
    return int(process), int(words[1]), int(words[11]) + int(words[12]), int(words[13]) + int(words[14])


def query(days: int, step: Step = Step.DAY, by: Placing = Placing.ARRIVAL) -> ReportQuery:
    return ReportQuery(start=END - timedelta(days=days), end=END, zone=ZONE, step=step, by=by)


def pages_of_waits(engine: Engine) -> dict[str, Callable[[], object]]:
    cells, stored, clock = WaitCells(engine), ReportRows(engine), At()
    waits = ReportWaits(cells, clock)
    staffed = ReportIntervals(waits, stored, clock)
    heat = ReportHeat(cells, stored, clock, dict)
    hours = ReportHours(cells, stored, clock, dict)
    callbacks = ReportCallbacks(CallbackRows(engine), clock)

    def page(asked: ReportQuery) -> object:
        return waits_sheet(waits(asked, portion=PAGE, empties=False))

    def day() -> object:
        asked = query(1, Step.MONTH)
        return queues_sheet(waits(asked)), callbacks(asked), hours(asked)

    quarters = query(DAYS, Step.QUARTER)
    return {
        "the day": day,
        "waits, a day by 15 min": lambda: page(query(1, Step.QUARTER)),
        "waits, 90 days by 15 min, first page": lambda: page(quarters),
        "waits, 90 days by day": lambda: page(query(DAYS, Step.DAY)),
        "waits, 90 days by event and hour": lambda: page(query(DAYS, Step.HOUR, Placing.EVENT)),
        "intervals, 30 days by hour": lambda: intervals_sheet(staffed(query(30, Step.HOUR), portion=PAGE, empties=False)),
        "queues, 30 days (percentiles)": lambda: queues_sheet(waits(query(30, Step.MONTH))),
        "queues, 90 days (percentiles)": lambda: queues_sheet(waits(query(DAYS, Step.MONTH))),
        "hours of the day, 30 days": lambda: hours_sheet(hours(query(30))),
        "hours of the day, 90 days": lambda: hours_sheet(hours(quarters)),
        "hours by weekday, 90 days": lambda: heat_sheet(heat(quarters)),
        "callbacks, 30 days by day": lambda: callbacks_sheet(callbacks(query(30))),
    }  # fmt: skip


def pages_of_rows(engine: Engine) -> dict[str, Callable[[], object]]:
    """Reports of other rows than waits, over 30 days."""
    stored, clock, tree = ReportRows(engine), At(), load_menu(MENU)
    repeats, said, usage = RepeatRows(engine), SatisfactionRows(engine), CarrierUsage(engine)
    listed = CallList(engine, Seals(SECRET))
    chain = Audit(engine, SECRET)

    def none() -> dict[str, Limits]:
        return {}

    books: dict[str, Callable[[Asked], object]] = {
        "agents": ReportAgents(AgentRows(engine), repeats, clock, roster=list, limits=none),
        "menu flow": ReportMenuFlow(MenuFlowRows(engine), repeats, clock, trees=lambda: [tree], spoken=lambda _: {}, limits=none),
        "repeats": ReportRepeats(repeats, said, clock, none),
        "satisfaction": ReportSatisfaction(said, clock, dict),
        "calibration": ReportCalibration(CalibrationRows(engine), clock),
        "promises": ReportLedger(ReportPromises(PromiseRows(engine), clock)),
        "callbacks in detail": ReportAttempts(AttemptRows(engine), clock),
        "access": ReportAccess(AccessRows(engine), clock, verify=lambda: None, length=chain.count),
        "complaints": ReportDisclosure(ComplaintRows(engine), clock),
        "data quality": ReportQuality(QualityRows(engine), clock),
    }  # fmt: skip
    cost = ReportCost(rows=usage, list=usage, clock=clock, lines=0, per_second=1)
    last = (END - timedelta(hours=1)).astimezone(ZONE).date()
    month = CallFilter(start=END - timedelta(days=30), end=END)

    def calls(wanted: CallFilter) -> object:
        return listed.marked(listed.lines(wanted, after=None, limit=ASKED)), listed.count(wanted, most=1001)

    return {
        "topics": lambda: topics_sheet(ReportTopics(stored)(query(30))),
        "results": lambda: results_sheet(ReportResults(stored)(query(30))),
        **{name: partial(book, Asked(query=query(30))) for name, book in books.items()},
        "who gave up (the newest 5000)": lambda: abandons_sheet(ReportAbandons(FreeRows(engine), lambda: [tree], clock)(query(30))),
        "cost": lambda: cost_sheet(cost(last - timedelta(days=29), last, ZONE)),
        "list of calls": lambda: calls(month),
        "list of calls of an agent who answered": lambda: calls(replace(month, agent="a7", outcome="answered")),
    }  # fmt: skip


def made(engine: Engine, days: int) -> None:
    begun = time.perf_counter()
    _, cells = Rollups(engine, ZONE).refresh(END, most=DAYS + 1)
    print(f"  cells of {cells} days made in {time.perf_counter() - begun:.0f} s", flush=True)
    begun = time.perf_counter()
    every = sources({}, [stops(load_menu(MENU))])
    pieces = SumBuild(engine, ZONE, lambda: every).refresh(END, most=days)
    print(f"  {pieces} sums of the newest days made in {time.perf_counter() - begun:.0f} s", flush=True)


def measure(engine: Engine, days: int) -> tuple[dict[str, Spent], Spent]:
    made(engine, days)
    server = server_of(engine)

    def bare() -> None:
        with reading(engine) as connection:
            connection.execute(sa.text(BARE), {"start": "2026-07-31 16:00:00", "end": "2027-01-01 00:00:00"}).all()

    pages = {**pages_of_waits(engine), **pages_of_rows(engine)}
    return {name: best(work, server) for name, work in pages.items()}, best(bare, server)


def recording(engine: Engine) -> tuple[float, float]:
    """Calls per second, one per transaction: with marks, and without."""
    records = Records(engine, SECRET)
    _, facts = next(iter(worked_day.told()))

    def write(kind: str, number: int) -> None:
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
        with patch.object(changes, "note"), patch.object(changes, "standing"):
            begun = time.perf_counter()
            write("plain", number)
            spent["plain"] += time.perf_counter() - begun
    return RECORDED / spent["marked"], RECORDED / spent["plain"]


def _line(spent: Spent) -> str:
    return f"{spent.wall:8.0f} ms, {spent.processor:6.0f} of it processor"


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, default=200_000)
    options.add_argument("--smaller", type=int, default=0, help="compare the growth with a database of so many calls")
    options.add_argument("--database", default="sqlite")
    options.add_argument(
        "--days", type=int, default=DAYS + 1, help="how many days of sums are made; reports of more count the others"
    )
    chosen = options.parse_args(arguments)
    smaller: dict[str, Spent] = {}
    if chosen.smaller:
        with database("sqlite", chosen.smaller) as engine:
            print(f"{chosen.smaller:,} calls, SQLite")
            smaller, _ = measure(engine, chosen.days)
    with database(chosen.database, chosen.calls) as engine:
        print(f"{chosen.calls:,} calls, {engine.dialect.name}")
        found, bare = measure(engine, chosen.days)
        for name, spent in found.items():
            growth = f"   ×{spent.processor / smaller[name].processor:.2f} of {chosen.smaller:,}" if smaller else ""
            print(f"  {name:40} {_line(spent)}   {spent.processor / bare.processor:6.2f} of the bare query{growth}")
        print(f"  {'bare aggregate of 90 days':40} {_line(bare)}   load {os.getloadavg()[0]:.1f}")
        marked, plain = recording(engine)
        print(
            f"  recorded with marks {marked:.0f}/s, without {plain:.0f}/s: {marked / plain:.2f}; {tables.segments.name} full"
        )


if __name__ == "__main__":
    main()
