"""The pages of the reports: a table of names, in which a new report is one entry.

Everything chosen is in the address, so that a report can be shared and kept as a bookmark. Figures come from the report's
sheet as they are; the frame only writes them down: a dash where there is no value, the fraction where there are few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ivr.core.call_list import SAID, UNSAID
from ivr.web.abandons import abandons_report
from ivr.web.doors import Site
from ivr.web.formula import formula_report
from ivr.web.i18n import gettext, page_language
from ivr.web.report_cells import reads_calls
from ivr.web.report_frame import Drawn, Report, Stretch, Terms, promises_of, show, talks_of
from ivr.web.report_told import TITLES
from ivr.web.report_words import hour_words, result_words
from ivr.web.security import allow
from ivr.web.texts import N_
from ivr.web.wait_reports import stretch_of, wait_reports
from ivr.workflows.report_attempts import result_word
from ivr.workflows.report_callbacks import CallbacksRow
from ivr.workflows.report_hours import hours_sheet
from ivr.workflows.report_output import callbacks_sheet, waits_sheet
from ivr.workflows.report_results import ResultLine, results_sheet
from ivr.workflows.report_topics import Pair, topics_sheet
from ivr.workflows.reports import ReportQuery

NO_CALLS = N_("No calls in this time.")


def reports(site: Site) -> Mapping[str, Report]:
    """All of them, by the name in their address."""
    return {
        "waits": Report(
            title=TITLES["waits"],
            draw=lambda asked: _waits(site, asked),
            placings=True,
            steps=True,
            empties=True,
            nothing=NO_CALLS,
        ),
        "callbacks": Report(
            title=TITLES["callbacks"],
            draw=lambda asked: _callbacks(site, asked),
            steps=True,
            empties=True,
            nothing=N_("No callbacks were asked for in this time."),
        ),
        "topics": Report(title=TITLES["topics"], draw=lambda asked: _topics(site, asked), nothing=NO_CALLS),
        "results": Report(title=TITLES["results"], draw=lambda asked: _results(site, asked), nothing=NO_CALLS),
        "hours": Report(title=TITLES["hours"], draw=lambda asked: _hours(site, asked), nothing=NO_CALLS),
        "abandons": abandons_report(site),
        "formula": formula_report(site),
        **wait_reports(site),
    }


def reports_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("reports", __name__, url_prefix="/supervisor/reports")
    for name, report in reports(site).items():
        blueprint.add_url_rule(f"/{name}", name, allow("supervisor", "admin")(_view(site, name, report)))
    return blueprint


def _view(site: Site, name: str, report: Report) -> Callable[[], ResponseReturnValue]:
    def view() -> ResponseReturnValue:
        return show(site, name, report)

    return view


def _waits(site: Site, asked: Terms) -> Drawn:
    report = site.waits(asked.query, portion=asked.portion, empties=bool(asked.form["empty"]))
    return Drawn(
        sheet=waits_sheet(report, names=asked.names),
        filled=[bool(row.counts.offered or row.counts.kinds) for row in report.rows],
        pages=report.pages if asked.portion else None,
        stretches=[stretch_of(row, asked.query) for row in (*report.rows, *report.totals)],
    )


def _callbacks(site: Site, asked: Terms) -> Drawn:
    report = site.callbacks(asked.query)
    return Drawn(
        sheet=callbacks_sheet(report, names=asked.names, words=lambda result: result_word(gettext, result)),
        filled=[bool(row.figures.requested) for row in report.rows],
        stretches=[_callbacks_of(row, asked.query) for row in (*report.rows, *report.totals)],
    )


BY_RESULT = ("completed", "failed", "cancelled", "expired", "reached_by_phone", "merged")


def _callbacks_of(row: CallbacksRow, query: ReportQuery) -> Stretch:
    """Each count leads to its promises, one by one."""
    piece = row.interval or query
    here = Stretch(start=piece.start, end=piece.end, topic=row.topic)
    states = {"requested": "unique", "pending": "open", **{result: result for result in BY_RESULT}}
    return replace(here, leads={key: promises_of(here, query, state) for key, state in states.items()})


def _topics(site: Site, asked: Terms) -> Drawn:
    said = request.args.get("said", "") if reads_calls() else ""
    report = site.topics_report(asked.query, said=said)
    return Drawn(
        sheet=topics_sheet(report, names=asked.names),
        stretches=[_pair_of(pair, asked.query) for pair in (*report.pairs, *report.totals)],
        more={"said": said, "calls": report.calls},
    )


def _pair_of(pair: Pair, query: ReportQuery) -> Stretch:
    def talks(said: str) -> str:
        return talks_of(query, pair.topic or None, said=said, result=SAID)

    leads = {"calls": talks(pair.said or SAID), "unsaid": talks(UNSAID)}
    return Stretch(start=query.start, end=query.end, topic=pair.topic or None, leads=leads)


def _results(site: Site, asked: Terms) -> Drawn:
    words = result_words(site.result_names(page_language()))
    report = site.results(asked.query)
    return Drawn(
        sheet=results_sheet(report, names=asked.names, words=words),
        stretches=[_line_of(line, asked.query) for line in (*report.lines, *report.totals)],
    )


def _line_of(line: ResultLine, query: ReportQuery) -> Stretch:
    which = {"result": line.result or SAID}
    if line.reason is not None:
        which["reason"] = line.reason or UNSAID
    leads = {
        "calls": talks_of(query, line.topic, **which),
        "no_result_yet": talks_of(query, line.topic, result=UNSAID),
    }
    return Stretch(start=query.start, end=query.end, topic=line.topic, leads=leads)


def _hours(site: Site, asked: Terms) -> Drawn:
    sheet = hours_sheet(site.hours(asked.query), words=hour_words)
    whole = Stretch(start=asked.query.start, end=asked.query.end, topic=None)
    return Drawn(sheet=sheet, stretches=[*(None for _ in sheet.rows), *(whole for _ in sheet.totals)])
