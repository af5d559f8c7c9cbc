"""What prints and files of a report say of themselves: its time, clock and filter, the edition of its formulas, and what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.web.i18n import gettext, page_language
from ivr.web.report_words import heading, shown_step
from ivr.web.texts import N_
from ivr.workflows.report_output import EDITION, Column, Sheet, Value
from ivr.workflows.reports import Placing, ReportQuery

CELLS = {
    "total": N_("Total"),
    "all": N_("All topics"),
    "differs": N_("differs"),
    "every": N_("All results"),
    "not said": N_("not said"),
}
"""Words that stand in cells of sheets."""
TITLES = {
    "waits": N_("Waiting times"),
    "callbacks": N_("Callbacks"),
    "topics": N_("Topics"),
    "results": N_("Results"),
    "hours": N_("Hours of the day"),
    "intervals": N_("Intervals"),
    "queues": N_("Queues"),
    "heat": N_("Hours by weekday"),
    "daily": N_("The day"),
    "abandons": N_("Who gave up"),
}
"""Of the reports of one table."""


def told(start: datetime, end: datetime, zone: ZoneInfo, at: datetime) -> str:
    """Which time, on which clock, as of when, by which formulas."""
    return gettext("{start} to {end} ({zone}). As of {at}. Formulas, edition {edition}.").format(
        start=f"{start.astimezone(zone):%Y-%m-%d %H:%M}",
        end=f"{end.astimezone(zone):%Y-%m-%d %H:%M}",
        zone=zone.key,
        at=at.astimezone(zone).isoformat(sep=" ", timespec="seconds"),
        edition=EDITION,
    )


def filter_notes(
    query: ReportQuery, at: datetime, *, names: Callable[[str], str], placings: bool, steps: bool
) -> list[str]:
    """The filter as words, for prints and files. `placings`, `steps`: how calls are placed and cut can be chosen."""
    topics = ", ".join(names(topic) for topic in query.topics)
    lines = [told(query.start, query.end, query.zone, at)]
    lines.append(f"{gettext('Topic')}: {topics or gettext('All topics')}")
    if placings:
        by = gettext("arrival in the queue") if query.by is Placing.ARRIVAL else gettext("answer or leaving")
        lines.append(f"{gettext('Callers by')}: {by}")
    if steps:
        lines.append(f"{gettext('Interval')}: {shown_step(query.step)}")
    return lines


def noted(sheet: Sheet, title: str, notes: Sequence[str], *, spoken: bool) -> Sheet:
    """The sheet with these notes and what its columns mean. `spoken`: to be read by people, so in the page's language; else the
    headings stay those that programs know, unless the page is in Chinese.
    """
    heads = [heading(column.key, column.heading) for column in sheet.columns]
    meanings = (
        f"{one['text']} {one['variant']}".strip() + f": {one['note']}"
        for one in heads
        if one["note"] and not one.get("same")
    )
    kept = replace(sheet, notes=(*notes, *dict.fromkeys(meanings)))
    if not spoken and page_language() == "en":
        return kept
    columns = tuple(
        Column(key=column.key, heading=f"{one['text']} {one['variant']}".strip())
        for column, one in zip(sheet.columns, heads, strict=True)
    )
    return replace(kept, title=title, columns=columns, rows=_said(sheet.rows), totals=_said(sheet.totals))


def _said(rows: Sequence[Sequence[Value]]) -> tuple[tuple[Value, ...], ...]:
    return tuple(tuple(gettext(CELLS[v]) if isinstance(v, str) and v in CELLS else v for v in row) for row in rows)
