"""The page of an agent's own day. Nobody else's can be asked for: who is shown comes from the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.web.api import own_agent
from ivr.web.call_words import span
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.report_words import result_words
from ivr.web.security import allow
from ivr.web.texts import N_, TEXTS
from ivr.workflows.my_day import FEWEST, MyDay
from ivr.workflows.plan_breaks import OwnBreak

FIGURES: Mapping[str, str] = {
    "answered": N_("Calls answered"),
    "handle_time": N_("Time per call (talk, hold, wrap-up)"),
    "talk": N_("Talk, on average"),
    "hold": N_("Hold, on average"),
    "wrap": N_("Wrap-up, on average"),
    "missed": N_("Missed"),
    "declined": N_("Declined"),
}
BECAME: Mapping[str, str] = {
    "": N_("still waiting"),
    "answered": N_("answered by somebody else, or by you later"),
    "abandoned": N_("hung up"),
    "callback": N_("is called back"),
    "message": N_("left a message"),
    "overflow": N_("sent on"),
    "closed": N_("sent on at closing time"),
    "dropped": N_("lost by a fault"),
}
WIDTH = 1000
"""Units of the timeline's picture."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One stretch of the timeline, in units of the picture."""

    x: float
    width: float
    presence: str
    words: str


def my_day_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("my_day", __name__)

    @blueprint.get("/agent/day")
    @allow("agent", "admin")
    def page() -> ResponseReturnValue:
        return shown()

    @blueprint.post("/agent/day/follow-up")
    @allow("agent", "admin")
    def follow_up() -> ResponseReturnValue:
        agent, form = own_agent(site), request.form
        try:
            if form.get("what") == "done":
                site.own_follow_ups.done(agent, form.get("number", ""))
            else:
                site.own_follow_ups.move(agent, form.get("number", ""), form.get("day", ""))
        except RequestError as err:
            return shown(refused=gettext(TEXTS[f"error_{err.error_id}"])), err.status
        return redirect("/agent/day", 303)

    def shown(*, refused: str = "") -> str:
        agent = own_agent(site)
        day = site.my_day(agent, asked_day(request.args.get("day", "")))
        zone, planned = ZoneInfo(site.zone), site.breaks.own(agent, day.day)
        return render_template(
            "my_day.html",
            day=day,
            figures=[(gettext(FIGURES[one.name]), told(one.own), told(one.median)) for one in day.figures],
            few=day.colleagues < FEWEST,
            names=site.topics(page_language()),
            clock=lambda at: at.astimezone(zone).strftime("%H:%M"),
            told=told,
            became={key: gettext(words) for key, words in BECAME.items()},
            presences={
                key.removeprefix("presence_"): gettext(TEXTS[key]) for key in TEXTS if key.startswith("presence_")
            },
            reasons={key.removeprefix("reason_"): gettext(TEXTS[key]) for key in TEXTS if key.startswith("reason_")},
            results=result_words(site.result_names(page_language())),
            bars=bars(day, site.now(), words=presence_words()),
            hours=hours(day, zone),
            width=WIDTH,
            before=day.day - timedelta(days=1),
            after=None if day.today else day.day + timedelta(days=1),
            until=site.now(),
            planned=planned,
            planned_bars=planned_bars(day, planned),
            follow_ups=site.own_follow_ups(agent, page_language()).follow_ups if day.today else None,
            due_words={key: gettext(TEXTS[f"due_{key}"]) for key in ("late", "today")},
            refused=refused,
        )

    return blueprint


def asked_day(text: str) -> date | None:
    """Raises RequestError for what is no day."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 9000:
        raise RequestError("day is to be written as 2026-03-31", status=422, error_id="bad_day")
    return found


def told(value: timedelta | float | None) -> str:
    """Durations as 1:23, numbers without needless decimals, nothing as a dash."""
    return span(value) if value is None or isinstance(value, timedelta) else f"{value:g}"


def presence_words() -> Mapping[str, str]:
    return {key.removeprefix("presence_"): gettext(TEXTS[key]) for key in TEXTS if key.startswith("presence_")}


def bars(shown: MyDay, now: datetime, *, words: Mapping[str, str]) -> Sequence[Bar]:
    whole = (shown.end - shown.start).total_seconds()

    def at(moment: datetime) -> float:
        return WIDTH * (moment - shown.start).total_seconds() / whole

    found = []
    for one in shown.states:
        end = one.end or min(now, shown.end)
        if one.presence != "signed_out" and end > one.start:
            name = words.get(one.presence, one.presence)
            found.append(
                Bar(
                    x=round(at(one.start), 2),
                    width=max(round(at(end) - at(one.start), 2), 0.6),
                    presence=one.presence,
                    words=f"{name} · {told(end - one.start)}",
                )
            )
    return found


def planned_bars(shown: MyDay, planned: Sequence[OwnBreak]) -> Sequence[tuple[float, float]]:
    """Place and width of each break that was set, cut to the day."""
    whole = (shown.end - shown.start).total_seconds()

    def at(moment: datetime) -> float:
        return round(WIDTH * (min(max(moment, shown.start), shown.end) - shown.start).total_seconds() / whole, 2)

    return [(at(one.start), max(at(one.end) - at(one.start), 0.6)) for one in planned]


def hours(shown: MyDay, zone: ZoneInfo) -> Sequence[tuple[float, str]]:
    """Marks of the scale every three hours by the clock on the wall, also on days of 23 or 25 hours."""
    whole = (shown.end - shown.start).total_seconds()
    marks = []
    for hour in range(0, 24, 3):
        moment = datetime(shown.day.year, shown.day.month, shown.day.day, hour, tzinfo=zone)
        marks.append((round(WIDTH * (moment - shown.start).total_seconds() / whole, 2), f"{hour:02}"))
    return marks
