"""Recording of talks: off unless a topic says otherwise, announced first, and never against the caller's word.

A topic is recorded never, when the agent starts it after asking, unless the caller said no, or only when the caller said
yes. What the menu calls the recording notice must have been heard in full: a caller who came past it (pressed ahead,
was announced by the app, was called back without having agreed, or whose session was lost) is not recorded by itself.
Everything that is unknown counts as no, and so does a choice that could not be stored. The carrier records the caller's line from the moment both are in the room until the talk is
over, so nothing keyed in the menu can be in it (`RELIABILITY.md` I-18, S-94).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ivr.core import facts
from ivr.core.commitments import Commitment
from ivr.core.consents import BY_AGENT, BY_KEY, NO, YES, ConsentNoted
from ivr.core.draft import Draft, ms_of
from ivr.core.events import Event, RecordingAsked, RecordingMade
from ivr.core.fence import of_offer
from ivr.core.ids import NodeId, PromptId
from ivr.core.instructions import Alarm, PauseRecording, StartRecording, StopRecording
from ivr.core.menus import Choice, Menu, Recording
from ivr.core.session import CallSession
from ivr.core.transfer_events import PauseAsked
from ivr.core.transfer_facts import RecordingPaused

LONGEST_PAUSE = timedelta(minutes=2)
"""Long enough to dictate a number (`DOMAIN.md` 4.5)."""
CALLED = PromptId("cb_recorded")
"""The notice of its own that a customer hears whom we call back and who had agreed."""


def choose(draft: Draft, node: Menu, choice: Choice) -> None:
    """The caller pressed the key that says yes, or no, to being recorded: kept for proof before it is confirmed."""
    if choice.recording is not None:
        said = YES if choice.recording else NO
        draft.commit(_noted(draft, draft.commitment_id("consent"), said, prompt=node.prompt))
        draft.set(recording_choice=said)
        draft.fact(facts.RecordingChosen(at=draft.at, call=draft.session.call, wanted=choice.recording))


def _noted(draft: Draft, name: str, said: str, *, prompt: PromptId | None = None) -> ConsentNoted:
    session = draft.session
    return ConsentNoted(
        id=name,
        at=draft.at,
        hotline=session.hotline,
        call=session.call,
        number=session.caller.number,
        choice=said,
        how=BY_AGENT if prompt is None else BY_KEY,
        prompt=prompt,
        menu_version=session.menu_version,
        language=session.language,
        agent=session.agent if prompt is None else None,
    )


def not_kept(draft: Draft, refused: Sequence[Commitment]) -> NodeId | None:
    """A choice that could not be stored: this call is not recorded. The node after it; None: it was about something else.

    Who said no goes on as ever, for it is true. A yes is confirmed to nobody: it is passed over as silence is.
    """
    said = next((one for one in refused if isinstance(one, ConsentNoted)), None)
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if said is None or not isinstance(node, Menu):
        return None
    wanted = said.choice == YES
    key, choice = next((key, one) for key, one in node.choices.items() if one.recording is wanted)
    draft.fact(facts.KeyPressed(at=draft.at, call=draft.session.call, node=node.id, key=key, result="choice"))
    draft.set(recording_choice=NO)
    if wanted:
        return node.silence or choice.goto
    draft.fact(facts.RecordingChosen(at=draft.at, call=draft.session.call, wanted=False))
    return choice.goto


def rule_of(draft: Draft) -> Recording:
    topic = draft.tree.topics.get(draft.session.topic) if draft.session.topic else None
    return topic.recording if topic else Recording.OFF


def possible(rule: Recording, session: CallSession) -> bool:
    """Whether this talk may be recorded at all: the agent may start it, after asking."""
    return rule is not Recording.OFF and session.recording_choice != NO and session.line is not None


def both_are_in(draft: Draft) -> None:
    """The talk begins: record it if topic, notice and caller say so."""
    rule, session = rule_of(draft), draft.session
    if _by_itself(rule, session) and session.recording_told and possible(rule, session):
        _start(draft)


def _by_itself(rule: Recording, session: CallSession) -> bool:
    if session.recording_choice == YES:
        return rule in (Recording.OPT_OUT, Recording.OPT_IN)
    had_no_key = session.ticket is not None or session.callback is not None
    return rule is Recording.OPT_OUT and not had_no_key


def tell_called(draft: Draft) -> None:
    """A customer whom we call hears a notice of its own, if the talk will be recorded: the first one was another call's."""
    rule, session = rule_of(draft), draft.session
    if _by_itself(rule, session) and possible(rule, session) and CALLED in draft.tree.prompts:
        draft.say(CALLED)
        draft.set(recording_told=True)


