"""The page of one call, drawn and told; and the same for programs."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, TooManyRequests

from ivr.core.call_links import MOST_DAYS, CallLink
from ivr.core.errors import RequestError
from ivr.core.facts import Outcome
from ivr.core.ids import CallId, Language
from ivr.core.who_was_free import Free, GaveUp
from ivr.web.call_words import end_words, language_name, span
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language
from ivr.web.limits import HOUR, limit
from ivr.web.report_words import result_words
from ivr.web.security import actor, allow, signed_in
from ivr.web.story_words import Teller, why
from ivr.web.texts import N_
from ivr.web.webhooks import alert
from ivr.workflows.call_story import AGENT, Item, Story

WIDTH = 1000
"""Units of a lane's picture."""
LEAST = 3
"""Width of a span that is too short to be seen."""
MARKS = 6
PLAYED = timedelta(minutes=10)
"""How long an address plays after somebody said why."""
PLAYS = 30
"""Recordings that one person may open in an hour (`RELIABILITY.md` S-93)."""
REASONS: Mapping[str, str] = {
    "complaint": N_("a complaint"),
    "quality": N_("quality of the talk"),
    "training": N_("training"),
    "fraud": N_("suspected fraud"),
    "caller_asked": N_("the caller asked for it"),
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A span or a moment in a lane's picture, in its units."""

    x: float
    width: float
    kind: str
    point: bool
    words: str


@dataclass(frozen=True, kw_only=True)
class Lane:
    name: str
    marks: Sequence[Mark]


def call_page_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("call_page", __name__)
    played = limit(site, "recordings", PLAYS, window=HOUR, strict=True)

    @blueprint.get("/supervisor/calls/<call>")
    @allow("supervisor")
    def page(call: str) -> ResponseReturnValue:
        story = looked_at(site, call)
        return render_template("call.html", **shown(site, story), **desk(site, story))

    @blueprint.get("/api/v1/calls/<call>")
    @allow("supervisor", scope="calls:read")
    def as_json(call: str) -> ResponseReturnValue:
        return jsonify(told(looked_at(site, call)))

    @blueprint.post("/supervisor/calls/<call>/recording")
    @allow("supervisor")
    def ask_for_recording(call: str) -> ResponseReturnValue:
        """Why somebody listens is written down before they can."""
        person, form = signed_in(site), request.form
        if not played.admits(person.login):
            alert("many_recordings_played", who=person.login)
            raise TooManyRequests("too many recordings in an hour", retry_after=3600)
        if form.get("reason") not in REASONS:
            raise RequestError("say why you listen", status=422, error_id="no_reason")
        recording = form.get("recording", "")
        site.story.hear.ask(CallId(call), recording, who=person.login, reason=str(form["reason"]))
        until = round((site.now() + PLAYED).timestamp())
        sign = signature(site, call, recording, person.login, until)
        return redirect(f"/supervisor/calls/{call}?play={recording}&until={until}&sign={sign}#recording", 303)

    @blueprint.get("/supervisor/calls/<call>/recording/<recording>")
    @allow("supervisor")
    def play(call: str, recording: str) -> ResponseReturnValue:
        if not signed(site, call, recording):
            raise NotFound
        answer = Response(site.story.hear(CallId(call), recording), mimetype="audio/wav")
        answer.headers["Content-Disposition"] = f'attachment; filename="{recording}.wav"'
        return answer

    return blueprint


def looked_at(site: Site, call: str) -> Story:
    """The story, once it is written down who looks."""
    story = site.story.tell(CallId(call))
    if story is None:
        raise NotFound
    site.people.audit(at=site.now(), who=actor(site), what="call.look", object=story.record.call)
    return story


def signature(site: Site, call: str, recording: str, who: str, until: int) -> str:
    text = f"play:{call}:{recording}:{who}:{until}"
    return hmac.new(site.secret.encode(), text.encode(), sha256).hexdigest()


def signed(site: Site, call: str, recording: str) -> bool:
    """Whether this person said why within the last minutes."""
    until, sign = request.args.get("until", ""), request.args.get("sign", "")
    if not until.isdecimal() or int(until) < site.now().timestamp():
        return False
    return hmac.compare_digest(sign, signature(site, call, recording, signed_in(site).login, int(until)))


def desk(site: Site, story: Story) -> dict[str, Any]:
    """What stands on the page of who is signed in, and on no other."""
    play = request.args.get("play", "")
    ready = bool(play) and signed(site, story.record.call, play)
    query = request.query_string.decode()
    return {
        "recordings": [(name, span(float(seconds))) for name, seconds in story.recordings],
        "reasons": {name: gettext(words) for name, words in REASONS.items()},
        "playing": f"/supervisor/calls/{story.record.call}/recording/{play}?{query}" if ready else "",
        "links": [_shared(site, link) for link in site.story.share.of_call(story.record.call)],
        "gave_up": _free(site, story),
        "most_days": MOST_DAYS,
        "other_calls": f"/supervisor/calls?caller={story.around.caller}" if story.around.caller else "",
    }


def _free(site: Site, story: Story) -> list[dict[str, Any]]:
    """For each stay that the caller gave up: who was free, and what they lacked."""
    names = {str(id_): name for id_, name in site.desk.roster.names().items()}
    topics, found = site.topics(page_language()), []
    for one in story.record.segments:
        if one.outcome is not Outcome.ABANDONED or one.left_at is None:
            continue
        stay = GaveUp(
            call=story.record.call,
            segment=one.segment,
            topic=one.topic,
            language=one.language,
            entered_at=one.entered_at,
            left_at=one.left_at,
        )
        verdict = site.story.abandons.of_stay(stay)
        if verdict is not None:
            told = [free_words(lacks, names, topics) for lacks in verdict.free]
            found.append({"topic": topics.get(one.topic, one.topic), "free": told})
    return found


def free_words(lacks: Free, names: Mapping[str, str], topics: Mapping[str, str]) -> str:
    name = names.get(lacks.agent, lacks.agent)
    missing = [topics.get(skill, skill) for skill in lacks.skills]
    missing += [language_name(lacks.language)] if lacks.language else []
    if not missing:
        return gettext("%(agent)s could have taken the call") % {"agent": name}
    return gettext("%(agent)s (lacks %(what)s)") % {"agent": name, "what": " + ".join(missing)}


def _shared(site: Site, link: CallLink) -> dict[str, Any]:
    zone = ZoneInfo(site.zone)

    def local(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    return {
        "id": link.id,
        "made": local(link.made_at),
        "by": link.made_by,
        "until": local(link.expires_at),
        "notes": link.notes,
        "live": link.live(site.now()),
        "revoked": local(link.revoked_at) if link.revoked_at else "",
        "opened": [local(at) for at in link.opened],
    }


def shown(
    site: Site, story: Story, *, without: frozenset[str] = frozenset(), strangers: bool = False
) -> dict[str, Any]:
    """Everything that the drawing and the list need. `without`: kinds that are left out; `strangers` learn no names."""
    zone = ZoneInfo(site.zone)
    items = [item for item in story.items if item.kind not in without]
    teller = Teller(
        names=_colleagues(site, story) if strangers else _names(site),
        topics=site.topics(page_language()),
        results=result_words(site.result_names(page_language())),
        zone=zone,
        case=story.around.case,
    )
    return {
        "story": story,
        "title": f"{story.start.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "number": gettext("not shown") if strangers else _number(story),
        "facts": _facts(site, story, teller),
        "lanes": [_lane(story, lane, items, teller) for lane in story.lanes],
        "lines": [_line(story, item, teller, zone, reasons=not strangers) for item in items],
        "length_s": round((story.end - story.start).total_seconds(), 1),
        "length": span(story.end - story.start),
        "marks": [span((story.end - story.start) * step / MARKS) for step in range(MARKS)],
        "width": WIDTH,
        "as_of": f"{site.now().astimezone(zone):%H:%M:%S}",
        "zone": zone.key,
    }


def _names(site: Site) -> dict[str, str]:
    return {str(agent): name for agent, name in site.desk.roster.names().items()}


def _colleagues(site: Site, story: Story) -> dict[str, str]:
    """As strangers may know them: who is named and never came in has no number either."""
    return dict.fromkeys(_names(site), gettext("a colleague")) | numbered(story)


def numbered(story: Story) -> dict[str, str]:
    """Colleagues as a stranger may know them: in the order in which they came in."""
    lanes = [lane.removeprefix(AGENT) for lane in story.lanes if lane.startswith(AGENT)]
    return {agent: gettext("Agent %(number)s") % {"number": at} for at, agent in enumerate(lanes, start=1)}


def _number(story: Story) -> str:
    if story.around.number is None:
        return "***"
    return story.around.number or gettext("no number")


def _facts(site: Site, story: Story, teller: Teller) -> list[tuple[str, str]]:
    record = story.record
    path = site.story.path(record.menu_version, record.path, Language(page_language()))
    topics = list(dict.fromkeys(teller.name(one.topic) for one in record.segments))
    last = record.segments[-1] if record.segments else None
    agents = list(dict.fromkeys(teller.name(one.agent) for one in record.segments if one.agent))
    return [
        (gettext("Topic"), " › ".join(path) or ", ".join(topics) or "–"),
        (gettext("Outcome"), end_words(record.end or "")),
        (gettext("Length"), span(story.end - story.start)),
        (gettext("Language"), language_name(record.language)),
        (gettext("Agent"), ", ".join(agents) or "–"),
        (gettext("Wait"), " + ".join(span(one.wait) for one in record.segments) if last else "–"),
        (gettext("Rating"), f"{record.score} / 5" if record.score else "–"),
    ]


def _lane(story: Story, lane: str, items: Sequence[Item], teller: Teller) -> Lane:
    whole = (story.end - story.start).total_seconds()

    def at(moment: datetime) -> float:
        return round(WIDTH * (moment - story.start).total_seconds() / whole, 2)

    drawn = []
    for item in sorted((one for one in items if one.lane == lane), key=lambda one: one.until is None):
        x = min(at(item.at), WIDTH - LEAST)
        width = max(LEAST, round(at(item.until) - x, 2)) if item.until else LEAST
        drawn.append(Mark(x=x, width=width, kind=item.kind, point=item.until is None, words=teller.sentence(item)))
    return Lane(name=teller.lane(lane), marks=drawn)


def _line(story: Story, item: Item, teller: Teller, zone: ZoneInfo, *, reasons: bool) -> dict[str, Any]:
    start = (item.at - story.start).total_seconds()
    return {
        "from": round(start, 2),
        "to": round((item.until - story.start).total_seconds(), 2) if item.until else round(start + 1, 2),
        "clock": f"{item.at.astimezone(zone):%H:%M:%S}",
        "offset": span(start),
        "lane": teller.lane(item.lane),
        "kind": item.kind,
        "words": teller.sentence(item),
        "spoken": item.kind in ("heard", "notes"),
        "source": " · ".join(str(item.values[name]) for name in ("prompt", "language", "version"))
        if item.kind == "heard"
        else "",
        "why": why(item.reason) if item.kind == "rang" and reasons else [],
        "open": item.open,
    }


def told(story: Story) -> dict[str, Any]:
    """The story for programs: kinds and values, no sentences; the number masked."""

    def at(moment: datetime | None) -> str | None:
        return moment.isoformat(timespec="milliseconds") if moment else None

    record = story.record
    return {
        "call": record.call,
        "number": story.around.number,
        "case": story.around.case or None,
        "language": record.language,
        "path": list(record.path),
        "started_at": at(record.started_at),
        "ended_at": at(record.ended_at),
        "end": record.end,
        "live": story.live,
        "rating": record.score,
        "recordings": len(story.recordings),
        "stays": [
            {
                "segment": one.segment,
                "topic": one.topic,
                "outcome": one.outcome,
                "agent": one.agent,
                "wait_s": one.wait.total_seconds() if one.wait is not None else None,
                "talk_s": one.talk.total_seconds() if one.talk is not None else None,
                "hold_s": one.hold.total_seconds() if one.hold is not None else None,
                "wrap_s": one.wrap.total_seconds() if one.wrap is not None else None,
            }
            for one in record.segments
        ],
        "lanes": list(story.lanes),
        "items": [
            {
                "at": at(item.at),
                "until": at(item.until),
                "open": item.open,
                "lane": item.lane,
                "kind": item.kind,
                "words": item.words,
                "values": dict(item.values),
                "reason": dict(item.reason),
            }
            for item in story.items
        ],
    }
