"""The carrier's form fields as our values. Unknown fields are ignored, absurd ones cut: nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

FINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
KEYS = frozenset("0123456789*#")
LONGEST_ENTRY = 64
LONGEST_TEXT = 1600
CALL = re.compile(r"[A-Za-z0-9._~-]{1,64}")
"""What a call id may look like: it becomes a part of our keys and URLs."""


@dataclass(frozen=True, kw_only=True)
class Wire:
    """What one webhook says."""

    call: str
    """Empty when there is none, or nothing that could be one."""
    account: str
    claimed: str
    """`From`, as claimed."""
    dialled: str
    status: str
    keys: str
    finished: bool
    """The entry was ended by its finishing key."""
    label: str
    """Participant label in a room event."""
    event: str
    participant_status: str
    dial_status: str
    recording: str
    recorded_s: int
    hung_up: bool
    offer: str
    console: str
    """The browser's own parameter: a hint, checked against its signed identity."""
    error_code: str
    message: str
    """Id of a text message; empty for everything else."""
    text: str
    """What a text message says."""

    @property
    def over(self) -> bool:
        """The leg that this is about has ended."""
        return self.status in FINAL


def parse(form: Mapping[str, str]) -> Wire:
    raw = form.get("Digits", "")[:LONGEST_ENTRY]
    call, message = form.get("CallSid", ""), form.get("MessageSid") or form.get("SmsSid", "")
    return Wire(
        call=call if CALL.fullmatch(call) else "",
        account=form.get("AccountSid", "")[:64],
        claimed=form.get("From", "")[:320],
        dialled=form.get("To", "")[:320],
        status=form.get("CallStatus", "")[:32],
        keys="".join(key for key in raw if key in KEYS) if raw != "hangup" else "",
        finished=form.get("FinishedOnKey", "") == "#",
        label=form.get("ParticipantLabel", "")[:128],
        event=form.get("StatusCallbackEvent", "")[:64],
        participant_status=form.get("ParticipantCallStatus", "")[:32],
        dial_status=form.get("DialCallStatus", "")[:32],
        recording=(form.get("RecordingSid") or form.get("RecordingUrl", "").rpartition("/")[2])[:64],
        recorded_s=_seconds(form.get("RecordingDuration", "")),
        hung_up=raw == "hangup" or form.get("CallStatus", "") in FINAL,
        offer=form.get("offer", "")[:64],
        console=form.get("console", "")[:64],
        error_code=form.get("ErrorCode", "")[:16],
        message=message if CALL.fullmatch(message) else "",
        text=form.get("Body", "")[:LONGEST_TEXT],
    )


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
