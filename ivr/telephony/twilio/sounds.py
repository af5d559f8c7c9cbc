"""The sound of recordings, as it lies with the carrier.

Asked for with our own sign-in ("HTTP auth for media" is to be switched on, `FACTS.md` 7), never by an address that came in
from outside. A file may come a moment after its recording ended (`FACTS.md` 1.6), so that a 404 is tried again shortly.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.rest import Client
from urllib3.util import Retry

from ivr.core.errors import CarrierError
from ivr.telephony.twilio.carrier import asking

ORIGIN = "https://api.twilio.com"
RECORDING = re.compile(r"RE[0-9a-f]{32}")
TIMEOUT_S = (2.0, 5.0)
"""To connect, and between two pieces."""
NOT_YET = Retry(total=3, backoff_factor=0.2, status_forcelist=[404], raise_on_status=False, allowed_methods=["GET"])
LARGEST = 16 * 1024 * 1024
"""Twelve minutes of 8 kHz sound, and a bit; messages are shorter."""
PIECE = 64 * 1024


class TwilioSounds:
    """What `workflows.hear_message` plays, from Twilio's REST interface. `base`: another Twilio-compatible server."""

    def __init__(self, *, client: Client, base: str = "") -> None:
        self._client = client
        origin = urlsplit(base or ORIGIN)
        self._origin = urlunsplit((origin.scheme, origin.netloc, "", "", ""))

    def sound(self, recording: str) -> bytes:
        """A recording as WAV. Raises CarrierError when it is not there, or the carrier is away."""
        if not RECORDING.fullmatch(recording):
            raise CarrierError(f"'{recording}' is no recording of the carrier's", retry=False)
        client: Any = self._client
        url = f"{self._origin}/2010-04-01/Accounts/{client.account_sid}/Recordings/{recording}.wav"
        with asking(), requests.Session() as session:
            session.mount(self._origin, HTTPAdapter(max_retries=NOT_YET))
            session.auth = (client.username, client.password)
            with session.get(url, stream=True, timeout=TIMEOUT_S) as answer:
                if answer.status_code != requests.codes.ok:
                    raise CarrierError(f"the carrier has no such sound: HTTP {answer.status_code}", retry=True)
                return _whole(answer)


def _whole(answer: requests.Response) -> bytes:
    body = b""
    for piece in answer.iter_content(PIECE):
        body += piece
        if len(body) > LARGEST:
            raise CarrierError(f"the sound has more than {LARGEST} bytes", retry=False)
    return body
