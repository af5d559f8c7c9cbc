"""The carrier's REST interface, as far as the dispatcher needs it.

Every request has a time limit. What the carrier says about calls that are over is an answer, not an error: 404/20404
and 400/21220 mean that the leg has left (`FACTS.md` 0.7). A create whose answer never came is unknown: it
is looked up, never repeated blindly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from ivr.core.carrier_match import Listed
from ivr.core.errors import CarrierError
from ivr.core.ids import E164, CallId, LegId, OfferId
from ivr.core.instructions import Link
from ivr.core.usage import NEW_CALL
from ivr.telephony.twilio.links import OVERRIDES, path_of

T = TypeVar("T")

TIMEOUT_S = 5.0
OVER = frozenset({21220, 20404})
BUSY_STATUS = 429
SERVER_STATUS = 500
LEG_EVENTS = ["answered", "completed"]
ALL_EVENTS = ["initiated", "answered", "completed"]
"""Of a leg that is to be known even when the answer to its creation is lost."""
BY_REQUEST = "outbound-api"
CLOCKS_DIFFER = timedelta(seconds=5)
"""Between the carrier's clock and ours."""
MOST_LISTED = 1000
"""Entries on one page of a list, as the carrier allows (`FACTS.md` 4.11)."""
LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class AtBase(TwilioHttpClient):
    """Sends the library's requests to another Twilio-compatible server when one is configured."""

    def __init__(self, base: str, *, told: Callable[[str], None]) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._base = urlsplit(base) if base else None
        self._told = told

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        if self._base is not None:
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        self._told(what_is_asked(method, urlsplit(url).path))
        answer: Response = super().request(method, url, *args, **kwargs)
        return answer


def what_is_asked(method: str, path: str) -> str:
    """What a request is about, in the words of `facts.CarrierAsked`."""
    if method == "GET":
        return "look"
    named = re.sub(r"^.*?/Accounts/[^/]+/", "", path).removesuffix(".json")
    if named == "Calls":
        return NEW_CALL
    for part, word in (("/Recordings", "record"), ("Calls/", "steer"), ("Conferences", "room"), ("Messages", "text")):
        if part in named:
            return word
    return "other"


