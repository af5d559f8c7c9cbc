"""The formula card: one share in words and letters, beside its sisters, with the calls of numerator and denominator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from flask import abort, request

from ivr.core.figures import FIGURES, Figure
from ivr.core.intervals import Step
from ivr.core.metrics import Share
from ivr.web import figure_words
from ivr.web.doors import Site
from ivr.web.report_cells import Cell, cell
from ivr.web.report_frame import Drawn, Report, Stretch, Terms, calls_of, filter_of
from ivr.web.texts import N_
from ivr.workflows.report_output import Column, Sheet, asked_of, span_of, told_at
from ivr.workflows.reports import ReportQuery, WaitsReport

FIRST = "service_level_v4"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure of the card."""

    name: str
    title: str
    words: str
    letters: str
    used_by: str
    value: Cell
    share: Share
    part: str
    """Address of the calls in the numerator."""
    whole: str
    card: str
    """Address of its own card."""


def formula_report(site: Site) -> Report:
    return Report(title=N_("Formula"), draw=lambda asked: _draw(site, asked), placings=True, template="formula.html")


def _draw(site: Site, asked: Terms) -> Drawn:
    named = request.args.get("figure", FIRST)
    if named not in FIGURES:
        abort(404)
    report = site.waits(replace(asked.query, step=Step.MONTH))
    row = report.totals[-1]
    lines = [_line(figure, row.counts.of(figure.name), asked.query) for figure in FIGURES.values()]
    return Drawn(
        sheet=_sheet(report, lines),
        more={
            "figure": next(line for line in lines if line.name == named),
            "target": FIGURES[named].target,
            "levels": [line for line in lines if line.name.startswith("service_level_")],
            "others": [line for line in lines if not line.name.startswith("service_level_")],
            "topic_name": asked.names(asked.query.topics[0]) if asked.query.topics else "",
            "within": _whole_seconds(row.within),
            "short": _whole_seconds(row.short),
        },
    )


def _line(figure: Figure, share: Share, query: ReportQuery) -> Line:
    here = Stretch(start=query.start, end=query.end, topic=None)
    card = filter_of(here, query, figure=figure.name)
    return Line(
        name=figure.name,
        title=figure_words.title(figure.name),
        words=figure_words.formula(figure),
        letters=figure.letters,
        used_by=figure_words.used_by(figure),
        value=cell(share),
        share=share,
        part=calls_of(here, query, figure=figure.name, side="part"),
        whole=calls_of(here, query, figure=figure.name, side="whole"),
        card=f"/supervisor/reports/formula?{urlencode(card)}",
    )


def _whole_seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _sheet(report: WaitsReport, lines: list[Line]) -> Sheet:
    query = report.query
    return Sheet(
        title="Formula",
        notes=(span_of(query), asked_of(query), told_at(query, report.as_of), f"callers by {query.by}"),
        columns=(
            Column(key="figure", heading="figure"),
            Column(key="formula", heading="formula"),
            Column(key="letters", heading="in letters"),
            Column(key="part", heading="numerator"),
            Column(key="whole", heading="denominator"),
            Column(key="value", heading="share"),
        ),
        rows=tuple(
            (line.title, line.words, line.letters, line.share.part, line.share.whole, line.share) for line in lines
        ),
        totals=(),
    )
