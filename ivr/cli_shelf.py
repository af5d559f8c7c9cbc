"""`ivr report NAME` for the reports of the shelf: all tables in the terminal, one of them as CSV, all as a workbook or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from ivr.cli_opened import opened
from ivr.cli_reports import Format, From, Hotline, Shape, To, Topics, Zone, query_of
from ivr.wiring_shelf import ShelfParts
from ivr.workflows.report_book import Asked, Book, book_json, chosen, sheets
from ivr.workflows.report_output import to_csv, to_table
from ivr.workflows.report_xlsx import to_xlsx
from ivr.workflows.reports import Placing

SHELF = {
    "agents": "Time, offers and talks of each agent, beside the team's median; repeat calls by agent and topic.",
    "menu-flow": "Visits, choices, hang-ups and ways of callers in the menu, commonest paths, and what they say about it.",
    "repeats": "Who had to call again, and three views of what was solved, each with its own denominator.",
    "satisfaction": "CSAT, mean and response rate by topic, channel and agent, and what became of comments.",
    "promises": "Every promise made to callers: kept, late, broken or open, with its call; --set kind=, --set state=.",
    "attempts": "Callbacks in detail: scheduled and in line, tries by result, every promise.",
    "access": "Who listened, revealed, exported and opened, and whether the audit's chain holds.",
    "disclosure": "Complaints of a year in the customary layout: number and kinds, share closed, speed.",
    "quality": "What the records lack or contradict, and what was put right.",
    "calibration": "Announced waits against real ones: error, bias, share that was close, by topic and estimator.",
}
Table = Annotated[
    str, typer.Option("--table", help="Which table, by its key in JSON; default: the first (csv), all (table)")
]
Chosen = Annotated[list[str] | None, typer.Option("--set", help="A further choice of the report: name=value")]


def add_to(report: typer.Typer) -> None:
    for name, about in SHELF.items():
        report.command(name, help=about)(_command(name))


def _command(name: str) -> Callable[..., None]:
    def run(
        start: From = "",
        end: To = "",
        zone: Zone = "",
        topic: Topics = None,
        hotline: Hotline = "",
        table: Table = "",
        chosen_more: Chosen = None,
        form: Shape = Format.TABLE,
    ) -> None:
        switchboard = opened()
        query = query_of(switchboard, start, end, "day", zone, topic, hotline, Placing.ARRIVAL)
        pairs = (one.partition("=") for one in chosen_more or ())
        options = {key: value for key, _, value in pairs}
        _print(ShelfParts(switchboard).reports[name](Asked(query=query, options=options)), table, form)

    return run


def _print(book: Book, table: str, form: Format) -> None:
    if form is Format.TABLE:
        wanted = [chosen(book, table)] if table else sheets(book)
        typer.echo("\n".join(to_table(sheet) for sheet in wanted), nl=False)
    elif form is Format.CSV:
        typer.echo(to_csv(chosen(book, table)).encode(), nl=False)
    elif form is Format.JSON:
        typer.echo(f"{book_json(book)}\n".encode(), nl=False)
    else:
        if sys.stdout.isatty():
            raise typer.BadParameter("a workbook is no text; write it into a file: … --format xlsx > report.xlsx")
        typer.echo(to_xlsx(*sheets(book)), nl=False)
