"""The family of waits: intervals with their staff, queues side by side, hour by weekday, the day on one page, self-check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request

from ivr.core.intervals import Interval, Step
from ivr.core.metrics import Share
from ivr.web import figure_words
from ivr.web.doors import Site
from ivr.web.report_cells import cell
from ivr.web.report_frame import Drawn, Report, Stretch, Terms, calls_of, promises_of
from ivr.web.report_words import CHECKED, DAYS, HEADINGS, HEAT, heading, word_of
from ivr.web.texts import N_
from ivr.workflows.report_heat import SHOWN, HeatCell, HeatReport, figure_of, heat_sheet
from ivr.workflows.report_intervals import IntervalsReport, day_sheet, intervals_sheet, queues_sheet
from ivr.workflows.report_output import Value
from ivr.workflows.reports import ReportQuery, WaitsRow
from ivr.workflows.self_check import self_check_sheet

NO_CALLS = N_("No calls in this time.")
POINTS = 400
"""On one chart."""


def wait_reports(site: Site) -> Mapping[str, Report]:
    return {
        "intervals": Report(
            title=N_("Intervals"),
            draw=lambda asked: _intervals(site, asked),
            steps=True,
            empties=True,
            placings=True,
            nothing=NO_CALLS,
            template="report_intervals.html",
        ),
        "queues": Report(title=N_("Queues"), draw=lambda asked: _queues(site, asked), placings=True, nothing=NO_CALLS),
        "heat": Report(
            title=N_("Hours by weekday"),
            draw=lambda asked: _heat(site, asked),
            nothing=NO_CALLS,
            template="report_heat.html",
        ),
        "daily": Report(
            title=N_("The day"), draw=lambda asked: _daily(site, asked), nothing=NO_CALLS, template="report_daily.html"
        ),
        "selfcheck": Report(title=N_("Self-check"), draw=lambda _: _self_check(site), template="report_selfcheck.html"),
    }


def stretch_of(row: WaitsRow, query: ReportQuery) -> Stretch:
    piece = row.interval
    return Stretch(start=piece.start if piece else query.start, end=piece.end if piece else query.end, topic=row.topic)


def _intervals(site: Site, asked: Terms) -> Drawn:
    report = site.figures.intervals(asked.query, portion=asked.portion, empties=bool(asked.form["empty"]))
    rows = [row for row, _ in report.rows]
    return Drawn(
        sheet=intervals_sheet(report),
        filled=[bool(row.counts.offered or row.counts.kinds) for row in rows],
        pages=report.waits.pages if asked.portion else None,
        stretches=[stretch_of(row, asked.query) for row in (*rows, report.total[0])],
        more={"chart": _chart(report)},
    )


def _chart(report: IntervalsReport) -> dict[str, Any]:
    """Arrivals, answers and staff over time; the same figures stand in the table."""
    zone = report.waits.query.zone
    points = list(_points(report.rows[:POINTS], zone))
    names = ("times", "labels", "offered", "answered", "staffed", "level")
    return {"zone": zone.key, **{name: [point[at] for point in points] for at, name in enumerate(names)}}


def _points(rows: Sequence[tuple[WaitsRow, float | None]], zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """Each interval from its start on; where nobody came none is listed, so it falls to nought until the next."""
    before: Interval | None = None
    last: tuple[Any, ...] = ()
    for row, staffed in rows:
        piece = row.interval
        if piece is None:
            continue
        if before is not None and before.end < piece.start:
            span = " – ".join(f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (before.end, piece.start))
            yield (int(before.end.timestamp()), span, 0, 0, None, None)
        counts = (row.counts.offered, row.counts.answered)
        last = (piece.label, *counts, staffed, _percent(row.service_level))
        yield (int(piece.start.timestamp()), *last)
        before = piece
    if before is not None:
        yield (int(before.end.timestamp()), *last)


def _percent(share: Share) -> int | None:
    return None if share.value is None else round(100 * share.value)


def _queues(site: Site, asked: Terms) -> Drawn:
    report = site.waits(replace(asked.query, step=Step.MONTH))
    each = [row for row in report.totals if row.topic is not None]
    together = [row for row in report.totals if row.topic is None]
    return Drawn(
        sheet=queues_sheet(report, names=asked.names),
        filled=[bool(row.counts.offered) for row in each],
        stretches=[stretch_of(row, asked.query) for row in (*each, *together)],
    )


def _heat(site: Site, asked: Terms) -> Drawn:
    figure = figure_of(request.args.get("show", ""))
    report = site.figures.heat(asked.query)

    def words(word: str) -> str:
        return word_of(word, DAYS, HEAT)

    return Drawn(
        sheet=heat_sheet(report, figure=figure, words=words),
        more={
            "grid": [[_heat_cell(report, one, figure) for one in row] for row in report.cells],
            "days": [words(day) for day in DAYS],
            "shown": figure,
            "choices": [(name, words(name)) for name in SHOWN],
            "opened": _opened(report),
        },
    )


def _heat_cell(report: HeatReport, one: HeatCell, figure: str) -> dict[str, Any]:
    value = cell(one.value(figure))
    link = ""
    if one.filled:
        link = _hour_link(report, one, 0) if len(one.hours) == 1 else _open_link(one)
    return {
        "text": value.text,
        "small": value.small,
        "note": value.note,
        "level": report.level(one),
        "thin": one.thin and bool(one.hours) and one.filled,
        "link": link,
        "offered": one.waits.counts.offered,
    }


def _hour_link(report: HeatReport, one: HeatCell, at: int) -> str:
    piece = one.hours[at]
    return calls_of(Stretch(start=piece.start, end=piece.end, topic=None), report.query, figure="offered", side="part")


def _open_link(one: HeatCell) -> str:
    kept = {key: value for key, value in request.args.items() if key not in ("cell", "format")}
    return f"{request.path}?{urlencode({**kept, 'cell': f'{one.day}-{one.hour}'})}#opened"


def _opened(report: HeatReport) -> dict[str, Any] | None:
    """The cell that is opened: each hour that is in it, with its calls."""
    day, _, hour = request.args.get("cell", "").partition("-")
    if not (day.isdecimal() and hour.isdecimal() and int(day) < len(DAYS) and int(hour) < len(report.cells)):
        return None
    one = report.cells[int(hour)][int(day)]
    return {
        "title": f"{word_of(list(DAYS)[int(day)], DAYS)} {int(hour):02d}:00",
        "hours": [(piece.label, _hour_link(report, one, at)) for at, piece in enumerate(one.hours)],
    }


def _daily(site: Site, asked: Terms) -> Drawn:
    report = site.waits(replace(asked.query, step=Step.MONTH))
    each = [row for row in report.totals if row.topic is not None]
    together = [row for row in report.totals if row.topic is None]
    callbacks = site.callbacks(replace(asked.query, step=Step.MONTH)).totals[-1].figures
    hours = site.hours(asked.query)
    total = report.totals[-1]
    here = stretch_of(total, asked.query)
    return Drawn(
        sheet=day_sheet(report, names=asked.names),
        filled=[bool(row.counts.offered) for row in each],
        stretches=[stretch_of(row, asked.query) for row in (*each, *together)],
        more={
            "tiles": [
                (
                    N_("Offered"),
                    _tile(total.counts.offered),
                    calls_of(here, asked.query, figure="offered", side="part"),
                ),
                (
                    N_("Answered"),
                    _tile(total.counts.answered),
                    calls_of(here, asked.query, figure="answered", side="part"),
                ),
                (N_("Service level v4"), _tile(total.service_level), ""),
                (N_("Service level v8"), _tile(total.service_level_strict), ""),
                (N_("Abandon rate (b)"), _tile(total.abandon_rate), ""),
                (N_("ASA"), _tile(total.asa), ""),
                (N_("P90 of the answered"), _tile(total.percentiles[90]), ""),
                (N_("Longest of all"), _tile(total.longest_any), ""),
                (N_("Callbacks promised"), _tile(callbacks.requested), promises_of(here, asked.query, "unique")),
                (
                    N_("Callbacks completed"),
                    _tile(callbacks.sums.completed),
                    promises_of(here, asked.query, "completed"),
                ),
            ],
            "by_hour": [
                (f"{row.hour:02d}:00", row.counts.offered, row.counts.answered, row.staffed, row.thin)
                for row in hours.rows
                if row.hour is not None and row.counts.offered
            ],
        },
    )


def _tile(value: Value) -> dict[str, Any]:
    shown = cell(value)
    return {"text": shown.text, "small": shown.small, "note": shown.note}


def _self_check(site: Site) -> Drawn:
    report = site.figures.self_check()

    def words(word: str) -> str:
        name, _, rest = word.partition(" ")
        if name in figure_words.TITLES:
            return f"{figure_words.title(name)} {word_of(rest, CHECKED)}".strip()
        if name in HEADINGS or name.endswith("_s"):
            return f"{heading(name, name)['text']} {word_of(rest, CHECKED)}".strip()
        return word_of(word, CHECKED)

    return Drawn(
        sheet=self_check_sheet(report, words=words),
        more={"good": report.good, "version": report.version, "wrong": sum(not one.good for one in report.checks)},
    )
