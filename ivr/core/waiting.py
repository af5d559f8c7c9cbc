"""The wait loop: what a waiting caller hears, turn by turn, and the keys they may press.

One turn is a collector around words and music; then the next turn is asked for. Every turn's URL carries topic,
priority and first queue time, so a caller whom Redis forgot is put back in the old place by their own next turn. Words
come at once on joining, then every 60 s for three minutes, then every 90 s; the keys are offered with every second
update (`DOMAIN.md` 2.1). An expected wait is spoken only when it is backed by data.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.core import callback_out, callback_talk, facts
from ivr.core.draft import Draft
from ivr.core.events import Event, TimeUp, TurnAsked
from ivr.core.ids import NodeId
from ivr.core.instructions import Alarm, MoveCaller
from ivr.core.menus import Callback, MenuTree, Topic, Voicemail
from ivr.core.queueing import PULSE, announce_entry, leave, note_announced, overflow_of, topic_of, turn
from ivr.core.session import CallSession, State
from ivr.core.speech import wait_words
from ivr.core.walk import enter

PREPARE_AFTER = timedelta(seconds=30)
UPDATE_EVERY = timedelta(seconds=60)
UPDATE_LATER_EVERY = timedelta(seconds=90)
EARLY = timedelta(minutes=3)
AFTER_OFFER = timedelta(seconds=20)


def take_turn(draft: Draft, event: Event) -> None:
    """The loop came round: a key, an update that is due, or music."""
    assert isinstance(event, TurnAsked)
    session = draft.session
    topic = draft.tree.topics.get(session.topic) if session.topic else None
    if topic is None:
        move_on(draft)
        return
    if event.keys[:1] in topic.options and event.keys:
        _take_option(draft, topic, event.keys[:1])
        return
    draft.set(turns=session.turns + 1)
    if session.turns == 0 and event.promised is not None and callback_talk.returning(draft, event.promised):
        return
    if session.turns == 0:
        announce_entry(draft, topic, event)
        if event.estimate_s is None and event.position == 0:
            draft.say(topic.announcements.next)
        if event.estimate_s is not None and offers_callback(topic, draft.tree, event.estimate_s):
            draft.say(topic.announcements.options)
    else:
        _speak_if_due(draft, topic, event)
    turn(draft, topic)
    draft.wake(Alarm.PULSE, PULSE)


def turn_in_offer(draft: Draft, event: Event) -> None:
    """An agent is being rung or is on the way: music goes on, nothing is announced."""
    session, topic = draft.session, topic_of(draft)
    if session.turns == 0:
        announce_entry(draft, topic, None)
    draft.set(turns=session.turns + 1)
    turn(draft, topic)
    draft.wake(Alarm.PULSE, PULSE)


def offers_callback(topic: Topic, tree: MenuTree, estimate_s: float) -> bool:
    """Whether the wait is long enough to offer a callback at once, and the topic has one."""
    kinds = (tree.nodes.get(node) for node in topic.options.values())
    return estimate_s > tree.callbacks.offer_over.total_seconds() and any(isinstance(one, Callback) for one in kinds)


def tells_place(session: CallSession, at: datetime) -> bool:
    """Whether a turn at `at` may tell the place in line or the wait. On all others nobody needs to find out."""
    return session.state is State.QUEUED and (session.turns == 0 or _update_due(session, at))


def _update_due(session: CallSession, at: datetime) -> bool:
    waited, quiet = at - (session.entered_at or at), at - (session.spoken_at or at)
    return quiet >= (UPDATE_EVERY if waited <= EARLY + UPDATE_EVERY else UPDATE_LATER_EVERY)


def _speak_if_due(draft: Draft, topic: Topic, event: TurnAsked) -> None:
    session, words = draft.session, topic.announcements
    waited = draft.at - (session.entered_at or draft.at)
    if not session.prepared and waited >= PREPARE_AFTER and words.prepare is not None:
        draft.say(words.prepare)
        draft.set(prepared=True)
        return
    if not _update_due(session, draft.at):
        return
    if event.estimate_s is not None:
        _update(draft, topic, event)
    elif event.position == 0 and words.next is not None:
        draft.say(words.next)
        draft.set(spoken_at=draft.at)
    else:
        name = topic.names.get(session.language, topic.id)
        draft.say(words.enter_unknown, topic=name)
        draft.set(spoken_at=draft.at)
    if topic.options and waited >= topic.options_after and session.updates % 2 == 0:
        draft.say(words.options)
    draft.set(updates=session.updates + 1)


def _update(draft: Draft, topic: Topic, event: TurnAsked) -> None:
    session, words = draft.session, topic.announcements
    estimate = event.estimate_s or 0.0
    said = session.announced_s
    passed = (draft.at - (session.announced_at or draft.at)).total_seconds()
    longer = said is not None and estimate > max(0.0, said - passed) + 60
    prompt = words.update_longer if longer and words.update_longer else words.update
    if prompt is None:
        return
    draft.say(prompt, wait=wait_words(estimate, session.language, draft.tree))
    note_announced(draft, prompt, round(estimate), event)


def _take_option(draft: Draft, topic: Topic, key: str) -> None:
    target = draft.tree.node(topic.options[key])
    draft.fact(
        facts.KeyPressed(
            at=draft.at, call=draft.session.call, node=draft.session.node or target.id, key=key, result="option"
        )
    )
    if isinstance(target, Callback):
        # The place in line is held until the promise stands.
        callback_out.later(draft) if draft.session.callback else enter(draft, target.id)
        return
    outcome = facts.Outcome.MESSAGE if isinstance(target, Voicemail) else facts.Outcome.OVERFLOW
    leave(draft, outcome, reason="option")
    enter(draft, target.id)


def overflow(draft: Draft, event: Event) -> None:
    """The longest wait is over: the caller's leg is moved to what the topic has for that."""
    assert isinstance(event, TimeUp)
    if event.ref == str(draft.session.segment):
        move_on(draft, move=True)


def closing(draft: Draft, event: Event) -> None:
    """The desk closes: whoever still waits goes where the topic sends them, and is not put down."""
    assert isinstance(event, TimeUp)
    session = draft.session
    topic = draft.tree.topics.get(session.topic) if session.topic else None
    if event.ref != str(session.segment) or topic is None or topic.closing is None:
        return
    leave(draft, facts.Outcome.CLOSED, reason="closing time")
    _fetch(draft, topic.closing)


def after_offer(draft: Draft, event: Event) -> None:
    """Due while an agent is rung or on the way: look again when that is decided. A call that is answered by then has
    put it off.
    """
    assert isinstance(event, TimeUp)
    if event.ref == str(draft.session.segment):
        draft.wake(event.alarm, AFTER_OFFER, event.ref)


def move_on(draft: Draft, *, move: bool = False) -> None:
    """Where the topic's overflow leads; a removed topic leads to a person. `move`: the leg did not ask, fetch it."""
    session = draft.session
    topic = draft.tree.topics.get(session.topic) if session.topic else None
    target = (overflow_of(draft, topic)[1] if topic else None) or draft.tree.person
    leave(draft, facts.Outcome.OVERFLOW, reason="limit")
    if move:
        _fetch(draft, target)
    else:
        draft.set(node=target)
        enter(draft, target)


def _fetch(draft: Draft, target: NodeId) -> None:
    """The leg did not ask: have it moved, and when it comes it enters `target`."""
    draft.set(node=target)
    draft.order(MoveCaller(call=draft.session.call, link=draft.link("enter")))
    draft.wake(Alarm.PULSE, PULSE)
