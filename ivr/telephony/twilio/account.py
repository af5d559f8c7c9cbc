"""What the carrier's account must know of us, and whether it does: numbers, the browser application, the fallback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from ivr.core.errors import CarrierError

CONNECT = "#ct=1000&rt=4000&tt=9000&rc=1&rp=all"
"""Connect 1 s, read 4 s, one retry on any failure, then the fallback: the worst silence is under 10 s."""
REFUSED = 20003
"""The carrier's code for credentials that do not fit."""
APP_NAME = "hotline-softphones"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is not as it must be."""

    where: str
    """`number +86…` or `application AP…`."""
    sid: str
    field: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.where}: {self.field} is {self.found or 'not set'}, must be {self.wanted}"


class TwilioAccount:
    """Reads and sets what `ivr twilio` is about. Raises `CarrierError` with what to do."""

    def __init__(self, *, client: Client, public_url: str, fallback_url: str = "") -> None:
        self._client = client
        self._origin = public_url.rstrip("/")
        self._fallback = fallback_url or f"{self._origin}/voice/fallback"

    def number_settings(self) -> dict[str, str]:
        return {
            "voice_url": f"{self._origin}/voice/incoming{CONNECT}",
            "voice_method": "POST",
            "voice_fallback_url": self._fallback,
            "voice_fallback_method": "POST",
            "status_callback": f"{self._origin}/voice/status",
            "status_callback_method": "POST",
            "sms_url": f"{self._origin}/voice/text",
            "sms_method": "POST",
        }

    def app_settings(self) -> dict[str, str]:
        return {
            "voice_url": f"{self._origin}/voice/client{CONNECT}",
            "voice_method": "POST",
            "voice_fallback_url": self._fallback,
            "voice_fallback_method": "POST",
            "status_callback": f"{self._origin}/voice/status",
            "status_callback_method": "POST",
        }

    def changes(self, numbers: Sequence[str], app_sid: str) -> tuple[list[Change], list[str]]:
        """What must change, and what is missing altogether (one sentence each)."""
        try:
            owned = {one.phone_number: one for one in self._client.incoming_phone_numbers.list(limit=1000)}
            app = self._client.applications(app_sid).fetch() if app_sid else None
        except (TwilioException, requests.RequestException) as err:
            raise _explained(err) from err
        missing = [
            f"number {number} does not belong to this account: buy it or correct the menu"
            for number in numbers
            if number not in owned
        ]
        if app is None:
            missing.append("TWILIO_APP_SID is not set: `ivr twilio setup --apply` makes the application")
        found: list[Change] = []
        for number in numbers:
            if number in owned:
                found += _differing(f"number {number}", owned[number], self.number_settings())
        if app is not None:
            found += _differing(f"application {app_sid}", app, self.app_settings())
        return found, missing

    def apply(self, changes: Sequence[Change]) -> None:
        """Set what differs, one request per number or application."""
        wanted: dict[str, dict[str, str]] = {}
        for change in changes:
            wanted.setdefault(change.sid, {})[change.field] = change.wanted
        try:
            for sid, values in wanted.items():
                if sid.startswith("AP"):
                    self._client.applications(sid).update(**values)
                else:
                    self._client.incoming_phone_numbers(sid).update(**values)
        except (TwilioException, requests.RequestException) as err:
            raise _explained(err) from err

    def make_app(self) -> str:
        """The application of the browser softphones; its SID belongs into TWILIO_APP_SID."""
        try:
            made = self._client.applications.create(friendly_name=APP_NAME, **self.app_settings())
        except (TwilioException, requests.RequestException) as err:
            raise _explained(err) from err
        return str(made.sid)

    def status(self) -> str:
        """`active` when the account can be used."""
        try:
            account = self._client.api.v2010.accounts(str(self._client.account_sid)).fetch()
        except (TwilioException, requests.RequestException) as err:
            raise _explained(err) from err
        return str(account.status)


def _differing(where: str, found: Any, wanted: dict[str, str]) -> Iterator[Change]:
    for name, value in wanted.items():
        present = str(getattr(found, name, "") or "")
        if present != value:
            yield Change(where=where, sid=str(found.sid), field=name, found=present, wanted=value)


def _explained(err: Exception) -> CarrierError:
    code = getattr(err, "code", None)
    if code == REFUSED or "HTTP 401" in str(err):  # a list that is refused comes as text, without its code
        return CarrierError(
            "the carrier refuses our credentials: check TWILIO_ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET",
            code=REFUSED,
        )
    if isinstance(err, requests.RequestException):
        return CarrierError(
            f"the carrier cannot be reached ({type(err).__name__}): check TWILIO_API_BASE and the network"
        )
    return CarrierError(f"the carrier refuses: {getattr(err, 'msg', err)}", code=code)
