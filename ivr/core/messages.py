"""A message that a caller leaves: recorded by the carrier, promised an answer by us.

The promise ("we answer by …") stands in SQL before the caller hears it, with its recording and the time that was named.
When it cannot be stored, the message itself is not lost: the caller hears that we have it and no time, and the
dispatcher writes it down as soon as SQL is back.

Where the menu offers a review, the message is stored before the caller is asked: hearing it, speaking it again, hanging up
or saying nothing more can only replace or keep it. `MessageLeft` is told once, when it is sent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ivr.core import case_talk, facts
from ivr.core.callback_words import deadline_words
from ivr.core.draft import Draft
from ivr.core.events import Event, MessageRecorded, NotKept, ReviewAsked
from ivr.core.hours import Calendar, is_open, next_change, next_opening
from ivr.core.ids import NodeId, PromptId
from ivr.core.instructions import Alarm, HangUp, Spoken
from ivr.core.menus import PERSON_KEY, Node, Voicemail
from ivr.core.message_orders import KeepMessage, MessagePromised, Unsent
from ivr.core.session import State
from ivr.core.walk import MESSAGE_PULSE, enter, finish, record

RECEIVED = PromptId("vm_received")
KEY_S = 5
TRIES = 2
"""After so many silences or other keys the message is sent as it is."""
LEAST_S = 3
"""Who hangs up sooner while recording again has not said it anew: what was said before stays."""
MESSAGE_GRACE = timedelta(seconds=20)
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
    """The recording is there: store it, and let the caller hear it, thank them, or close the call they hung up."""
    assert isinstance(event, MessageRecorded)
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    slip = event.hung_up and draft.session.unsent is not None and event.duration_s < LEAST_S
    if event.duration_s <= 0 or slip or draft.session.topic is None:
        _nothing_recorded(draft, event, node)
        return
    case_talk.keep(draft, event.case)
    message = _message(draft, event)
    if event.hung_up or not isinstance(node, Voicemail):
        draft.order(KeepMessage(call=draft.session.call, message=message))
        _left(draft, message)
        _over(draft, hung_up=event.hung_up)
        return
    draft.commit(message)
    if node.review is None:
        _left(draft, message)
        _thank(draft, node, message)
    else:
        draft.set(unsent=Unsent(id=message.id, recording=message.recording, duration_s=message.duration_s), silences=0)
        _offer_review(draft, node)


def _nothing_recorded(draft: Draft, event: MessageRecorded, node: Node | None) -> None:
    """Silence. What was recorded before it stays; whoever said nothing at all is asked once more."""
    session = draft.session
    if event.hung_up:
        send(draft)
        _over(draft, hung_up=True)
    elif isinstance(node, Voicemail) and session.unsent is not None:
        _offer_review(draft, node)
    elif isinstance(node, Voicemail):
        enter(draft, node.id) if session.silences == 0 else enter(draft, node.goto)
        draft.set(silences=session.silences + 1)
    else:
        finish(draft, hung_up_by="service")


# ---- before it is sent -----------------------------------------------------------------------------------------


def review(draft: Draft, event: Event) -> None:
    """Hear it, speak it again, send it. Silence sends it too: it is stored already, and nobody is to lose it."""
    assert isinstance(event, ReviewAsked)
    session = draft.session
    node = draft.tree.nodes.get(session.node or NodeId(""))
    if not isinstance(node, Voicemail) or session.unsent is None:
        _have_it(draft, node)
        return
    key = event.keys[:1]
    if key == "1":
        draft.set(silences=0)
        _offer_review(draft, node, sound=event.sound)
    elif key == "2":
        draft.set(unsent=replace(session.unsent, again=True))
        record(draft, node)
    elif key == PERSON_KEY:
        send(draft)
        enter(draft, draft.tree.person)
    elif key != "#" and session.silences < TRIES - 1:
        draft.set(silences=session.silences + 1)
        _offer_review(draft, node)
    else:
        message = _sent(draft)
        draft.commit(message)
        _thank(draft, node, message)


def _offer_review(draft: Draft, node: Voicemail, *, sound: str = "") -> None:
    """Ask what to do with it, after its sound when there is one: a key cuts that off too."""
    assert draft.session.unsent is not None
    if sound:
        draft.held.append(Spoken(language=draft.session.language, path=sound))
    draft.set(state=State.VOICEMAIL, unsent=replace(draft.session.unsent, again=False))
    draft.say(node.review)
    draft.listen("review", for_s=KEY_S)
    draft.wake(Alarm.PULSE, MESSAGE_PULSE)


def where_we_are(draft: Draft, event: Event) -> None:
    """A leg that asks out of turn: on with the message that it has, else with a new one."""
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if draft.session.unsent is not None and isinstance(node, Voicemail):
        _offer_review(draft, node)
    else:
        enter(draft, draft.session.node or draft.tree.start)


def hung_up(draft: Draft, event: Event) -> None:
    """Gone: what was recorded is sent. Of a recording under way the carrier reports the end: wait for that a little."""
    if draft.session.unsent is None or draft.session.unsent.again:
        draft.wake(Alarm.PULSE, MESSAGE_GRACE)
    else:
        send(draft)
        finish(draft, hung_up_by="caller")


def send(draft: Draft) -> None:
    """What was recorded and not sent yet is sent as it is; the caller no longer listens."""
    if draft.session.unsent is not None:
        _sent(draft)
        case_talk.send(draft)


def _sent(draft: Draft) -> MessagePromised:
    """What was stored when it was recorded is left for good."""
    unsent = draft.session.unsent
    assert unsent is not None
    message = _message(draft, unsent)
    _left(draft, message)
    return message


def _have_it(draft: Draft, node: Node | None) -> None:
    """The session was lost, the message was not: it stood in SQL before the caller was asked about it."""
    draft.say_if_there(RECEIVED)
    _onward(draft, node)


# ---- it is left ------------------------------------------------------------------------------------------------


def not_kept(draft: Draft, event: Event) -> None:
    """The promise could not be stored: the message is kept, and no time is named."""
    assert isinstance(event, NotKept)
    for refused in event.refused:
        if isinstance(refused, MessagePromised):
            draft.order(KeepMessage(call=draft.session.call, message=refused))
            _left(draft, refused)
    draft.say_if_there(RECEIVED)
    case_talk.read(draft)
    _onward(draft, draft.tree.nodes.get(draft.session.node or NodeId("")))


def late(draft: Draft, event: Event) -> None:
    """A recording reported after the call was closed is kept all the same; the record counts it as a message."""
    assert isinstance(event, MessageRecorded)
    session = draft.session
    if event.duration_s > 0 and not session.recorded_s and session.topic is not None:
        case_talk.keep(draft, event.case)
        case_talk.send(draft)
        message = _message(draft, event)
        draft.order(KeepMessage(call=session.call, message=message))
        _left(draft, message)
    draft.then(HangUp())


def _left(draft: Draft, message: MessagePromised) -> None:
    """The fact that a message was left."""
    draft.set(recording=message.recording, recorded_s=message.duration_s, unsent=None)
    draft.fact(
        facts.MessageLeft(
            at=draft.at,
            call=draft.session.call,
            topic=message.topic,
            duration_s=message.duration_s,
            recording=message.recording,
        )
    )


def _message(draft: Draft, recorded: MessageRecorded | Unsent) -> MessagePromised:
    """The message with the latest recording; one that is spoken again stays the same message."""
    session = draft.session
    assert session.topic is not None
    topic = draft.tree.topics.get(session.topic)
    within = topic.reply_within if topic else timedelta(hours=24)
    return MessagePromised(
        id=session.unsent.id if session.unsent else f"message-{recorded.recording or session.call}",
        at=draft.at,
        hotline=session.hotline,
        call=session.call,
        topic=session.topic,
        language=session.language,
        recording=recorded.recording,
        duration_s=recorded.duration_s,
        due_at=due_at(draft.at, within, draft.tree.calendar_of(session.topic)),
    )


def _thank(draft: Draft, node: Voicemail, message: MessagePromised) -> None:
    words = deadline_words(message.due_at, draft.session.language, now=draft.at, zone=draft.tree.zone)
    draft.say(node.done, reply_by=words)
    case_talk.read(draft)
    enter(draft, node.goto)


def _onward(draft: Draft, node: Node | None) -> None:
    if isinstance(node, Voicemail):
        enter(draft, node.goto)
    else:
        finish(draft, hung_up_by="service")


def _over(draft: Draft, *, hung_up: bool) -> None:
    case_talk.send(draft)
    finish(draft, hung_up_by="caller" if hung_up else "service")
    if hung_up:
        draft.then(HangUp())  # nobody hears it, but the carrier wants a document
