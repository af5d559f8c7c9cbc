"""A message that a caller leaves: recorded by the carrier, promised an answer by us.

The promise ("we answer by …") stands in SQL before the caller hears it, with its recording and the time that was named.
When it cannot be stored, the message itself is not lost: the caller hears that we have it and no time, and the
dispatcher writes it down as soon as SQL is back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.core import case_talk, facts
from ivr.core.callback_words import deadline_words
from ivr.core.draft import Draft
from ivr.core.events import Event, MessageRecorded, NotKept
from ivr.core.hours import Calendar, is_open, next_change, next_opening
from ivr.core.ids import NodeId, PromptId, TopicId
from ivr.core.instructions import HangUp
from ivr.core.menus import Voicemail
from ivr.core.message_orders import KeepMessage, MessagePromised
from ivr.core.walk import enter, finish

RECEIVED = PromptId("vm_received")
ROUNDED = timedelta(minutes=30)
"""A time that is named is a whole or a half hour."""


def due_at(at: datetime, within: timedelta, calendar: Calendar) -> datetime:
    """Until when we answer: `within` from now or from the next opening, rounded up; a closed desk has until its next
    closing time.
    """
    due = (next_opening(calendar, at) or at) + within
    if not is_open(calendar, due) and (opens := next_opening(calendar, due)) is not None:
        return next_change(calendar, opens) or opens
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return due + (epoch - due) % ROUNDED


def keep(draft: Draft, event: Event) -> None:
    """The recording is there: thank the caller and go on, or close the call when the caller hung up to end it."""
    assert isinstance(event, MessageRecorded)
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    topic = draft.session.topic
    left = topic is not None and event.duration_s > 0
    if left and topic is not None:
        draft.set(recording=event.recording, recorded_s=event.duration_s)
        case_talk.keep(draft, event.case)
        told(draft, event, topic)
    if event.hung_up:
        if left:
            draft.order(KeepMessage(call=draft.session.call, message=_message(draft)))
        case_talk.send(draft)
        finish(draft, hung_up_by="caller")
        draft.then(HangUp())  # nobody hears it, but the carrier wants a document
    elif isinstance(node, Voicemail) and left:
        promised = _message(draft)
        draft.commit(promised)
        _thank(draft, node, promised)
    elif isinstance(node, Voicemail):
        enter(draft, node.id) if draft.session.silences == 0 else enter(draft, node.goto)
        draft.set(silences=draft.session.silences + 1)
    else:
        finish(draft, hung_up_by="service")


def not_kept(draft: Draft, event: Event) -> None:
    """The promise could not be stored: the message is kept, and no time is named."""
    assert isinstance(event, NotKept)
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    for refused in event.refused:
        if isinstance(refused, MessagePromised):
            draft.set(recording=refused.recording, recorded_s=refused.duration_s)
            told(draft, refused, refused.topic)
            draft.order(KeepMessage(call=draft.session.call, message=refused))
    draft.say(RECEIVED if RECEIVED in draft.tree.prompts else None)
    case_talk.read(draft)
    if isinstance(node, Voicemail):
        enter(draft, node.goto)
    else:
        finish(draft, hung_up_by="service")


def late(draft: Draft, event: Event) -> None:
    """A recording reported after the call was closed is kept all the same; the record counts it as a message."""
    assert isinstance(event, MessageRecorded)
    session = draft.session
    if event.duration_s > 0 and not session.recorded_s and session.topic is not None:
        draft.set(recorded_s=event.duration_s, recording=event.recording)
        case_talk.keep(draft, event.case)
        case_talk.send(draft)
        told(draft, event, session.topic)
        draft.order(KeepMessage(call=session.call, message=_message(draft)))
    draft.then(HangUp())


def told(draft: Draft, left: Any, topic: TopicId) -> None:
    """The fact that a message was left."""
    draft.fact(
        facts.MessageLeft(
            at=draft.at,
            call=draft.session.call,
            topic=topic,
            duration_s=left.duration_s,
            recording=left.recording,
        )
    )


def _message(draft: Draft) -> MessagePromised:
    session = draft.session
    assert session.topic is not None
    topic = draft.tree.topics.get(session.topic)
    within = topic.reply_within if topic else timedelta(hours=24)
    return MessagePromised(
        id=f"message-{session.recording or session.call}",
        at=draft.at,
        hotline=session.hotline,
        call=session.call,
        topic=session.topic,
        language=session.language,
        recording=session.recording,
        duration_s=session.recorded_s,
        due_at=due_at(draft.at, within, draft.tree.calendar_of(session.topic)),
    )


def _thank(draft: Draft, node: Voicemail, promised: MessagePromised) -> None:
    session = draft.session
    words = deadline_words(promised.due_at, session.language, now=draft.at, zone=draft.tree.zone)
    draft.say(node.done, reply_by=words)
    case_talk.read(draft)
    enter(draft, node.goto)
