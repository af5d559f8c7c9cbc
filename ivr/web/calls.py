"""The list of calls: page, file and JSON at the same filter, which stands in the address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.call_list import SAID, UNSAID, ListedCall
from ivr.core.errors import RequestError
from ivr.core.facts import CallEnd
from ivr.core.ids import AgentId, Language
from ivr.web.call_filter import CallsAsked, address, asked, today, written, zone_of
from ivr.web.call_words import (
    CHIP,
    LANGUAGES,
    OUTCOMES,
    PLACED,
    REPEATS,
    became,
    end_words,
    language_name,
    marks,
    refused,
    span,
)
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.known_topics import topics_for
from ivr.web.report_frame import CSV, download
from ivr.web.report_told import told
from ivr.web.report_words import result_words
from ivr.web.security import allow, signed_in
from ivr.workflows.find_calls import Found, Listing
from ivr.workflows.report_output import Column, Sheet, to_csv

MOST_PER_PAGE = 500
CHIPS = (
    *("figure", "menu", "left", "caller", "case", "by"),
    *("hotline", "result", "reason", "said", "repeat", "once", "hung_up"),
)
"""Filters that come with a link and have no field of their own."""
FORM = ("topic", "language", "agent", "outcome", "end", "made", "tests")


def calls_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("calls", __name__)

    @blueprint.get("/supervisor/calls")
    @allow("supervisor")
    def calls() -> ResponseReturnValue:
        return listed(site)

    @blueprint.post("/supervisor/find-call")
    @allow("supervisor")
    def find() -> ResponseReturnValue:
        """A number stands in no address and no log: it comes in the body, and its blind index goes on."""
        try:
            found = site.story.find.search(request.form.get("q", ""), who=signed_in(site).login)
        except RequestError as err:
            return _page(site, None, None, why=refused(err.error_id)), err.status
        return redirect(_leads_to(found), 303)

    @blueprint.get("/api/v1/calls")
    @allow("supervisor", scope="calls:read")
    def calls_json() -> ResponseReturnValue:
        what = asked(request.args, site)
        found = _found(site, what, size=_size())
        after = written(found.next) if found.next else None
        body = {
            "calls": [_entry(site, line) for line in found.lines],
            "count": found.count,
            "more_than_counted": found.more,
            "next": after,
        }
        return jsonify(body)

    return blueprint


def listed(site: Site, *, why: str = "") -> ResponseReturnValue:
    """The page, or the file, of the list that the address asks for."""
    try:
        what = asked(request.args, site)
        if request.args.get("format") == "csv":
            return _file(site, what)
        found = _found(site, what)
    except RequestError as err:
        return _page(site, None, None, why=refused(err.error_id)), 422
    return _page(site, what, found, why=why)


def _found(site: Site, what: CallsAsked, *, size: int = 50) -> Listing:
    return site.story.find(what.wanted, figure=what.figure, side=what.side, after=what.after, size=size)


def _size() -> int:
    text = request.args.get("limit", "")
    if text and not text.isdecimal():
        raise RequestError("limit is a number from 1 to 500", status=422, error_id="bad_limit")
    return max(1, min(MOST_PER_PAGE, int(text or 50)))


def _leads_to(found: Found) -> str:
    if found.call:
        return f"/supervisor/calls/{found.call}"
    return f"/supervisor/calls?case={found.case}" if found.case else f"/supervisor/calls?caller={found.caller}"


def _page(site: Site, what: CallsAsked | None, found: Listing | None, *, why: str) -> str:
    args = request.args
    zone = what.zone if what else ZoneInfo(site.zone)
    whole = bool(args.get("caller") or args.get("case")) and not args.get("from")
    day = "" if whole else today(site, zone)
    form = {name: args.get(name, "") for name in FORM}
    form |= {"from": args.get("from") or day, "to": args.get("to") or args.get("from") or day, "zone": zone.key}
    if what:
        form |= _local(form, what)
    topics = topics_for(site, args.getlist("topic"))
    return render_template(
        "calls.html",
        form=form,
        chosen=[topic for topic in args.getlist("topic") if topic],
        topics=topics,
        agents=site.desk.roster.names(),
        languages=LANGUAGES,
        outcomes={key: gettext(words) for key, words in OUTCOMES.items()},
        ends={end.value: end_words(end) for end in CallEnd},
        chips=[
            (_chip(site, name, args.get(name, "")), address(args, **_without(name))) for name in CHIPS if args.get(name)
        ],
        rows=[_row(site, line, zone) for line in found.lines] if found else [],
        count=found.count if found else 0,
        more=bool(found and found.more),
        older=address(args, after=written(found.next)) if found and found.next else "",
        newest=address(args) if args.get("after") else "",
        file=address(args, format="csv"),
        why=why,
        kept={name: args.get(name, "") for name in (*CHIPS, "side") if args.get(name)},
    )


def _local(form: dict[str, str], what: CallsAsked) -> dict[str, str]:
    """Times as the fields of the page take them: on the clock of the zone, without an offset."""
    times = {"from": what.wanted.start, "to": what.wanted.end}
    kept = {name: at.astimezone(what.zone).replace(tzinfo=None) for name, at in times.items() if "T" in form[name]}
    return {
        name: at.isoformat(timespec="milliseconds" if at.second or at.microsecond else "minutes")
        for name, at in kept.items()
    }


def _without(name: str) -> dict[str, str]:
    return {"figure": "", "side": ""} if name == "figure" else {name: ""}


def _chip(site: Site, name: str, value: str) -> str:
    language = page_language()
    about = {**site.topics(language), **site.reasons(language)}
    results = result_words(site.result_names(language))
    given = {UNSAID: gettext("none"), SAID: gettext("any")}
    shown = {
        "figure": f"{value} ({request.args.get('side') or 'part'})",
        "result": given.get(value) or results(value),
        "reason": given.get(value) or results(value),
        "said": given.get(value) or about.get(value, value),
        "by": gettext(PLACED.get(value, "")),
        "repeat": gettext(REPEATS.get(value, "")),
    }
    said = shown.get(name, value)
    return gettext(CHIP[name]).replace("%(what)s", said) if name in CHIP else said


def _row(site: Site, line: ListedCall, zone: ZoneInfo) -> dict[str, Any]:
    results = result_words(site.result_names(page_language()))
    return {
        "call": line.call,
        "segment": line.segment,
        "at": f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "number": _number(line),
        "language": language_name(line.language),
        "topic": site.topics(page_language()).get(line.topic, line.topic),
        "path": " › ".join(site.story.path(line.menu_version, line.path, Language(page_language()))),
        "wait": span(line.wait_s),
        "became": became(line),
        "kind": line.outcome or ("waiting" if line.segment else ""),
        "agent": site.desk.roster.names().get(AgentId(line.agent), line.agent) if line.agent else "",
        "talk": span(line.talk_s),
        "result": " · ".join(results(word) for word in (line.result, line.reason) if word),
        "by_default": line.by_default,
        "score": line.score,
        "marks": marks(line),
    }


def _number(line: ListedCall) -> str:
    if line.number is None:
        return "***"
    return line.number or gettext("no number")


def _entry(site: Site, line: ListedCall) -> dict[str, Any]:
    """One line for programs: names as the menus have them, times with their offset, seconds as numbers."""

    def at(moment: datetime | None) -> str | None:
        return moment.isoformat(timespec="milliseconds") if moment else None

    return {
        "call": line.call,
        "segment": line.segment or None,
        "at": at(line.at),
        "started_at": at(line.started_at),
        "ended_at": at(line.ended_at),
        "number": line.number,
        "language": line.language,
        "topic": line.topic,
        "path": list(line.path),
        "urgent": line.urgent,
        "wait_s": line.wait_s,
        "outcome": line.outcome,
        "agent": line.agent or None,
        "talk_s": line.talk_s,
        "hold_s": line.hold_s,
        "wrap_s": line.wrap_s,
        "result": line.result,
        "result_reason": line.reason,
        "rating": line.score,
        "end": line.end or None,
        "recorded": line.recorded,
        "repairs": line.repairs,
        "url": f"{site.public_url}/supervisor/calls/{line.call}",
    }


FIELDS: tuple[tuple[str, Callable[[dict[str, Any]], Any]], ...] = (
    ("call", lambda row: row["call"]),
    ("segment", lambda row: row["segment"] or None),
    ("time", lambda row: row["at"]),
    ("number (masked)", lambda row: row["number"].lstrip("+")),
    ("language", lambda row: row["language"]),
    ("topic", lambda row: row["topic"]),
    ("path", lambda row: row["path"]),
    ("outcome", lambda row: row["became"]),
    ("agent", lambda row: row["agent"]),
    ("result", lambda row: row["result"]),
    ("rating", lambda row: row["score"]),
    ("marks", lambda row: ", ".join(word for _, word, _ in row["marks"])),
)


def _file(site: Site, what: CallsAsked) -> Response:
    lines = site.story.find.all(what.wanted, who=signed_in(site).login, figure=what.figure, side=what.side)
    seconds = ("wait_s", "talk_s", "hold_s", "wrap_s")
    sheet = Sheet(
        title="Calls",
        notes=(
            told(what.wanted.start, what.wanted.end, what.zone, site.now()),
            *(_chip(site, name, value) for name in CHIPS for value in request.args.getlist(name)),
            *(f"{name}: {value}" for name in FORM for value in request.args.getlist(name) if value),
        ),
        columns=(
            *(Column(key=name, heading=f"{name} ({what.zone.key})" if name == "time" else name) for name, _ in FIELDS),
            *(Column(key=name, heading=name.replace("_s", " s")) for name in seconds),
        ),
        rows=tuple(
            (*(of(row) for _, of in FIELDS), *(getattr(line, name) for name in seconds))
            for line in lines
            for row in [_row(site, line, what.zone)]
        ),
        totals=(),
    )
    first = f"{what.wanted.start.astimezone(zone_of(request.args, site)):%Y-%m-%d}"
    return download(to_csv(sheet, noted=True), f"calls-{first}.csv", CSV)
