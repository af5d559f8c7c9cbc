"""Reports that people keep: with what was chosen, private or shared, and mailed at a fixed hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from ivr.core.errors import RequestError
from ivr.core.people import Role
from ivr.core.saved_reports import PATH, Every, Mail, Saved, Sent, Wish, report_of
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_

EVERY: Mapping[Every, str] = {
    Every.NEVER: N_("no mail"),
    Every.DAY: N_("every day, about the day before"),
    Every.WEEK: N_("every Monday, about the week before"),
    Every.MONTH: N_("on the first, about the month before"),
}
STATES: Mapping[Sent, str] = {
    Sent.WAITING: N_("waits"),
    Sent.SENDING: N_("is being sent"),
    Sent.SENT: N_("sent"),
    Sent.FAILED: N_("failed"),
    Sent.UNKNOWN: N_("interrupted, may have gone out"),
}
ADVICE: Mapping[str, str] = {
    "no mail server": N_("Set IVR_SMTP_HOST and restart, then send it again."),
    "no right": N_("Who keeps this report may not read reports any more: let somebody who may keep it anew."),
    "the address": N_("Put the address right."),
    "SMTP 5": N_("The server refuses this recipient or sender for good: look at the address and at IVR_SMTP_FROM."),
    "SMTP 4": N_("The server is busy or defers: it is tried again by itself."),
    "SMTPAuth": N_("The server refuses name or password: look at IVR_SMTP_USER and IVR_SMTP_PASSWORD."),
    "SSL": N_("The connection cannot be made safe: look at IVR_SMTP_TLS and the server's certificate."),
    "interrupted": N_("Ask the recipient; send it again if it did not come."),
    "could not be made": N_("Open the report, put its choices right, and keep it anew."),
    "no answer": N_("Ask the recipient; send it again if it did not come."),
    "": N_("Look at IVR_SMTP_HOST and IVR_SMTP_PORT and whether the server can be reached."),
}
"""What to do about an error that begins so."""
REFUSALS = (
    N_("This is no address of a report."),
    N_("Give it a name of 1 to 120 characters."),
    N_("One of these is no mail address."),
    N_("Name at least one mail address, and at most twenty."),
    N_("Choose at least one kind of file."),
    N_("Choose an hour from 0 to 23."),
    N_("Only who keeps a report may change it."),
    N_("This report is not kept any more."),
)
"""Sentences of `workflows/keep_reports.py`, translated when they are shown."""
PLACE = f"{PATH}saved"


def saved_reports_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("saved_reports", __name__, url_prefix=PATH.rstrip("/"))

    @blueprint.get("/saved")
    @allow("supervisor", "admin")
    def saved() -> ResponseReturnValue:
        return _page(site)

    @blueprint.post("/saved")
    @allow("supervisor", "admin")
    def add() -> ResponseReturnValue:
        form, person = request.form, signed_in(site)
        try:
            site.shelf.keep.add(
                form.get("address", ""),
                form.get("title", ""),
                shared=form.get("shared") == "1",
                owner=person.login,
                language=page_language(),
            )
        except RequestError as err:
            return _page(site, refused=str(err)), err.status
        return redirect(PLACE, 303)

    @blueprint.post("/saved/<entry>")
    @allow("supervisor", "admin")
    def change(entry: str) -> ResponseReturnValue:
        form, who, keep = request.form, signed_in(site).login, site.shelf.keep
        try:
            match form.get("do", ""):
                case "schedule":
                    wish = Wish(
                        every=form.get("every", ""),
                        hour=form.get("hour", ""),
                        recipients=form.get("recipients", ""),
                        files=tuple(form.getlist("files")),
                    )
                    keep.schedule(entry, wish, who=who)
                case "share" | "private":
                    keep.share(entry, shared=form["do"] == "share", who=who)
                case "remove":
                    keep.remove(entry, who=who)
                case "send":
                    keep.send_now(entry, who=who)
                case _:
                    raise BadRequest("there is no such step")
        except RequestError as err:
            return _page(site, refused=str(err)), err.status
        return redirect(PLACE, 303)

    return blueprint


def _page(site: Site, *, refused: str = "") -> str:
    person = signed_in(site)
    seen = site.shelf.keep.book.seen_by(person.login)
    mails: dict[str, list[Mail]] = {}
    for mail in site.shelf.keep.book.mails([one.id for one in seen if one.owner == person.login]):
        mails.setdefault(mail.saved, []).append(mail)
    address = request.form.get("address") or request.args.get("add", "")
    found = report_of(address)
    return render_template(
        "saved_reports.html",
        saved=[(one, mails.get(one.id, [])[:5]) for one in seen],
        troubled=troubled(site),
        login=person.login,
        address=address if found else "",
        title=request.form.get("title", ""),
        refused=gettext(refused) if refused else "",
        every=[(one.value, gettext(words)) for one, words in EVERY.items()],
        state=lambda one: gettext(STATES[one]),
        advice=_advice,
        local=lambda at: _local(site, at),
        mail_ready=site.shelf.mail_ready,
        site_zone=site.zone,
    )


def troubled(site: Site) -> Sequence[tuple[Saved, Mail]]:
    """Mails of others that this person should know of: of shared reports; administrators see those of private ones too."""
    person = signed_in(site)
    return site.shelf.keep.book.troubled(person.login, all_of_them=person.may(Role.ADMIN))


def _advice(mail: Mail) -> str:
    if not mail.error:
        return ""
    return gettext(next(words for begins, words in ADVICE.items() if mail.error.startswith(begins)))


def _local(site: Site, at: datetime | None) -> str:
    return site_time(at.astimezone(ZoneInfo(site.zone))) if at else ""
