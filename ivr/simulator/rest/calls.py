"""Calls: made, looked at, turned to another document, ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ivr.simulator.account import E164
from ivr.simulator.legs import Callbacks, Leg, Status, Voice
from ivr.simulator.recordings import Recording, Told
from ivr.simulator.rest.question import Question, Rule
from ivr.simulator.rest.shapes import Form, RestError, Shape, flag, status_of, verb, web_address, whole

TWIML_LENGTH = 4000
LONGEST_RING_S, LONGEST_CALL_S = 600, 86_400
FIRST_RING_S = 5
CLIENT_OR_SIP = re.compile(r"(client:[^\s?]+(\?\S*)?|sips?:[^\s@]+@\S+)")
PUNCTUATION = re.compile(r"[\s().-]")


def create(question: Question) -> Any:
    form = question.form
    to, from_ = parties(question)
    leg = question.exchange.originate(
        from_=from_,
        to=to,
        voice=_voice(question),
        callbacks=callbacks_of(form),
        send_digits=form.get("SendDigits", ""),
        **limits(form),
    )
    return question.shapes.call(leg), 201


def parties(question: Question) -> tuple[str, str]:
    """To and From of a new leg. Raises RestError in Twilio's numbers."""
    to, from_ = question.form.get("To", "").strip(), question.form.get("From", "").strip()
    if not to:
        raise RestError(400, 21201, "No 'To' number is specified")
    if not from_:
        raise RestError(400, 21213, "'From' phone number is required")
    direct = bool(CLIENT_OR_SIP.fullmatch(to))
    if not direct:
        to = PUNCTUATION.sub("", to)
        if not any(char.isdigit() for char in to):
            raise RestError(400, 21217, f"Phone number does not appear to be valid: {to}")
        if not E164.match(to):
            raise RestError(400, 21211, f"The phone number you are attempting to call, {to}, is not valid.")
    if direct and CLIENT_OR_SIP.fullmatch(from_):
        return to, from_
    from_ = PUNCTUATION.sub("", from_)
    if not E164.match(from_):
        raise RestError(
            400, 21212, f"The 'From' number {from_} is not a valid phone number, shortcode, or alphanumeric sender ID."
        )
    if from_ not in question.exchange.account.numbers and not _passed_on(question, from_):
        raise RestError(400, 21210, f"'From' phone number not verified: {from_}")
    return to, from_


def _passed_on(question: Question, from_: str) -> bool:
    """An inbound caller's number may be shown by who hands back the call's token."""
    token = question.form.get("CallToken", "")
    return bool(token) and any(leg.token == token and leg.from_ == from_ for leg in question.exchange.legs.values())


def _voice(question: Question) -> Voice:
    form = question.form
    if not form.get("Url") and not form.get("Twiml") and form.get("ApplicationSid"):
        application = question.exchange.account.applications.get(form["ApplicationSid"])
        if application is None:
            raise RestError(400, 21218, f"Invalid ApplicationSid: {form['ApplicationSid']}")
        return Voice(
            url=application.voice_url,
            method=application.voice_method,
            fallback_url=application.voice_fallback_url,
            fallback_method=application.voice_fallback_method,
        )
    voice = _document(form)
    if voice is None:
        raise RestError(400, 21205, "Url parameter is required.")
    return voice


def _document(form: Form) -> Voice | None:
    """Where the next document comes from; an address beats inline TwiML."""
    url, twiml = web_address(form, "Url"), form.get("Twiml", "")
    if not url and not twiml:
        return None
    if not url and len(twiml) > TWIML_LENGTH:
        raise RestError(400, 32018, f"Twiml is longer than {TWIML_LENGTH} characters")
    return Voice(
        url=url,
        method=verb(form, "Method"),
        twiml=None if url else twiml,
        fallback_url=web_address(form, "FallbackUrl"),
        fallback_method=verb(form, "FallbackMethod"),
    )


def callbacks_of(form: Form) -> Callbacks:
    """A wrong event name is no error: nobody hears of it."""
    events = frozenset(word for sent in form.getlist("StatusCallbackEvent") for word in sent.split())
    url = web_address(form, "StatusCallback", code=21609)
    return Callbacks(url=url, method=verb(form, "StatusCallbackMethod"), events=events or Callbacks.events)


def limits(form: Form) -> dict[str, float]:
    return {
        "timeout_s": float(whole(form, "Timeout", default=60, least=FIRST_RING_S, most=LONGEST_RING_S, code=21208)),
        "time_limit_s": float(whole(form, "TimeLimit", default=14_400, least=1, most=LONGEST_CALL_S)),
    }


# --- looking --------------------------------------------------------------------------------------------------


def find(question: Question) -> Leg:
    leg = question.exchange.legs.get(question.found["call"])
    if leg is None:
        raise question.missing()
    return leg


def fetch(question: Question) -> Shape:
    return question.shapes.call(find(question))


def listed(question: Question) -> Shape:
    args = question.request.args
    wanted: list[Callable[[Leg], bool]] = []
    for name, of in (("To", _to), ("From", _from), ("Status", status_of), ("ParentCallSid", _parent)):
        if args.get(name):
            wanted.append(lambda leg, of=of, word=args[name]: of(leg) == word)  # type: ignore[misc]
    wanted.append(lambda leg: in_times(question, (("StartTime", leg.started_s), ("EndTime", leg.ended_s))))
    legs = [leg for leg in question.exchange.legs.values() if all(test(leg) for test in wanted)]
    return question.page("calls", legs[::-1], question.shapes.call)


