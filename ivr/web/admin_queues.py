"""The pages of queues' settings and of opening hours: the file's values, and what was set over them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import RequestError
from ivr.core.hours import describe, is_open
from ivr.core.ids import TopicId
from ivr.core.menus import MenuTree
from ivr.core.overlays import of_queue, said
from ivr.core.shut import calendar_for
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_
from ivr.workflows.keep_queues import OtherDay
from ivr.workflows.menu_labels import named

REFUSALS: Mapping[str, str] = {
    "queue_unknown": N_("There is no such queue or setting."),
    "queue_seconds": N_("This is outside what the setting may be."),
    "hours_spans": N_("Write hours such as 09:00-12:00, 13:00-18:00; empty means closed all day."),
    "hours_nothing": N_(
        "Nothing that begins on this day is open at these hours. What began the evening before is set on the day before."
    ),
    "hours_day": N_("Choose a day from today on, within two years."),
    "hours_calendar": N_("There is no such calendar."),
    "hours_urgent": N_(
        "Callers whose money is in danger come to this queue, or everybody who needs a person. If you mean it, tick the box and set it again."
    ),
    "hotline_unknown": N_("There is no such hotline."),
}
SETTING_WORDS: Mapping[str, tuple[str, str]] = {
    "service_level": (N_("Service level: answered within"), ""),
    "short_abandon": (N_("Short abandon: gone before"), ""),
    "ring_time": (N_("An offer rings for"), ""),
    "wrap_up": (N_("Wrap-up lasts"), ""),
    "overflow_after": (N_("Overflow after"), ""),
    "ceiling": (N_("First in line after"), ""),
    "reply_within": (N_("Messages are answered within"), ""),
}


def queues_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_queues", __name__)
    keep = site.rules.queues

    @blueprint.get("/admin/queues")
    @allow("supervisor", "admin")
    def queues() -> ResponseReturnValue:
        return _queues(site)

    @blueprint.post("/admin/queues/set")
    @allow("admin")
    def set_queue() -> ResponseReturnValue:
        form = request.form
        hotline, topic = form.get("hotline", ""), form.get("topic", "")
        try:
            keep.set_queue(hotline, topic, form.get("name", ""), form.get("value", ""), who=signed_in(site).login)
        except RequestError as err:
            return _queues(site, refused=err.error_id), err.status
        return redirect(f"/admin/queues#queue-{topic}", 303)

    @blueprint.get("/admin/hours")
    @allow("supervisor", "admin")
    def hours() -> ResponseReturnValue:
        return _hours(site)

    @blueprint.post("/admin/hours/set")
    @allow("supervisor", "admin")
    def set_day() -> ResponseReturnValue:
        form = request.form
        kind = form.get("kind", "closed")
        if kind != "closed" and not form.get("spans", "").strip():
            return _hours(site, refused="hours_spans"), 422
        day = OtherDay(
            calendar=form.get("calendar", ""),
            day=form.get("day", ""),
            kind="part" if kind == "part" else "open",
            text="" if kind == "closed" else form.get("spans", ""),
            note=form.get("note", ""),
            sure=form.get("sure") == "1",
        )
        try:
            keep.set_day(form.get("hotline", ""), day, who=signed_in(site).login)
        except RequestError as err:
            return _hours(site, refused=err.error_id), err.status
        return redirect("/admin/hours", 303)

    @blueprint.post("/admin/hours/drop")
    @allow("supervisor", "admin")
    def drop_day() -> ResponseReturnValue:
        form = request.form
        try:
            keep.drop_day(
                form.get("hotline", ""), form.get("calendar", ""), form.get("day", ""), who=signed_in(site).login
            )
        except RequestError as err:
            return _hours(site, refused=err.error_id), err.status
        return redirect("/admin/hours", 303)

    return blueprint


def _queues(site: Site, *, refused: str = "") -> str:
    keep, language = site.rules.queues, page_language()
    over = keep.book.read()
    return render_template(
        "admin_queues.html",
        hotlines=[
            (
                tree,
                named(tree.title, language),
                [
                    (topic, named(topic.names, language), keep.settings(tree, topic, over))
                    for topic in tree.topics.values()
                ],
            )
            for tree in keep.files()
        ],
        words={name: gettext(words[0]) for name, words in SETTING_WORDS.items()},
        form=request.form if refused else {},
        refused=gettext(REFUSALS[refused]) if refused else "",
    )


def _hours(site: Site, *, refused: str = "") -> str:
    keep, language, now = site.rules.queues, page_language(), site.now()
    live = {tree.hotline: tree for tree in site.rules.trees()}
    return render_template(
        "admin_hours.html",
        hotlines=[
            (
                tree,
                named(tree.title, language),
                [
                    (
                        name,
                        describe(calendar, chinese=language == "zh"),
                        is_open(live[tree.hotline].calendars[name], now),
                    )
                    for name, calendar in tree.calendars.items()
                    if tree.hotline in live
                ],
                keep.days(tree),
                keep.today(tree),
            )
            for tree in keep.files()
        ],
        used=_used,
        queue_name=_queue_name,
        own=lambda tree: [(calendar_for(one), _queue_name(tree, calendar_for(one))) for one in tree.topics],
        urgent=refused == "hours_urgent",
        said=said,
        form=request.form if refused else {},
        refused=gettext(REFUSALS[refused]) if refused else "",
    )


def _queue_name(tree: MenuTree, calendar: str) -> str:
    """The queue whose own hours these are; a calendar of the file by its name."""
    topic = tree.topics.get(TopicId(of_queue(calendar)))
    return named(topic.names, page_language()) if topic else calendar


def _used(tree: MenuTree, calendar: str) -> str:
    """Names of the queues that keep these hours."""
    language = page_language()
    return ", ".join(named(topic.names, language) for topic in tree.topics.values() if topic.calendar == calendar)
