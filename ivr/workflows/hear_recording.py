"""The recording of a talk, for a supervisor who says why: written down before the first byte (`RELIABILITY.md` S-93)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.core import facts
from ivr.core.errors import CarrierError, RequestError
from ivr.core.ids import CallId
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.ports import Clock
from ivr.workflows.tell_call import NotedCalls


@dataclass(frozen=True, kw_only=True)
class HearRecording:
    records: NotedCalls
    sound: Callable[[str], bytes]
    """As WAV. Raises CarrierError."""
    audit: Audit
    clock: Clock

    def ask(self, call: CallId, recording: str, *, who: str, reason: str) -> None:
        """Raises RequestError (404) when the call has no such recording, Unavailable when it cannot be written down."""
        self._known(call, recording)
        self.audit(
            at=self.clock.now(),
            who=who,
            what="recording.play",
            object=call,
            detail={"recording": recording, "reason": reason},
        )

    def __call__(self, call: CallId, recording: str) -> bytes:
        """Raises RequestError (404, or 503 while the carrier does not give it)."""
        self._known(call, recording)
        try:
            return self.sound(recording)
        except CarrierError as err:
            raise RequestError("the recording cannot be had now; try again", status=503, error_id="no_sound") from err

    def _known(self, call: CallId, recording: str) -> None:
        kept = {one.recording for one in self.records.facts_of(call) if isinstance(one, facts.RecordingKept)}
        if recording not in kept:
            raise RequestError("there is no such recording", status=404, error_id="unknown_recording")
