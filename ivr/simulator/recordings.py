"""Recordings: what the carrier knows of them. The sound is made when someone asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.simulator.account import Account, new_sid
from ivr.simulator.clock import Clock
from ivr.simulator.ledger import Ledger
from ivr.simulator.media import tone
from ivr.simulator.webhooks import Hook, Webhooks

SHORTEST_S = 1.0
"""Shorter than this, or without any voice, a recording is `absent`."""
READY_S = 0.5
"""From the end of a recording to its callback."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who is told about a recording, of which events."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})

    @classmethod
    def of(cls, attributes: Mapping[str, str], url: str) -> Told:
        return cls(
            url=url,
            method=attributes.get("recordingStatusCallbackMethod", "POST"),
            events=frozenset(attributes.get("recordingStatusCallbackEvent", "completed").split()),
        )


@dataclass(kw_only=True, eq=False)
class Recording:
    call_sid: str
    source: str
    start_s: float
    told: Told
    sid: str = field(default_factory=lambda: new_sid("RE"))
    conference_sid: str = ""
    status: str = "in-progress"
    channels: int = 1
    duration_s: int = -1
    silent: bool = False
    paused_s: float = 0.0
    paused_at_s: float | None = None

    def media(self) -> bytes:
        return tone(max(self.duration_s, 0), silent=self.silent)


class Recordings:
    def __init__(self, *, account: Account, clock: Clock, ledger: Ledger, webhooks: Webhooks) -> None:
        self._account = account
        self._clock = clock
        self._ledger = ledger
        self._webhooks = webhooks
        self.base_url = ""
        self.made: dict[str, Recording] = {}

    def url(self, recording: Recording) -> str:
        return f"{self.base_url}/2010-04-01/Accounts/{self._account.sid}/Recordings/{recording.sid}"

    def start(self, *, call_sid: str, source: str, told: Told, **more: Any) -> Recording:
        recording = Recording(call_sid=call_sid, source=source, told=told, start_s=self._clock.now(), **more)
        self.made[recording.sid] = recording
        self._ledger.write("recording", sid=recording.sid, leg=call_sid, status="in-progress", source=source)
        self._tell(recording)
        return recording

    def pause(self, recording: Recording) -> None:
        recording.status, recording.paused_at_s = "paused", self._clock.now()

    def resume(self, recording: Recording) -> None:
        if recording.paused_at_s is not None:
            recording.paused_s += self._clock.now() - recording.paused_at_s
        recording.status, recording.paused_at_s = "in-progress", None

    def finish(self, recording: Recording, *, seconds: float | None = None, silent: bool = False) -> None:
        if recording.status not in {"in-progress", "paused"}:
            return
        lasted = self._clock.now() - recording.start_s - recording.paused_s if seconds is None else seconds
        absent = lasted < SHORTEST_S or silent
        recording.duration_s = round(lasted)
        recording.silent = silent
        recording.status = "absent" if absent else "completed"
        self._ledger.write(
            "recording",
            sid=recording.sid,
            leg=recording.call_sid,
            status=recording.status,
            seconds=recording.duration_s,
        )
        self._tell(recording)

    def of_call(self, call_sid: str) -> list[Recording]:
        return [recording for recording in self.made.values() if recording.call_sid == call_sid]

    def running(self, call_sid: str) -> list[Recording]:
        return [recording for recording in self.of_call(call_sid) if recording.status in {"in-progress", "paused"}]

    def _tell(self, recording: Recording) -> None:
        if not recording.told.url or recording.status not in recording.told.events:
            return
        form = {
            "AccountSid": self._account.sid,
            "CallSid": recording.call_sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.url(recording),
            "RecordingStatus": recording.status,
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": self._clock.rfc2822(recording.start_s),
            "RecordingSource": recording.source,
            "RecordingTrack": "both",
            "ErrorCode": "16101" if recording.status == "absent" else "0",
        }
        if recording.conference_sid:
            form["ConferenceSid"] = recording.conference_sid
        if recording.status == "completed":
            form["RecordingDuration"] = str(recording.duration_s)
        hook = Hook(
            of="recording", url=recording.told.url, method=recording.told.method, form=form, leg=recording.call_sid
        )
        self._webhooks.tell(hook)
