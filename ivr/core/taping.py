"""Recording of talks: off unless a topic says otherwise, announced first, and never against the caller's word.

A topic is recorded never, when the agent starts it after asking, unless the caller said no, or only when the caller said
yes. What the menu calls the recording notice must have been heard in full: a caller who came past it (pressed ahead,
was announced by the app, was called back, or whose session was lost) is not recorded by itself. Everything that is
unknown counts as no. The carrier records the caller's line from the moment both are in the room until the talk is
over, so nothing keyed in the menu can be in it (`RELIABILITY.md` I-18, S-94).
"""

from __future__ import annotations

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.events import Event, RecordingAsked, RecordingMade
from ivr.core.fence import of_offer
from ivr.core.instructions import StartRecording, StopRecording
from ivr.core.menus import Choice, Recording
from ivr.core.session import CallSession


def choose(draft: Draft, choice: Choice) -> None:
    """The caller pressed the key that says yes, or no, to being recorded."""
    if choice.recording is not None:
        draft.set(recording_choice="yes" if choice.recording else "no")
        draft.fact(facts.RecordingChosen(at=draft.at, call=draft.session.call, wanted=choice.recording))


def rule_of(draft: Draft) -> Recording:
    topic = draft.tree.topics.get(draft.session.topic) if draft.session.topic else None
    return topic.recording if topic else Recording.OFF


def possible(rule: Recording, session: CallSession) -> bool:
    """Whether this talk may be recorded at all: the agent may start it, after asking."""
    return rule is not Recording.OFF and session.recording_choice != "no" and session.line is not None


def both_are_in(draft: Draft) -> None:
    """The talk begins: record it if topic, notice and caller say so."""
    rule, session = rule_of(draft), draft.session
    wanted = rule is Recording.OPT_OUT or (rule is Recording.OPT_IN and session.recording_choice == "yes")
    asked_in_vain = session.ticket is not None or session.callback is not None  # they had no key to say no
    if wanted and session.recording_told and not asked_in_vain and possible(rule, session):
        _start(draft)


def _start(draft: Draft) -> None:
    session = draft.session
    if session.line is not None and not session.taped:
        draft.set(taped=True)
        draft.order(StartRecording(call=session.call, leg=session.line))


def stop(draft: Draft) -> None:
    """The talk is over, or somebody wants no recording any more."""
    session = draft.session
    if session.taped and session.line is not None:
        draft.set(taped=False)
        draft.order(StopRecording(call=session.call, leg=session.line))


@of_offer(RecordingAsked)
def asked(draft: Draft, event: RecordingAsked) -> None:
    """The agent's button, or a start that the carrier refused (then it counts as off)."""
    if not event.on:
        stop(draft)
    elif possible(rule_of(draft), draft.session):
        _start(draft)


def kept(draft: Draft, event: Event) -> None:
    """The carrier has a recording of this call; reported again, it changes nothing."""
    assert isinstance(event, RecordingMade)
    session = draft.session
    if event.recording and event.recording not in session.tapes:
        draft.set(tapes=(*session.tapes, event.recording))
        draft.fact(
            facts.RecordingKept(at=event.at, call=session.call, recording=event.recording, duration_s=event.duration_s)
        )
