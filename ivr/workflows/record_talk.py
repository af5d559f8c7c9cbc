"""Start and stop the recording of a talk at the carrier.

It fails towards not recording: a start whose answer never came is taken back, not repeated, and the agent's page shows
that nothing is recorded (`RELIABILITY.md` F56).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.core.events import RecordingAsked
from ivr.core.ids import CallId, LegId
from ivr.core.instructions import PauseRecording, StartRecording, StopRecording
from ivr.core.session import State
from ivr.workflows.ports import Clock, Sessions
from ivr.workflows.take_call import TakeCall


class Recorder(Protocol):
    """What the carrier records. Raises `CarrierError`."""

    def start_recording(self, *, leg: LegId, call: CallId) -> bool:
        """False: the line is over."""

    def stop_recording(self, leg: LegId) -> bool: ...

    def pause_recording(self, leg: LegId, *, on: bool) -> bool:
        """False: nothing is being recorded there."""


@dataclass(frozen=True, kw_only=True)
class RecordTalk:
    recorder: Recorder
    sessions: Sessions
    take_call: TakeCall
    clock: Clock

    def __call__(self, order: StartRecording | StopRecording | PauseRecording) -> None:
        session = self.sessions.find(order.call)
        if isinstance(order, StopRecording):
            self.recorder.stop_recording(order.leg)
        elif session is None or not session.taped or session.state is not State.CONNECTED:
            return
        elif isinstance(order, PauseRecording):
            self.recorder.pause_recording(order.leg, on=session.tape_paused_at is not None)
        else:
            self.recorder.start_recording(leg=order.leg, call=order.call)
            self._paused_meanwhile(order)

    def _paused_meanwhile(self, order: StartRecording) -> None:
        """A start that had to be tried again may come after the order to pause."""
        session = self.sessions.find(order.call)
        if session is not None and session.taped and session.tape_paused_at is not None:
            self.recorder.pause_recording(order.leg, on=True)

    def refused(self, order: StartRecording | PauseRecording) -> None:
        """The carrier did not start it, or may have; or did not let it pause: it is off, and stopped."""
        session = self.sessions.find(order.call)
        if session is not None and session.offer is not None:
            off = RecordingAsked(at=self.clock.now(), offer=session.offer, on=False)
            self.take_call.tell(order.call, off)
