"""What supervisors follow up after calls: low ratings, comments, and callers who wish to hear from somebody.

What callers say, in messages and in comments, is for those who answer them, not for administrators (`RELIABILITY.md` 3.2).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from ivr.core.follow_ups import STATUSES, WHICH, Which
from ivr.core.intervals import period
from ivr.web.doors import Site
from ivr.web.i18n import page_language, site_time
from ivr.web.security import allow, signed_in


def after_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("after", __name__, url_prefix="/supervisor")

    def local(at: datetime | None) -> str:
        return site_time(at.astimezone(ZoneInfo(site.zone))) if at else ""

    @blueprint.get("/follow-ups")
    @allow("supervisor")
    def follow_ups() -> ResponseReturnValue:
        every, handled = site.follow_ups.counts()
        only = _which(site)
        return render_template(
            "follow_ups.html",
            entries=site.follow_ups.newest(only=only, at=site.now()),
            only=only,
            topics=site.topics(page_language()),
            names=site.desk.roster.names(),
            local=local,
            now=site.now(),
            every=every,
            handled=handled,
        )

    @blueprint.post("/follow-ups/<entry>")
    @allow("supervisor")
    def mark(entry: str) -> ResponseReturnValue:
        """Looked at, something changed because of it, or open again."""
        status = request.form.get("status", "")
        if status not in STATUSES:
            raise BadRequest("there is no such status")
        if not site.follow_ups.mark(entry, status, who=signed_in(site).login, at=site.now()):
            raise NotFound
        return redirect("/supervisor/follow-ups", 303)

    @blueprint.get("/messages")
    @allow("agent", "supervisor")
    def messages() -> ResponseReturnValue:
        """Every message, for whoever may answer it."""
        return render_template(
            "messages.html",
            entries=site.messages.newest(),
            names=site.desk.roster.names(),
            mine=_own_names(site),
            topics=site.topics(page_language()),
            local=local,
            now=site.now(),
            late=bool(request.args.get("late")),
        )

    @blueprint.get("/messages/<entry>/sound")
    @allow("agent", "supervisor")
    def hear(entry: str) -> ResponseReturnValue:
        """What the caller said. Who listened stands in the audit."""
        body = site.hear_message(entry, signed_in(site).login)
        return Response(body, mimetype="audio/wav", headers={"Accept-Ranges": "none"})

    @blueprint.post("/messages/<entry>")
    @allow("agent", "supervisor")
    def handle(entry: str) -> ResponseReturnValue:
        """Take it, give it back, or say that it is answered. Somebody else may have been faster: the page says so."""
        who, names = signed_in(site).login, _own_names(site)
        match request.form.get("do", ""):
            case "take":
                done = site.messages.take(entry, who=who, at=site.now())
            case "give_back":
                done = any(site.messages.give_back(entry, who=name) for name in names)
            case "answered":
                done = site.messages.answered(entry, who=who, at=site.now())
            case _:
                raise BadRequest("there is no such step")
        after = None if done else site.messages.find(entry)
        late = not done and (after is None or after.owner not in ("", *names))
        return redirect("/supervisor/messages?late=1" if late else "/supervisor/messages", 303)

    return blueprint


def _own_names(site: Site) -> tuple[str, ...]:
    """Under which a message is this person's: taken by sign-in name, or assigned in the room, which names agents."""
    person = signed_in(site)
    return tuple({person.login, person.agent or person.login})


def _which(site: Site) -> Which | None:
    """Those that an address asks for that comes from a report; None: all. Raises BadRequest."""
    args = request.args
    if not args.get("from"):
        return None
    which = args.get("which", "all")
    try:
        start, end = period(args["from"], args.get("to") or args["from"], ZoneInfo(site.zone))
    except ValueError as err:
        raise BadRequest("choose two days such as 2026-10-25") from err
    if which not in WHICH:
        raise BadRequest("there is no such choice")
    return Which(start=start, end=end, topic=args.get("topic", ""), which=which)