def client_for(
    *,
    account: str,
    token: str,
    key: str = "",
    secret: str = "",
    base: str = "",
    told: Callable[[str], None] = lambda _what: None,
) -> Client:
    """A REST client; an API key is preferred to the account's token. `told` hears of every request before it is made."""
    http = AtBase(base, told=told)
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
        return self._ring(
            address,
            sender=sender,
            ring=ring,
            url=f"{self._origin}/voice/offer/{call}/{offer}",
            status_callback=f"{self._origin}/voice/agent-leg/{call}/{offer}",
        )

    def find_offer_leg(self, *, address: str, offer: OfferId, since: datetime) -> LegId | None:  # noqa: ARG002 - one live offer per agent
        """The newest live leg to this agent since the offer was made; one agent has one live offer."""
        for leg, created in self._legs_to(address):
            if str(leg.status) in LIVE and (created is None or created >= since - CLOCKS_DIFFER):
                return LegId(str(leg.sid))
        return None

    def ring_callee(self, *, number: E164, link: Link, ring: timedelta, sender: str) -> LegId:
        """Call a customer back. Who answers asks at `link` what to hear; every end of the leg is reported."""
        return self._ring(
            number,
            sender=sender,
            ring=ring,
            url=f"{self._origin}{path_of(link)}",
            status_callback=f"{self._origin}/voice/callee-leg/{link.call}",
            fallback_url=f"{self._origin}/voice/fallback?call={link.call}",
            fallback_method="POST",
        )

    def find_callee_leg(self, *, number: E164, since: datetime) -> LegId | None:
        """The newest leg that we called to this number since then, alive or over; one try at a time is dialled."""
        for leg, created in self._legs_to(number):
            ours = str(leg.direction).startswith("outbound")
            if ours and created is not None and created >= since - CLOCKS_DIFFER:
                return LegId(str(leg.sid))
        return None

    def ring_house(self, *, number: E164, line: OfferId, call: CallId, ring: timedelta, sender: str) -> LegId:
        """Call a house that an agent asks. Who answers asks for the room; how far it is, is reported from the first moment."""
        return self._ring(
            number,
            sender=sender,
            ring=ring,
            events=ALL_EVENTS,
            url=f"{self._origin}/voice/house/{call}/{line}",
            status_callback=f"{self._origin}/voice/house-leg/{call}/{line}",
        )

    def legs_made(self, *, number: E164, since: datetime, until: datetime) -> list[LegId]:
        """Live legs to this number that were made by request, and not for a `Dial`, in that time."""
        first, last = since - CLOCKS_DIFFER, until + CLOCKS_DIFFER
        return [
            LegId(str(leg.sid))
            for leg, created in self._legs_to(number)
            if str(leg.direction) == BY_REQUEST and str(leg.status) in LIVE
            if created is not None and first <= created <= last
        ]

    def _ring(
        self, to: str, *, sender: str, ring: timedelta, events: Sequence[str] = LEG_EVENTS, **addresses: str
    ) -> LegId:
        """One new leg. `addresses`: where it asks what to hear, and where its end is reported."""
        with asking(creating=True):
            leg = self.client.calls.create(
                to=to,
                from_=sender,
                method="POST",
                status_callback_method="POST",
                status_callback_event=list(events),
                timeout=max(5, round(ring.total_seconds())),
                **addresses,
            )
        return LegId(str(leg.sid))

    def _legs_to(self, address: str) -> list[tuple[Any, datetime | None]]:
        """The newest legs to this address, and when each was created."""
        with asking():
            return [(leg, leg.date_created or leg.start_time) for leg in self.client.calls.list(to=address, limit=20)]

    def calls_listed(
        self, *, numbers: Collection[str], colleagues: Collection[str], start: datetime, end: datetime
    ) -> list[Listed]:
        """Calls to these numbers, and calls from them to any telephone but a colleague's, that began in [start, end).

        All pages of the list are read; both bounds of the carrier's filters are included (`FACTS.md` 4.2).
        """
        stream = partial(self.client.calls.stream, start_time_after=start, start_time_before=end, page_size=MOST_LISTED)
        found: list[Any] = []
        with asking():
            for number in numbers:
                found += stream(to=number)
                sent = stream(from_=number)
                found += [leg for leg in sent if str(leg.to).startswith("+") and leg.to not in colleagues]
        return [listed for leg in found if (listed := _listed(leg)) is not None]

    def move(self, *, leg: str, link: Link) -> bool:
        return self._update(leg, url=f"{self._origin}{path_of(link)}{OVERRIDES}", method="POST")

    def end(self, leg: str) -> bool:
        return self._update(leg, status="completed")

    def _update(self, leg: str, **what: str) -> bool:
        with asking():
            return over_as(None, lambda: self.client.calls(leg).update(**what)) is not None

    def alive(self, leg: str) -> bool:
        with asking():
            found = over_as(None, lambda: self.client.calls(leg).fetch())
        return found is not None and str(found.status) in LIVE

    def start_recording(self, *, leg: LegId, call: CallId) -> bool:
        """Both sides of the line, apart; the room is not recorded beside it (`FACTS.md` 4.6)."""

        def create() -> object:
            return self.client.calls(leg).recordings.create(
                recording_channels="dual",
                recording_status_callback=f"{self._origin}/voice/recorded/{call}",
                recording_status_callback_method="POST",
                recording_status_callback_event=["completed"],
            )

        with asking(creating=True):
            return over_as(None, create) is not None

    def stop_recording(self, leg: LegId) -> bool:
        """False: nothing is being recorded there any more."""
        with asking():
            running: Any = self.client.calls(leg).recordings("Twilio.CURRENT")
            return over_as(None, lambda: running.update(status="stopped")) is not None

    def pause_recording(self, leg: LegId, *, on: bool) -> bool:
        """What is said meanwhile is left out. False: nothing is being recorded there."""
        what = {"status": "paused", "pause_behavior": "skip"} if on else {"status": "in-progress"}
        with asking():
            running: Any = self.client.calls(leg).recordings("Twilio.CURRENT")
            return over_as(None, lambda: running.update(**what)) is not None

    def send_text(self, *, to: E164, body: str, sender: str) -> str:
        with asking(creating=True):
            return str(self.client.messages.create(to=to, from_=sender, body=body).sid)


def _listed(leg: Any) -> Listed | None:
    """None for a leg that has not begun."""
    began_at = leg.start_time or leg.date_created
    if began_at is None:
        return None
    over = str(leg.status) not in LIVE
    return Listed(
        id=str(leg.sid),
        began_at=began_at,
        ended_at=(leg.end_time or began_at) if over else None,
        ours=str(leg.direction).startswith("outbound"),
    )


@contextmanager
def asking(*, creating: bool = False) -> Iterator[None]:
    """A request of ours: whatever the library raises in it becomes a `CarrierError`."""
    try:
        yield
    except (TwilioException, requests.RequestException) as err:
        raise translated(err, creating=creating) from err


def over_as(answer: T, request: Callable[[], T]) -> T:
    """What the carrier says; `answer` when it says that the leg or room is over."""
    try:
        return request()
    except TwilioRestException as err:
        if err.code in OVER:
            return answer
        raise


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
