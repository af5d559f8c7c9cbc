"""Links to single calls: made and taken back on the call's page, opened by who has none but the link.

The token in the path is all that counts; no cookie is read. The page shows no number, no recording, no names of
colleagues, and what agents wrote only when that was chosen.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.call_links import MOST_DAYS
from ivr.core.errors import RequestError, Unavailable
from ivr.core.ids import CallId
from ivr.web.call_page import desk, looked_at, shown
from ivr.web.doors import Site
from ivr.web.i18n import HTML_LANGUAGES, LOCALES, gettext, page_language
from ivr.web.limits import limit, network_of
from ivr.web.security import allow, by_link, signed_in
from ivr.workflows.call_story import PRIVATE, Story

TOKEN = re.compile(r"[a-z2-7]{26}")
LOOKS = 120
"""Pages shown within ten minutes, for one address."""


def shared_call_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("shared_call", __name__)
    looks = limit(site, "shared_calls", LOOKS)

    @blueprint.post("/supervisor/calls/<call>/share")
    @allow("supervisor")
    def share(call: str) -> ResponseReturnValue:
        """The address is shown on this very page and never again: it stands in no address and no book."""
        form, days = request.form, request.form.get("days", "")
        made, why, status = "", "", 200
        try:
            made = site.story.share.make(
                CallId(call),
                days=int(days) if days.isdecimal() else 0,
                notes=bool(form.get("notes")),
                who=signed_in(site).login,
            )
        except RequestError as err:
            if err.status != 422:
                raise
            why = gettext("A link works for 1 to %(most)s days.") % {"most": MOST_DAYS}
            status = err.status
        story = looked_at(site, call)
        page = render_template("call.html", **shown(site, story), **desk(site, story), made=made, refused=why)
        return page, status

    @blueprint.post("/supervisor/calls/<call>/share/<link>")
    @allow("supervisor")
    def take_back(call: str, link: str) -> ResponseReturnValue:
        site.story.share.revoke(link, CallId(call), who=signed_in(site).login)
        return redirect(f"/supervisor/calls/{call}#share", 303)

    @blueprint.get("/c/<token>")
    @by_link
    def opened(token: str) -> ResponseReturnValue:
        chosen = request.args.get("lang", "")
        g.language = chosen if chosen in LOCALES else None
        if not looks.admits(network_of(request.remote_addr)):
            return _plain(site, "busy", 429)
        try:
            found = site.story.share.open(token) if TOKEN.fullmatch(token) else None
        except Unavailable:
            return _plain(site, "trouble", 503)
        if found is None:
            return _plain(site, "over", 410)
        link, story = found
        without = frozenset() if link.notes else PRIVATE
        until = f"{link.expires_at.astimezone(ZoneInfo(site.zone)):%Y-%m-%d %H:%M}"
        return _drawn(
            site, "shared_call.html", **shown(site, nameless(story), without=without, strangers=True), until=until
        )

    return blueprint


def nameless(story: Story) -> Story:
    """Without what leads to the caller or to another book."""
    return replace(story, around=replace(story.around, number="", caller="", case=""), recordings=())


def _plain(site: Site, word: str, status: int) -> Response:
    answer = _drawn(site, "shared_plain.html", word=word)
    answer.status_code = status
    if status != 410:
        answer.headers["Retry-After"] = "60"
    return answer


def _drawn(site: Site, template: str, **words: Any) -> Response:
    """Drawn without what the pages of people know: no session is looked up, no cookie is set."""
    card, language = site.hotline(""), page_language()
    text = current_app.jinja_env.get_template(template).render(
        language=language,
        html_language=HTML_LANGUAGES[language],
        hotline=card.titles.get(language) or next(iter(card.titles.values()), ""),
        path=request.path,
        **words,
    )
    return Response(text, mimetype="text/html")
