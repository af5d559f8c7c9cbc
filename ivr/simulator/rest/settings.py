"""The account itself: numbers, applications, balance, text messages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ivr.simulator.account import Application, Number, new_sid
from ivr.simulator.exchange import Exchange
from ivr.simulator.messages import Message
from ivr.simulator.rest import answers
from ivr.simulator.rest.answers import Refused, given

URLS = {"VoiceUrl": "voice_url", "VoiceFallbackUrl": "voice_fallback_url", "StatusCallback": "status_callback", "SmsUrl": "sms_url"}
METHODS = {"VoiceMethod": "voice_method", "VoiceFallbackMethod": "voice_fallback_method", "StatusCallbackMethod": "status_callback_method"}
LONGEST_BODY = 1600


def settings(exchange: Exchange) -> Blueprint:
    rest = Blueprint("settings", __name__)
    _add_numbers(rest, exchange)
    _add_applications(rest, exchange)
    _add_messages(rest, exchange)

    @rest.get(".json")
    def account_itself(account: str) -> Response:
        return answers.as_json(_account_json(exchange))

    @rest.get("/Balance.json")
    def balance(account: str) -> Response:
        return answers.as_json({"account_sid": exchange.account.sid, "balance": "100.00", "currency": "USD"})

    return rest


def _add_numbers(rest: Blueprint, exchange: Exchange) -> None:
    numbers = exchange.account.numbers

    def find(sid: str) -> Number:
        found = next((number for number in numbers.values() if number.sid == sid), None)
        if found is None:
            raise Refused(20404, f"The requested resource /IncomingPhoneNumbers/{sid} was not found")
        return found

    @rest.get("/IncomingPhoneNumbers.json")
    def list_numbers(account: str) -> Response:
        asked = request.args
        found = [one for one in numbers.values() if asked.get("PhoneNumber", "") in one.phone_number
                 and asked.get("FriendlyName", one.friendly_name) == one.friendly_name]
        return answers.page("incoming_phone_numbers", found, lambda one: _number_json(exchange, one))

    @rest.get("/IncomingPhoneNumbers/<sid>.json")
    def fetch_number(account: str, sid: str) -> Response:
        return answers.as_json(_number_json(exchange, find(sid)))

    @rest.post("/IncomingPhoneNumbers/<sid>.json")
    def update_number(account: str, sid: str) -> Response:
        number = find(sid)
        if "VoiceApplicationSid" in request.form:
            wanted = given("VoiceApplicationSid")
            if wanted and wanted not in exchange.account.applications:
                raise Refused(21218)
            number.voice_application_sid = wanted
        _change(exchange, number)
        return answers.as_json(_number_json(exchange, number))


def _add_applications(rest: Blueprint, exchange: Exchange) -> None:
    applications = exchange.account.applications

    def find(sid: str) -> Application:
        if sid not in applications:
            raise Refused(20404, f"The requested resource /Applications/{sid} was not found")
        return applications[sid]

    @rest.get("/Applications.json")
    def list_applications(account: str) -> Response:
        found = [one for one in applications.values() if request.args.get("FriendlyName", one.friendly_name) == one.friendly_name]
        return answers.page("applications", found, lambda one: _application_json(exchange, one))

    @rest.post("/Applications.json")
    def create_application(account: str) -> Response:
        made = exchange.account.add_application(new_sid("AP"))
        _change(exchange, made)
        return answers.as_json(_application_json(exchange, made), 201)

    @rest.get("/Applications/<sid>.json")
    def fetch_application(account: str, sid: str) -> Response:
        return answers.as_json(_application_json(exchange, find(sid)))

    @rest.post("/Applications/<sid>.json")
    def update_application(account: str, sid: str) -> Response:
        _change(exchange, find(sid))
        return answers.as_json(_application_json(exchange, find(sid)))


def _change(exchange: Exchange, one: Application) -> None:
    changes = {field: answers.url(name) for name, field in URLS.items() if name in request.form}
    changes |= {field: answers.method(name) for name, field in METHODS.items() if name in request.form}
    if changes.get("voice_fallback_url") and not changes.get("voice_url", one.voice_url):
        raise Refused(21405)
    if "FriendlyName" in request.form:
        changes["friendly_name"] = given("FriendlyName")
    for name, value in changes.items():
        setattr(one, name, value)
    one.updated_s = exchange.clock.now()


def _add_messages(rest: Blueprint, exchange: Exchange) -> None:
    made = exchange.messages.made

    @rest.post("/Messages.json")
    def send(account: str) -> Response:
        to, body = answers.reachable(given("To")), given("Body")
        if not body and not request.form.getlist("MediaUrl"):
            raise Refused(21602)
        if len(body) > LONGEST_BODY:
            raise Refused(21617)
        if not given("MessagingServiceSid") and given("From") not in exchange.account.numbers:
            raise Refused(21606 if given("From") else 21603, "A 'From' phone number of this account is required")
        message = exchange.messages.send(from_=given("From"), to=to, body=body, status_callback=answers.url("StatusCallback", 21609))
        return answers.as_json(_message_json(exchange, message), 201)

    @rest.get("/Messages.json")
    def list_messages(account: str) -> Response:
        asked = request.args
        found = [one for one in made.values() if asked.get("To", one.to) == one.to and asked.get("From", one.from_) == one.from_]
        return answers.page("messages", found[::-1], lambda one: _message_json(exchange, one))

    @rest.get("/Messages/<sid>.json")
    def fetch_message(account: str, sid: str) -> Response:
        if sid not in made:
            raise Refused(20404)
        return answers.as_json(_message_json(exchange, made[sid]))


def _account_json(exchange: Exchange) -> dict[str, Any]:
    sid, now = exchange.account.sid, exchange.clock.rfc2822(0)
    return {
        "sid": sid, "auth_token": "hidden", "date_created": now, "date_updated": now, "friendly_name": "Telephone network in a box",
        "owner_account_sid": sid, "status": "active", "type": "Full", "subresource_uris": {},
        "uri": f"/{answers.VERSION}/Accounts/{sid}.json",
    }


def _common(exchange: Exchange, one: Application, kind: str) -> dict[str, Any]:
    return {
        "sid": one.sid,
        "account_sid": exchange.account.sid,
        "api_version": answers.VERSION,
        "date_created": exchange.clock.rfc2822(one.created_s),
        "date_updated": exchange.clock.rfc2822(one.updated_s),
        "friendly_name": one.friendly_name,
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": one.sms_url,
        "status_callback": one.status_callback,
        "status_callback_method": one.status_callback_method,
        "uri": f"/{answers.VERSION}/Accounts/{exchange.account.sid}/{kind}/{one.sid}.json",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": one.voice_fallback_method,
        "voice_fallback_url": one.voice_fallback_url,
        "voice_method": one.voice_method,
        "voice_url": one.voice_url,
    }


def _application_json(exchange: Exchange, one: Application) -> dict[str, Any]:
    more = {"message_status_callback": "", "sms_status_callback": "", "public_application_connect_enabled": False}
    return _common(exchange, one, "Applications") | more


def _number_json(exchange: Exchange, one: Number) -> dict[str, Any]:
    return _common(exchange, one, "IncomingPhoneNumbers") | {
        "phone_number": one.phone_number,
        "voice_application_sid": one.voice_application_sid,
        "address_requirements": "none", "address_sid": None, "beta": False, "bundle_sid": None,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "emergency_status": "Inactive", "emergency_address_sid": None, "emergency_address_status": "unregistered",
        "identity_sid": None, "origin": "twilio", "sms_application_sid": "", "trunk_sid": None,
        "voice_receive_mode": "voice", "status": "in-use", "type": "local",
    }


def _message_json(exchange: Exchange, one: Message) -> dict[str, Any]:
    date, here = exchange.clock.rfc2822, f"/{answers.VERSION}/Accounts/{exchange.account.sid}/Messages/{one.sid}"
    return {
        "sid": one.sid, "account_sid": exchange.account.sid, "api_version": answers.VERSION, "body": one.body,
        "date_created": date(one.created_s), "date_updated": date(one.updated_s), "date_sent": date(one.sent_s) if one.sent_s is not None else None,
        "direction": "outbound-api", "error_code": None, "error_message": None, "from": one.from_, "messaging_service_sid": None,
        "num_media": "0", "num_segments": str(max(1, -(-len(one.body) // 70))), "price": None, "price_unit": "USD", "status": one.status,
        "subresource_uris": {"media": f"{here}/Media.json", "feedback": f"{here}/Feedback.json"}, "to": one.to, "uri": f"{here}.json",
    }
