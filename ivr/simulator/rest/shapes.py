"""Twilio's words: resources as JSON, pages of lists, errors, and the reading of form fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import MultiDict

from ivr.simulator.account import Account, Application, Number
from ivr.simulator.clock import Clock
from ivr.simulator.legs import Leg, Status
from ivr.simulator.messages import Message
from ivr.simulator.recordings import Recording
from ivr.simulator.rooms import Room, Seat

T = TypeVar("T")
Form = MultiDict[str, str]
Shape = dict[str, Any]
VERSION = "2010-04-01"
PAGE_SIZE, MOST_PER_PAGE = 50, 1000
URL_LENGTH = 4000


class RestError(Exception):
    """`code` is Twilio's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def shape(self) -> Shape:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found(path: str) -> RestError:
    return RestError(404, 20404, f"The requested resource /{VERSION}/{path} was not found")


# --- form fields ----------------------------------------------------------------------------------------------


def flag(form: Form, name: str) -> bool | None:
    """None when it was not sent."""
    word = form.get(name)
    if word is None:
        return None
    if word.lower() not in {"true", "false"}:
        raise RestError(400, 20001, f"{name} must be true or false")
    return word.lower() == "true"


def whole(form: Form, name: str, *, default: int, least: int, most: int, code: int = 20001) -> int:
    word = form.get(name, "")
    if not word:
        return default
    if not word.isdecimal():
        raise RestError(400, code, f"{name} is not a number: {word}")
    return min(most, max(least, int(word)))


def web_address(form: Form, name: str, *, code: int = 21205) -> str:
    """An absolute address, "" when none was sent."""
    url = form.get(name, "").strip()
    try:
        parts = urlsplit(url)
        good = not url or (parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= URL_LENGTH)
    except ValueError:
        good = False
    if not good:
        raise RestError(400, code, f"{name} is not a valid URL: {url}")
    return url


def verb(form: Form, name: str) -> str:
    word = form.get(name, "POST").upper() or "POST"
    if word not in {"GET", "POST"}:
        raise RestError(400, 21207 if "Callback" in name else 21403, f"Invalid {name}: {word}")
    return word


# --- lists ----------------------------------------------------------------------------------------------------


def page(key: str, path: str, args: Mapping[str, str], found: Sequence[T], shape: Callable[[T], Shape]) -> Shape:
    """One page of `found`; `path` is below the version and without `.json`."""
    fields = MultiDict(args)
    size = whole(fields, "PageSize", default=PAGE_SIZE, least=1, most=MOST_PER_PAGE)
    at = whole(fields, "Page", default=0, least=0, most=1_000_000)
    here = [shape(one) for one in found[at * size : (at + 1) * size]]

    def uri(number: int) -> str:
        token = {"PageToken": f"PA{number}"} if number else {}
        return f"/{VERSION}/{path}.json?" + urlencode({**args, "PageSize": size, "Page": number, **token})

    more = (at + 1) * size < len(found)
    return {
        key: here,
        "page": at,
        "page_size": size,
        "start": at * size,
        "end": at * size + max(0, len(here) - 1),
        "uri": uri(at),
        "first_page_uri": uri(0),
        "next_page_uri": uri(at + 1) if more else None,
        "previous_page_uri": uri(at - 1) if at else None,
    }


# --- resources ------------------------------------------------------------------------------------------------