def _to(leg: Leg) -> str:
    return leg.to


def _from(leg: Leg) -> str:
    return leg.from_


def _parent(leg: Leg) -> str:
    return leg.parent.sid if leg.parent else ""


def in_times(question: Question, times: Iterable[tuple[str, float | None]]) -> bool:
    """Whether all named times lie where the list's filters (`StartTime<` …) want them."""
    args, date = question.request.args, question.exchange.clock.date
    return all(
        _in_time(date, at_s, sign, args[name + sign])
        for name, at_s in times
        for sign in ("", "<", ">")
        if args.get(name + sign)
    )


def _in_time(date: Callable[[float], datetime], at_s: float | None, sign: str, word: str) -> bool:
    """Twilio's `<` and `>` include the bound; a bare date means that day (UTC)."""
    if at_s is None:
        return False
    at = date(at_s).astimezone(UTC)
    try:
        bound = datetime.fromisoformat(word)
    except ValueError as err:
        raise RestError(400, 20001, f"Invalid date: {word}") from err
    if len(word) == len("2026-01-31"):
        day, other = at.date(), bound.date()
        return day <= other if sign == "<" else day >= other if sign == ">" else day == other
    bound = bound.replace(tzinfo=UTC) if bound.tzinfo is None else bound
    return at <= bound if sign == "<" else at >= bound if sign == ">" else at.replace(microsecond=0) == bound


# --- changing -------------------------------------------------------------------------------------------------


def update(question: Question) -> Shape:
    form, leg, exchange = question.form, find(question), question.exchange
    if leg.over:
        raise RestError(400, 21220, f"Call is not in-progress. Cannot redirect. ({leg.status.value})")
    document, status = _document(form), form.get("Status", "")
    if status not in {"", "canceled", "completed"}:
        raise RestError(400, 20001, f"Invalid Status: {status}")
    if form.get("StatusCallback") is not None:
        leg.callbacks = callbacks_of(form)
    if form.get("FallbackUrl"):
        leg.voice = replace(
            leg.voice, fallback_url=web_address(form, "FallbackUrl"), fallback_method=verb(form, "FallbackMethod")
        )
    if form.get("TimeLimit"):
        exchange.limit(leg, whole(form, "TimeLimit", default=14_400, least=1, most=LONGEST_CALL_S))
    if status:
        _end(question, leg, status)
    elif document is not None:
        exchange.redirect(leg, document)
    return question.shapes.call(leg)


def _end(question: Question, leg: Leg, status: str) -> None:
    if not leg.live:
        question.exchange.end(leg, Status.CANCELED)
    elif status == "canceled":
        raise RestError(400, 21220, "Call is in-progress. Cannot cancel.")
    else:
        question.exchange.end(leg, Status.COMPLETED, seat_reason="participant_updated_via_api")


def drop(question: Question) -> None:
    leg = find(question)
    if not leg.over:
        raise RestError(409, 20009, "Cannot delete this resource: the call is in progress")
    del question.exchange.legs[leg.sid]


# --- recordings of a call -------------------------------------------------------------------------------------


def record(question: Question) -> Any:
    leg, form = find(question), question.form
    if not leg.live:
        raise RestError(400, 21220, "Requested resource is not eligible for recording")
    told = Told(
        url=web_address(form, "RecordingStatusCallback", code=21609),
        method=verb(form, "RecordingStatusCallbackMethod"),
        events=frozenset(form.getlist("RecordingStatusCallbackEvent") or ["completed"]),
    )
    channels = 2 if form.get("RecordingChannels") == "dual" else 1
    made = question.exchange.recordings.start(
        call_sid=leg.sid, source="StartCallRecordingAPI", told=told, channels=channels
    )
    return question.shapes.recording(made), 201


def change_recording(question: Question) -> Shape:
    kept, which = question.exchange.recordings, question.found["recording"]
    running = kept.running(find(question).sid)
    made = running[-1] if which == "Twilio.CURRENT" and running else kept.made.get(which)
    if made is None or made.call_sid != question.found["call"]:
        raise question.missing()
    return turn_recording(question, made)


def turn_recording(question: Question, made: Recording) -> Shape:
    """Pause, go on, stop. Raises RestError 21220 when it is over."""
    kept = question.exchange.recordings
    acts = {"paused": kept.pause, "in-progress": kept.resume, "stopped": kept.finish}
    act = acts.get(question.form.get("Status", ""))
    if act is None:
        raise RestError(400, 20001, "Status must be paused, in-progress or stopped")
    if made.status not in {"in-progress", "paused"}:
        raise RestError(400, 21220, "The recording is over")
    act(made)
    return question.shapes.recording(made)


def recordings(question: Question) -> Shape:
    return question.page(
        "recordings", question.exchange.recordings.of_call(find(question).sid)[::-1], question.shapes.recording
    )


ONE = "/Calls/<call>"
HANDLERS: tuple[Rule, ...] = (
    ("/Calls", "POST", create),
    ("/Calls", "GET", listed),
    (ONE, "GET", fetch),
    (ONE, "POST", update),
    (ONE, "DELETE", drop),
    (f"{ONE}/Recordings", "GET", recordings),
    (f"{ONE}/Recordings", "POST", record),
    (f"{ONE}/Recordings/<recording>", "POST", change_recording),
)

__all__ = ["HANDLERS", "callbacks_of", "find", "flag", "in_times", "limits", "parties", "turn_recording"]
