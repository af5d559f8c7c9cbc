"""`ivr report …`: the reports of the pages, in the terminal or as a file."""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from ivr.cli_opened import opened
from ivr.core.intervals import Step, period
from ivr.workflows.report_cost import cost_sheet
from ivr.workflows.report_heat import heat_sheet
from ivr.workflows.report_hours import FEW, hours_sheet
from ivr.workflows.report_intervals import intervals_sheet, queues_sheet
from ivr.workflows.report_output import Sheet, callbacks_sheet, to_csv, to_json, to_table, waits_sheet
from ivr.workflows.report_results import results_sheet
from ivr.workflows.report_topics import topics_sheet
from ivr.workflows.report_xlsx import to_xlsx
from ivr.workflows.reports import Placing, ReportQuery
from ivr.workflows.self_check import SelfCheck, self_check_sheet

if TYPE_CHECKING:
    from ivr.wiring import Switchboard

MOMENT = timedelta(microseconds=1)
report = typer.Typer(no_args_is_help=True, help="Reports from the call records.")


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


From = Annotated[str, typer.Option("--from", help="First day or instant, local: 2026-03-02 or 2026-03-02T08:00")]
To = Annotated[
    str, typer.Option("--to", help="Last day, included, or an instant, not included; default: the day of --from")
]
Interval = Annotated[str, typer.Option(help="15m, 30m, 60m, day, week or month")]
Zone = Annotated[str, typer.Option(help="Time zone; default: the hotline's")]
Topics = Annotated[list[str] | None, typer.Option("--topic", help="Only these topics")]
Hotline = Annotated[str, typer.Option(help="Only this hotline")]
Shape = Annotated[Format, typer.Option("--format", help="table to read; the others into a file: > waits.csv")]
By = Annotated[Placing, typer.Option(help="arrival: callers count when they joined; event: when they left")]


@report.command()
def waits(
    start: From = "",
    end: To = "",
    interval: Interval = "30m",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    by: By = Placing.ARRIVAL,
    form: Shape = Format.TABLE,
) -> None:
    """Waits, answers, abandons and service level per topic and interval."""
    switchboard = opened()
    query = query_of(switchboard, start, end, interval, zone, topic, hotline, by)
    _print(waits_sheet(switchboard.reports.waits(query)), form)


@report.command()
def callbacks(
    start: From = "",
    end: To = "",
    interval: Interval = "day",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    form: Shape = Format.TABLE,
) -> None:
    """Promised callbacks and what became of them."""
    switchboard = opened()
    query = query_of(switchboard, start, end, interval, zone, topic, hotline, Placing.ARRIVAL)
    _print(callbacks_sheet(switchboard.reports.callbacks(query)), form)


@report.command()
def topics(
    start: From = "",
    end: To = "",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    form: Shape = Format.TABLE,
) -> None:
    """What callers told the menu against what agents found, and the share that differs."""
    switchboard = opened()
    query = query_of(switchboard, start, end, "day", zone, topic, hotline, Placing.ARRIVAL)
    _print(topics_sheet(switchboard.reports.topics(query)), form)


@report.command()
def results(
    start: From = "",
    end: To = "",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    form: Shape = Format.TABLE,
) -> None:
    """How answered calls ended, and the share of results that wrap-up's end set instead of an agent."""
    switchboard = opened()
    query = query_of(switchboard, start, end, "day", zone, topic, hotline, Placing.ARRIVAL)
    _print(results_sheet(switchboard.reports.results(query)), form)


@report.command()
def cost(start: From = "", end: To = "", zone: Zone = "", form: Shape = Format.TABLE) -> None:
    """Minutes, text messages and requests at the carrier by day and topic, and what they cost by the price list."""
    switchboard = opened()
    query = query_of(switchboard, start, end, "day", zone, None, "", Placing.ARRIVAL)
    first, last = query.start.astimezone(query.zone).date(), (query.end - MOMENT).astimezone(query.zone).date()
    _print(cost_sheet(switchboard.at_carrier.cost(first, last, query.zone)), form)


@report.command()
def hours(
    start: From = "",
    end: To = "",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    form: Shape = Format.TABLE,
) -> None:
    """Waits by hour of the day, in 24 rows, with the agents at work; hours with fewer than two are marked."""
    switchboard = opened()
    query = query_of(switchboard, start, end, "60m", zone, topic, hotline, Placing.ARRIVAL)
    _print(hours_sheet(switchboard.reports.hours(query), words=lambda _: f"fewer than {FEW}"), form)


