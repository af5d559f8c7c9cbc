"""The pages of alerts: what stands, what there was and whether it was of use, and the rules behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.alert_rows import Alert, Worth
from ivr.core.alert_rules import FLAGS, IN_SECONDS, SECURITY, AlertRule, Figure, Level, Way
from ivr.core.alert_words import number
from ivr.core.errors import RequestError
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_, TEXTS

SOUNDS = ("off", "red", "all")
REFUSALS: Mapping[str, str] = {
    "alert_acknowledged": N_("Somebody has acknowledged this alert already."),
    "alert_unknown": N_("There is no such alert any more."),
    "alert_judgement": N_("Say whether the alert was useful."),
    "rule_unknown": N_("There is no such rule any more."),
    "rule_figure": N_("Choose a figure and a level."),
    "rule_subject": N_("There is no such queue."),
    "rule_sms": N_("Text messages are for security alerts and urgent queues alone."),
    "rule_threshold": N_("The threshold must be a number from 0 to 100000."),
    "rule_lasts": N_("Durations are whole seconds, at most an hour."),
    "rule_quiet": N_("Quiet hours need a beginning and an end."),
    "recipient_number": N_("Write the telephone number with its country code, such as +86 138 0013 8000."),
    "recipient_mail": N_("This is no mail address."),
    "recipient_taken": N_("This address is told already."),
}
PAGE = 50


def alerts_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("alerts", __name__)
    room = site.rules.alerts

    @blueprint.get("/supervisor/alerts")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/supervisor/alerts/<alert>/acknowledge")
    @allow("supervisor", "admin")
    def acknowledge(alert: str) -> ResponseReturnValue:
        try:
            room.acknowledge(alert, who=signed_in(site).login, note=request.form.get("note", ""))
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect("/supervisor/alerts", 303)

    @blueprint.post("/supervisor/alerts/<alert>/judge")
    @allow("supervisor", "admin")
    def judge(alert: str) -> ResponseReturnValue:
        said = request.form.get("useful", "")
        if said not in ("yes", "no"):
            return _page(site, refused="alert_judgement"), 422
        try:
            room.judge(alert, useful=said == "yes", who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect("/supervisor/alerts#history", 303)

    @blueprint.post("/supervisor/alerts/sound")
    @allow("supervisor", "admin")
    def sound() -> ResponseReturnValue:
        chosen, person = request.form.get("sound", ""), signed_in(site)
        if chosen in SOUNDS:
            site.people.set_choices(person.id, {**person.choices, "alert_sound": chosen})
        return redirect("/supervisor/alerts", 303)

    @blueprint.get("/admin/alerts")
    @allow("supervisor", "admin")
    def rules() -> ResponseReturnValue:
        return _rules(site)

    @blueprint.post("/admin/alerts/rule")
    @allow("supervisor", "admin")
    def save() -> ResponseReturnValue:
        form, name = request.form, request.form.get("id", "")
        try:
            room.save(name, {**form.to_dict(), "ways": form.getlist("ways")}, who=signed_in(site).login)
        except RequestError as err:
            return _rules(site, refused=err.error_id, opened=name), err.status
        return redirect(f"/admin/alerts#rule-{name}" if name else "/admin/alerts", 303)

    @blueprint.post("/admin/alerts/drop")
    @allow("supervisor", "admin")
    def drop() -> ResponseReturnValue:
        try:
            room.drop(request.form.get("id", ""), who=signed_in(site).login)
        except RequestError as err:
            return _rules(site, refused=err.error_id), err.status
        return redirect("/admin/alerts", 303)

    @blueprint.post("/admin/alerts/recipient")
    @allow("admin")
    def add_recipient() -> ResponseReturnValue:
        form = request.form
        try:
            room.add_recipient(form.get("way", ""), form.get("address", ""), who=signed_in(site).login)
        except RequestError as err:
            return _rules(site, refused=err.error_id), err.status
        return redirect("/admin/alerts#told", 303)

    @blueprint.post("/admin/alerts/recipient/remove")
    @allow("admin")
    def remove_recipient() -> ResponseReturnValue:
        room.remove_recipient(request.form.get("id", ""), who=signed_in(site).login)
        return redirect("/admin/alerts#told", 303)

    return blueprint


def figure_word(figure: Figure) -> str:
    return gettext(TEXTS[f"alert_{figure.value}"])


def _words(site: Site) -> Mapping[str, object]:
    zone, names = ZoneInfo(site.zone), site.rules.names(page_language())
    return {
        "names": names,
        "flags": FLAGS,
        "figure": figure_word,
        "level": lambda level: gettext(TEXTS[f"alert_level_{level.value}"]),
        "number": number,
        "time": lambda at: site_time(at.astimezone(zone)),
        "way": lambda way: gettext(TEXTS[f"alert_way_{way.value}"]),
        "held": lambda alert: _held(alert, site.now()),
    }


def _held(alert: Alert, now: datetime) -> str:
    seconds = max(0, int(((alert.cleared_at or now) - alert.raised_at).total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def share(worth: Worth) -> str:
    return f"{100 * worth.useful / worth.judged:.0f} %" if worth.judged else "–"


def _page(site: Site, *, refused: str = "") -> str:
    room, after = site.rules.alerts, request.args.get("after", "")
    found = room.log.page(after=after, limit=PAGE + 1)
    return render_template(
        "alerts.html",
        standing=sorted(room.log.standing(), key=lambda one: one.level is not Level.RED),
        past=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else "",
        first=not after,
        sound=signed_in(site).choices.get("alert_sound", "off"),
        sounds=SOUNDS,
        refused=gettext(REFUSALS[refused]) if refused else "",
        **_words(site),
    )


def _rules(site: Site, *, refused: str = "", opened: str | None = None) -> str:
    room = site.rules.alerts
    worth = room.log.worth()
    rows: list[tuple[AlertRule, Worth]] = [(rule, worth.get(rule.id, Worth())) for rule in room.rules()]
    return render_template(
        "admin_alerts.html",
        rules=rows,
        changed=room.changed(),
        recipients=room.recipients(),
        figures=list(Figure),
        levels=list(Level),
        ways=list(Way),
        security=SECURITY,
        urgent=room.urgent(),
        in_seconds=IN_SECONDS,
        share=share,
        topics=site.topics(page_language()),
        opened=opened,
        mail_ready=site.rules.mail_ready,
        refused=gettext(REFUSALS[refused]) if refused else "",
        form=request.form,
        **_words(site),
    )