class Shapes:
    """Resources as JSON, on one account's clock."""

    def __init__(self, account: Account, clock: Clock, base: str) -> None:
        """`base`: scheme and host under which sound is fetched."""
        self._base = base
        self._account = account
        self._clock = clock

    def _date(self, at_s: float | None) -> str | None:
        return None if at_s is None else self._clock.rfc2822(at_s)

    def _common(self, path: str, created_s: float, updated_s: float) -> Shape:
        return {
            "account_sid": self._account.sid,
            "api_version": VERSION,
            "date_created": self._date(created_s),
            "date_updated": self._date(max(created_s, updated_s)),
            "uri": f"/{VERSION}/Accounts/{self._account.sid}/{path}.json",
        }

    def _below(self, path: str, **names: str) -> Shape:
        return {word: f"/{VERSION}/Accounts/{self._account.sid}/{path}/{name}.json" for word, name in names.items()}

    def account(self) -> Shape:
        sid = self._account.sid
        return {
            "sid": sid,
            "friendly_name": "Telephone network in a box",
            "status": "active",
            "type": "Full",
            "owner_account_sid": sid,
            "date_created": self._date(0.0),
            "date_updated": self._date(0.0),
            "auth_token": None,
            "uri": f"/{VERSION}/Accounts/{sid}.json",
            "subresource_uris": {
                word.lower(): f"/{VERSION}/Accounts/{sid}/{word}.json"
                for word in ("Calls", "Conferences", "Recordings")
            },
        }

    def call(self, leg: Leg) -> Shape:
        path = f"Calls/{leg.sid}"
        return self._common(path, leg.created_s, leg.updated_s) | {
            "sid": leg.sid,
            "parent_call_sid": leg.parent.sid if leg.parent else None,
            "from": leg.from_,
            "from_formatted": leg.from_,
            "to": leg.to,
            "to_formatted": leg.to,
            "phone_number_sid": leg.number_sid or None,
            "status": status_of(leg),
            "direction": leg.direction.value,
            "start_time": self._date(leg.started_s),
            "end_time": self._date(leg.ended_s),
            "duration": str(leg.duration_s) if leg.over else None,
            "price": None,
            "price_unit": "USD",
            "answered_by": None,
            "forwarded_from": None,
            "caller_name": None,
            "group_sid": None,
            "trunk_sid": None,
            "annotation": None,
            "queue_time": "0",
            "subresource_uris": self._below(
                path, recordings="Recordings", notifications="Notifications", events="Events"
            ),
        }

    def room(self, room: Room) -> Shape:
        path = f"Conferences/{room.sid}"
        return self._common(path, room.created_s, room.updated_s) | {
            "sid": room.sid,
            "friendly_name": room.name,
            "status": room.status,
            "region": "us1",
            "reason_conference_ended": room.reason_ended or None,
            "call_sid_ending_conference": room.ended_by or None,
            "subresource_uris": self._below(path, participants="Participants", recordings="Recordings"),
        }

    def seat(self, seat: Seat) -> Shape:
        """Someone in a room."""
        status = "connected" if seat.leg.live else "connecting"
        return self._participant(seat.leg, seat.room, status) | {
            "label": seat.label or None,
            "muted": seat.muted,
            "hold": seat.hold,
            "coaching": bool(seat.coaching),
            "call_sid_to_coach": seat.coaching or None,
            "start_conference_on_enter": seat.start_on_enter,
            "end_conference_on_exit": seat.end_on_exit,
        }

    def invited(self, leg: Leg, room: Room | None) -> Shape:
        """Someone who is being called."""
        wanted = leg.seat_wanted or {}
        return self._participant(leg, room, "queued") | {
            "label": wanted.get("participantLabel") or None,
            "muted": wanted.get("muted") == "true",
            "hold": False,
            "coaching": bool(wanted.get("coach")),
            "call_sid_to_coach": wanted.get("coach") or None,
            "start_conference_on_enter": wanted.get("startConferenceOnEnter", "true") == "true",
            "end_conference_on_exit": wanted.get("endConferenceOnExit") == "true",
        }

    def _participant(self, leg: Leg, room: Room | None, status: str) -> Shape:
        sid = room.sid if room else None
        path = f"Conferences/{sid}/Participants/{leg.sid}"
        return self._common(path, leg.created_s, leg.updated_s) | {
            "call_sid": leg.sid,
            "conference_sid": sid,
            "status": status,
            "queue_time": None,
        }

    def number(self, number: Number) -> Shape:
        return self._settings("IncomingPhoneNumbers", number) | {
            "phone_number": number.phone_number,
            "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
            "voice_application_sid": number.voice_application_sid or None,
            "voice_receive_mode": "voice",
            "address_requirements": "none",
            "beta": False,
            "origin": "twilio",
            "status": "in-use",
            "trunk_sid": None,
        }

    def application(self, application: Application) -> Shape:
        return self._settings("Applications", application)

    def _settings(self, kind: str, one: Application) -> Shape:
        return self._common(f"{kind}/{one.sid}", one.created_s, one.updated_s) | {
            "sid": one.sid,
            "friendly_name": one.friendly_name,
            "voice_url": one.voice_url or None,
            "voice_method": one.voice_method,
            "voice_fallback_url": one.voice_fallback_url or None,
            "voice_fallback_method": one.voice_fallback_method,
            "voice_caller_id_lookup": False,
            "status_callback": one.status_callback or None,
            "status_callback_method": one.status_callback_method,
            "sms_url": one.sms_url or None,
            "sms_method": one.sms_method,
            "sms_fallback_url": None,
            "sms_fallback_method": "POST",
        }

    def message(self, message: Message) -> Shape:
        return self._common(f"Messages/{message.sid}", message.created_s, message.updated_s) | {
            "sid": message.sid,
            "from": message.from_,
            "to": message.to,
            "body": message.body,
            "status": message.status,
            "direction": "outbound-api",
            "date_sent": self._date(message.sent_s),
            "num_segments": str(max(1, -(-len(message.body) // 70))),
            "num_media": "0",
            "messaging_service_sid": None,
            "error_code": None,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "subresource_uris": self._below(f"Messages/{message.sid}", media="Media"),
        }

    def recording(self, recording: Recording) -> Shape:
        path = f"Recordings/{recording.sid}"
        over = recording.duration_s >= 0
        updated_s = recording.start_s + max(0, recording.duration_s) + recording.paused_s
        return self._common(path, recording.start_s, updated_s) | {
            "sid": recording.sid,
            "call_sid": recording.call_sid,
            "conference_sid": recording.conference_sid or None,
            "start_time": self._date(recording.start_s),
            "duration": str(recording.duration_s) if over else "-1",
            "status": recording.status,
            "source": recording.source,
            "channels": recording.channels,
            "track": "both",
            "error_code": 16101 if recording.status == "absent" else None,
            "price": None,
            "price_unit": "USD",
            "encryption_details": None,
            "media_url": f"{self._base}/{VERSION}/Accounts/{self._account.sid}/{path}",
            "subresource_uris": {},
        }


def status_of(leg: Leg) -> str:
    """REST has no `initiated`."""
    return Status.RINGING.value if leg.status is Status.INITIATED else leg.status.value