@report.command(name="intervals")
def intervals_(
    start: From = "",
    end: To = "",
    interval: Interval = "30m",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    by: By = Placing.ARRIVAL,
    form: Shape = Format.TABLE,
) -> None:
    """The day in pieces, all topics together, with the agents at work."""
    switchboard = opened()
    query = query_of(switchboard, start, end, interval, zone, topic, hotline, by)
    _print(intervals_sheet(switchboard.reports.intervals(query)), form)


@report.command()
def queues(
    start: From = "",
    end: To = "",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    by: By = Placing.ARRIVAL,
    form: Shape = Format.TABLE,
) -> None:
    """The queues side by side over the whole time, with every figure."""
    switchboard = opened()
    query = query_of(switchboard, start, end, "month", zone, topic, hotline, by)
    _print(queues_sheet(switchboard.reports.waits(query)), form)


@report.command()
def heat(
    start: From = "",
    end: To = "",
    zone: Zone = "",
    topic: Topics = None,
    hotline: Hotline = "",
    form: Shape = Format.TABLE,
) -> None:
    """Callers by hour of the day and day of the week."""
    switchboard = opened()
    query = query_of(switchboard, start, end, "60m", zone, topic, hotline, Placing.ARRIVAL)
    _print(heat_sheet(switchboard.reports.heat(query)), form)


@report.command()
def selfcheck(form: Shape = Format.TABLE) -> None:
    """A worked day through the code that reports here, each figure against the one by hand; 1 when one differs."""
    from ivr.storage.sql.bench import bench

    found = SelfCheck(bench, version("ivr"))()
    _print(self_check_sheet(found), form)
    if not found.good:
        raise typer.Exit(1)


@report.command()
def rollups(
    start: From = "",
    end: To = "",
    check: Annotated[
        bool, typer.Option("--check", help="Compare kept cells and sums with the records, number by number")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Throw the kept cells and sums away and make them anew")
    ] = False,
) -> None:
    """The kept cells and sums behind the reports: make what is missing; with --check prove them against the records."""
    switchboard = opened()
    reports, now = switchboard.reports, switchboard.clock.now()
    if rebuild:
        typer.echo(f"{reports.rollups.rebuild(now)} days made anew")
    else:
        quarters, days = reports.rollups.refresh(now, most=1_000_000)
        typer.echo(f"{days} days and {quarters} quarters of an hour made")
    if check:
        query = query_of(switchboard, start, end, "day", "", None, "", Placing.ARRIVAL)
        rows, wrong = reports.check_rollups(query)
        pieces, differ = reports.check_sums(query)
        for one in (*wrong, *differ):
            typer.echo(f"{one.where}: kept {one.kept}; counted {one.counted}", err=True)
        typer.echo(f"{rows} rows compared, {len(wrong)} differ")
        typer.echo(f"{pieces} sums of hours and days compared, {len(differ)} differ")
        if wrong or differ:
            raise typer.Exit(1)


def _print(sheet: Sheet, form: Format) -> None:
    """To the terminal or into a file. Files are UTF-8 whatever the terminal speaks."""
    if form is Format.TABLE:
        typer.echo(to_table(sheet), nl=False)
    elif form is Format.XLSX:
        if sys.stdout.isatty():
            raise typer.BadParameter("a workbook is no text; write it into a file: … --format xlsx > report.xlsx")
        typer.echo(to_xlsx(sheet), nl=False)
    else:
        text = to_csv(sheet) if form is Format.CSV else to_json(sheet) + "\n"
        typer.echo(text.encode(), nl=False)


def query_of(
    switchboard: Switchboard,
    start: str,
    end: str,
    interval: str,
    zone: str,
    topics: list[str] | None,
    hotline: str,
    by: Placing,
) -> ReportQuery:
    try:
        local = ZoneInfo(zone or switchboard.menus.trees[0].zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"{zone!r} is no time zone; write it like Asia/Shanghai") from None
    today = switchboard.clock.now().astimezone(local).date().isoformat()
    try:
        first, last = period(start or today, end or start or today, local)
    except ValueError as err:
        raise typer.BadParameter(str(err)) from None
    try:
        step = Step(interval)
    except ValueError:
        raise typer.BadParameter(f"{interval!r}: use {', '.join(Step)}") from None
    return ReportQuery(
        start=first,
        end=last,
        zone=local,
        step=step,
        hotline=hotline or None,
        topics=tuple(topics or ()),
        by=by,
    )