def _start(draft: Draft) -> None:
    session = draft.session
    if session.line is not None and not session.taped:
        draft.set(taped=True)
        draft.order(StartRecording(call=session.call, leg=session.line))


def stop(draft: Draft) -> None:
    """The talk is over, or somebody wants no recording any more."""
    session = draft.session
    if session.taped and session.line is not None:
        draft.set(taped=False, tape_paused_at=None)
        draft.wake(Alarm.UNPAUSE, None)
        draft.order(StopRecording(call=session.call, leg=session.line))


def with_stranger(session: CallSession) -> bool:
    """A house outside hears and is heard, and nobody told it of a recording. It does not hear a caller on hold."""
    one = session.consult
    return one is not None and bool(one.outside) and one.in_room and session.held_at is None


def strangers_in(draft: Draft) -> None:
    """Whoever came in was told of no recording: it stops, and only the agent starts it again, when they have gone."""
    if with_stranger(draft.session):
        stop(draft)


def at_another_desk(draft: Draft) -> None:
    """The talk goes on about another topic: what may not be recorded there stops."""
    rule = rule_of(draft)
    if rule is Recording.OFF or (rule is Recording.OPT_IN and draft.session.recording_choice != YES):
        stop(draft)


@of_offer(RecordingAsked)
def asked(draft: Draft, event: RecordingAsked) -> None:
    """The agent's button, or a start that the carrier refused (then it counts as off)."""
    session = draft.session
    if not event.on:
        stop(draft)
    elif possible(rule_of(draft), session) and not session.taped and not with_stranger(session):
        if session.recording_choice != YES:
            draft.commit(_noted(draft, f"consent-{session.call}-{ms_of(event.at)}", YES))
        _start(draft)


@of_offer(PauseAsked)
def pause_asked(draft: Draft, event: PauseAsked) -> None:
    """Something is said that must not be kept. It goes on by itself, for a pause is easily forgotten."""
    session = draft.session
    if not session.taped or event.on == (session.tape_paused_at is not None):
        return
    if not event.on:
        _go_on(draft)
        return
    draft.set(tape_paused_at=event.at)
    draft.wake(Alarm.UNPAUSE, LONGEST_PAUSE)
    _follow(draft, on=True)


def unpause(draft: Draft, event: Event) -> None:
    if draft.session.tape_paused_at is not None:
        _go_on(draft)


def _go_on(draft: Draft) -> None:
    draft.set(tape_paused_at=None)
    draft.wake(Alarm.UNPAUSE, None)
    _follow(draft, on=False)


def _follow(draft: Draft, *, on: bool) -> None:
    session = draft.session
    draft.fact(RecordingPaused(at=draft.at, call=session.call, on=on))
    if session.line is not None:
        draft.order(PauseRecording(call=session.call, leg=session.line))


def kept(draft: Draft, event: Event) -> None:
    """The carrier has a recording of this call; reported again, it changes nothing."""
    assert isinstance(event, RecordingMade)
    session = draft.session
    if event.recording and event.recording not in session.tapes:
        draft.set(tapes=(*session.tapes, event.recording))
        draft.fact(
            facts.RecordingKept(at=event.at, call=session.call, recording=event.recording, duration_s=event.duration_s)
        )
