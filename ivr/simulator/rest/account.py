"""The account itself, its numbers and applications, text messages, recordings."""

from __future__ import annotations

from typing import Any

from ivr.simulator.account import E164, Application, Number, new_sid
from ivr.simulator.messages import Message
from ivr.simulator.recordings import Recording
from ivr.simulator.rest.question import Question, Rule
from ivr.simulator.rest.shapes import Form, RestError, Shape, verb, web_address

URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "SmsUrl": "sms_url",
}
METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
    "SmsMethod": "sms_method",
}
BODY_LENGTH = 1600


def account(question: Question) -> Shape:
    return question.shapes.account()


def balance(question: Question) -> Shape:
    return {"account_sid": question.exchange.account.sid, "balance": "100.00", "currency": "USD"}


# --- numbers and applications ---------------------------------------------------------------------------------


def _settle(question: Question, one: Application) -> None:
    """Everything is read before anything is changed."""
    form = question.form
    wanted = {word: web_address(form, sent, code=21402) for sent, word in URLS.items() if sent in form}
    wanted |= {word: verb(form, sent) for sent, word in METHODS.items() if sent in form}
    if "FriendlyName" in form:
        wanted["friendly_name"] = form["FriendlyName"]
    if wanted.get("voice_fallback_url") and not wanted.get("voice_url", one.voice_url):
        raise RestError(400, 21405, "VoiceFallbackUrl needs a VoiceUrl")
    for word, value in wanted.items():
        setattr(one, word, value)
    one.updated_s = question.exchange.clock.now()


def _number(question: Question) -> Number:
    for number in question.exchange.account.numbers.values():
        if number.sid == question.found["number"]:
            return number
    raise question.missing()


def numbers(question: Question) -> Shape:
    args = question.request.args
    found = [
        number
        for number in question.exchange.account.numbers.values()
        if args.get("PhoneNumber", "").strip("*") in number.phone_number
        and args.get("FriendlyName", number.friendly_name) == number.friendly_name
    ]
    return question.page("incoming_phone_numbers", found, question.shapes.number)


def number(question: Question) -> Shape:
    return question.shapes.number(_number(question))


def set_number(question: Question) -> Shape:
    number, application_sid = _number(question), question.form.get("VoiceApplicationSid")
    if application_sid and application_sid not in question.exchange.account.applications:
        raise RestError(400, 21218, f"Invalid VoiceApplicationSid: {application_sid}")
    _settle(question, number)
    if application_sid is not None:
        number.voice_application_sid = application_sid
    return question.shapes.number(number)


def _application(question: Question) -> Application:
    found = question.exchange.account.applications.get(question.found["application"])
    if found is None:
        raise question.missing()
    return found


def applications(question: Question) -> Shape:
    name = question.request.args.get("FriendlyName")
    found = [one for one in question.exchange.account.applications.values() if name in {None, one.friendly_name}]
    return question.page("applications", found, question.shapes.application)


def make_application(question: Question) -> Any:
    now = question.exchange.clock.now()
    made = Application(sid=new_sid("AP"), created_s=now)
    _settle(question, made)
    question.exchange.account.applications[made.sid] = made
    return question.shapes.application(made), 201


def application(question: Question) -> Shape:
    return question.shapes.application(_application(question))


def set_application(question: Question) -> Shape:
    found = _application(question)
    _settle(question, found)
    return question.shapes.application(found)


def drop_application(question: Question) -> None:
    del question.exchange.account.applications[_application(question).sid]


# --- messages -------------------------------------------------------------------------------------------------


def send(question: Question) -> Any:
    form = question.form
    to, from_, body = form.get("To", "").strip(), form.get("From", "").strip(), form.get("Body", "")
    _check_message(form, to=to, from_=from_, body=body)
    if from_.removeprefix("whatsapp:") not in question.exchange.account.numbers:
        raise RestError(
            400,
            21606,
            f"The 'From' phone number provided ({from_}) is not a valid message-capable number for this account",
        )
    if (from_, to) in question.exchange.messages.stopped:
        raise RestError(400, 21610, "Attempt to send to unsubscribed recipient")
    callback = web_address(form, "StatusCallback", code=21609)
    message = question.exchange.messages.send(from_=from_, to=to, body=body, status_callback=callback)
    return question.shapes.message(message), 201


def _check_message(form: Form, *, to: str, from_: str, body: str) -> None:
    if not to:
        raise RestError(400, 21604, "A 'To' phone number is required.")
    if not from_:
        raise RestError(400, 21603, "A 'From' phone number is required.")
    if not body and not form.get("MediaUrl") and not form.get("ContentSid"):
        raise RestError(400, 21602, "Message body is required.")
    if len(body) > BODY_LENGTH:
        raise RestError(400, 21617, f"The concatenated message body exceeds the {BODY_LENGTH} character limit")
    if not E164.match(to.removeprefix("whatsapp:")):
        raise RestError(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if to.startswith("whatsapp:") != from_.startswith("whatsapp:"):
        raise RestError(400, 21910, "'From' and 'To' are of different channels")


def messages(question: Question) -> Shape:
    args = question.request.args
    found = [
        message
        for message in question.exchange.messages.made.values()
        if args.get("To", message.to) == message.to and args.get("From", message.from_) == message.from_
    ]
    return question.page("messages", found[::-1], question.shapes.message)


def message(question: Question) -> Shape:
    found: Message | None = question.exchange.messages.made.get(question.found["message"])
    if found is None:
        raise question.missing()
    return question.shapes.message(found)


# --- recordings -----------------------------------------------------------------------------------------------


def _recording(question: Question) -> Recording:
    found = question.exchange.recordings.made.get(question.found["recording"])
    if found is None:
        raise question.missing()
    return found


def recordings(question: Question) -> Shape:
    args = question.request.args
    found = [
        recording
        for recording in question.exchange.recordings.made.values()
        if args.get("CallSid", recording.call_sid) == recording.call_sid
        and args.get("ConferenceSid", recording.conference_sid) == recording.conference_sid
    ]
    return question.page("recordings", found[::-1], question.shapes.recording)


def recording(question: Question) -> Shape:
    return question.shapes.recording(_recording(question))


def drop_recording(question: Question) -> None:
    found = _recording(question)
    if found.status in {"in-progress", "paused"}:
        raise RestError(409, 20009, "Cannot delete this resource: the recording is in progress")
    del question.exchange.recordings.made[found.sid]


NUMBER, APPLICATION = "/IncomingPhoneNumbers/<number>", "/Applications/<application>"
HANDLERS: tuple[Rule, ...] = (
    ("", "GET", account),
    ("/Balance", "GET", balance),
    ("/IncomingPhoneNumbers", "GET", numbers),
    (NUMBER, "GET", number),
    (NUMBER, "POST", set_number),
    ("/Applications", "GET", applications),
    ("/Applications", "POST", make_application),
    (APPLICATION, "GET", application),
    (APPLICATION, "POST", set_application),
    (APPLICATION, "DELETE", drop_application),
    ("/Messages", "POST", send),
    ("/Messages", "GET", messages),
    ("/Messages/<message>", "GET", message),
    ("/Recordings", "GET", recordings),
    ("/Recordings/<recording>", "GET", recording),
    ("/Recordings/<recording>", "DELETE", drop_recording),
)
