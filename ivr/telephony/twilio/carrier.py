"""The carrier's REST interface, as far as the dispatcher needs it.

Every request has a time limit. What the carrier says about calls that are over is an answer, not an error: 404/20404
and 400/21220 mean that the leg has left (`FACTS.md` 0.7). A create whose answer never came is unknown: it
is looked up, never repeated blindly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from ivr.core.errors import CarrierError
from ivr.core.ids import E164, CallId, LegId, OfferId
from ivr.core.instructions import Link
from ivr.telephony.twilio.links import OVERRIDES, path_of

TIMEOUT_S = 5.0
OVER = frozenset({21220, 20404})
BUSY_STATUS = 429
SERVER_STATUS = 500
LEG_EVENTS = ["answered", "completed"]
LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class AtBase(TwilioHttpClient):
    """Sends the library's requests to another Twilio-compatible server when one is configured."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._base = urlsplit(base) if base else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        if self._base is not None:
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        answer: Response = super().request(method, url, *args, **kwargs)
        return answer


def client_for(*, account: str, token: str, key: str = "", secret: str = "", base: str = "") -> Client:
    """A REST client; an API key is preferred to the account's token."""
    http = AtBase(base)
    if key and secret:
        return Client(key, secret, account, http_client=http)
    return Client(account, token, http_client=http)


class TwilioCarrier:
    """`workflows.ports.Carrier` on Twilio's REST interface."""

    def __init__(self, *, client: Client, public_url: str) -> None:
        self.client = client
        self._origin = public_url.rstrip("/")

    def ring_phone(self, *, address: str, offer: OfferId, call: CallId, ring: timedelta, sender: str) -> LegId:
        """Call a telephone or SIP agent. The leg's document asks for key 1."""
        try:
            leg = self.client.calls.create(
                to=address,
                from_=sender,
                url=f"{self._origin}/voice/offer/{call}/{offer}",
                method="POST",
                status_callback=f"{self._origin}/voice/agent-leg/{call}/{offer}",
                status_callback_method="POST",
                status_callback_event=LEG_EVENTS,
                timeout=max(5, round(ring.total_seconds())),
            )
        except (TwilioException, requests.RequestException) as err:
            raise translated(err, creating=True) from err
        return LegId(str(leg.sid))

    def find_offer_leg(self, *, address: str, offer: OfferId, since: datetime) -> LegId | None:  # noqa: ARG002 - one live offer per agent
        """The newest live leg to this agent since the offer was made; one agent has one live offer."""
        try:
            legs = self.client.calls.list(to=address, limit=20)
        except (TwilioException, requests.RequestException) as err:
            raise translated(err) from err
        for leg in legs:
            created = leg.date_created or leg.start_time
            if str(leg.status) in LIVE and (created is None or created >= since - timedelta(seconds=5)):
                return LegId(str(leg.sid))
        return None

    def ring_callee(self, *, number: E164, link: Link, ring: timedelta, sender: str) -> LegId:
        """Call a customer back. Who answers asks at `link` what to hear; every end of the leg is reported."""
        try:
            leg = self.client.calls.create(
                to=number,
                from_=sender,
                url=f"{self._origin}{path_of(link)}",
                method="POST",
                fallback_url=f"{self._origin}/voice/fallback?call={link.call}",
                fallback_method="POST",
                status_callback=f"{self._origin}/voice/callee-leg/{link.call}",
                status_callback_method="POST",
                status_callback_event=LEG_EVENTS,
                timeout=max(5, round(ring.total_seconds())),
            )
        except (TwilioException, requests.RequestException) as err:
            raise translated(err, creating=True) from err
        return LegId(str(leg.sid))

    def find_callee_leg(self, *, number: E164, since: datetime) -> LegId | None:
        """The newest leg that we called to this number since then, alive or over; one try at a time is dialled."""
        try:
            legs = self.client.calls.list(to=number, limit=20)
        except (TwilioException, requests.RequestException) as err:
            raise translated(err) from err
        for leg in legs:
            created = leg.date_created or leg.start_time
            if (
                str(leg.direction).startswith("outbound")
                and created is not None
                and created >= since - timedelta(seconds=5)
            ):
                return LegId(str(leg.sid))
        return None

    def move(self, *, leg: str, link: Link) -> bool:
        return self._update(leg, url=f"{self._origin}{path_of(link)}{OVERRIDES}", method="POST")

    def end(self, leg: str) -> bool:
        return self._update(leg, status="completed")

    def _update(self, leg: str, **what: str) -> bool:
        try:
            self.client.calls(leg).update(**what)
        except (TwilioException, requests.RequestException) as err:
            if isinstance(err, TwilioRestException) and err.code in OVER:
                return False
            raise translated(err) from err
        return True

    def alive(self, leg: str) -> bool:
        try:
            found = self.client.calls(leg).fetch()
        except (TwilioException, requests.RequestException) as err:
            if isinstance(err, TwilioRestException) and err.code in OVER:
                return False
            raise translated(err) from err
        return str(found.status) in LIVE

    def send_text(self, *, to: E164, body: str, sender: str) -> str:
        try:
            message = self.client.messages.create(to=to, from_=sender, body=body)
        except (TwilioException, requests.RequestException) as err:
            raise translated(err, creating=True) from err
        return str(message.sid)


def translated(err: Exception, *, creating: bool = False) -> CarrierError:
    """Ours for theirs: a 429 was never carried out; a 5xx or a silent line may have been."""
    if isinstance(err, TwilioRestException):
        status = int(err.status or 0)
        return CarrierError(
            f"the carrier refused: HTTP {status}, code {err.code}",
            code=err.code,
            retry=status == BUSY_STATUS or (status >= SERVER_STATUS and not creating),
            unknown=creating and status >= SERVER_STATUS,
        )
    refused = isinstance(err, requests.ConnectionError) and not isinstance(err, requests.Timeout)
    return CarrierError(
        f"the carrier could not be reached: {type(err).__name__}",
        retry=not creating or refused,
        unknown=creating and not refused,
    )
