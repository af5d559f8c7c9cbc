"""The registration of a callback: whose number, when, and the promise.

It is asked for at a door of its own (`callback`), so that each step can be told what SQL and the number policy know. A
caller who comes from the queue keeps the place while they choose (the session keeps its `demand`), and is back in it when
nothing comes of it. The promise is a commitment: it stands in SQL before the caller hears the code.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from ivr.core import callback_texts, case_talk, facts
from ivr.core.callback_events import CallbackAsked
from ivr.core.callback_expected import expect, note_told, when_of
from ivr.core.callback_orders import BringCallback, CallbackCancelled, CallbackPromised, PutOffCallback
from ivr.core.callback_rules import (
    SLOT_EXPIRES,
    Callee,
    Known,
    OpenCallback,
    Promise,
    Registration,
    Window,
    hold_expires,
)
from ivr.core.draft import MENU_PULSE, Draft
from ivr.core.events import Event
from ivr.core.ids import NodeId, PromptId, TopicId
from ivr.core.instructions import Alarm, GoOn, HangUp
from ivr.core.menus import PERSON_KEY, Callback
from ivr.core.queueing import PULSE, leave, priority_of, set_alarms
from ivr.core.session import State
from ivr.core.walk import enter

KEY_S = 5
ENTRY_S = 8
DIGITS = 20
TRIES = 3
LAST4 = 4
LINE_ENDS = timedelta(seconds=60)
"""The code is said and the line put down well within this."""


def take(draft: Draft, event: Event) -> None:
    """One step of it. What could not be read promises nothing."""
    assert isinstance(event, CallbackAsked)
    known = event.known
    if known is None:
        _unable(draft)
        return
    if event.keys[:1] == PERSON_KEY and _stage(draft) not in ("", "entry"):
        back(draft)
        return
    match _stage(draft):
        case "number":
            _confirm_number(draft, event, known)
        case "entry":
            _take_number(draft, event, known)
        case "when":
            _choose_kind(draft, event, known)
        case "slots":
            _choose_slot(draft, event, known)
        case "exists":
            _keep_or_cancel(draft, event)
        case _:
            _begin(draft, known)


def _stage(draft: Draft) -> str:
    return draft.session.registration.stage if draft.session.registration else ""


def _begin(draft: Draft, known: Known) -> None:
    if known.open is not None:
        say_exists(draft, known.open)
    elif known.refused:
        _refuse(draft, known.refused)
    elif known.callee is None:
        _ask(draft, "entry", PromptId("cb_number_enter"))
    else:
        _stay(draft, callee=known.callee)
        _ask(draft, "number", PromptId("cb_number"), last4=known.callee.number[-LAST4:])


def _confirm_number(draft: Draft, event: CallbackAsked, known: Known) -> None:
    callee = draft.session.registration.callee if draft.session.registration else None
    match event.keys[:1]:
        case "1" if callee is not None:
            _ask_when(draft, callee, known)
        case "2":
            _ask(draft, "entry", PromptId("cb_number_enter"))
        case _ if callee is not None and _may_repeat(draft):
            _ask(draft, "number", PromptId("cb_number"), last4=callee.number[-LAST4:])
        case _:
            back(draft)


def _take_number(draft: Draft, event: CallbackAsked, known: Known) -> None:
    if event.keys == PERSON_KEY:
        back(draft)
    elif event.keys and known.open is not None:
        say_exists(draft, known.open)
    elif event.keys and known.refused:
        _refuse(draft, known.refused)
    elif event.keys and known.callee is not None:
        _stay(draft, callee=known.callee)
        draft.set(silences=0, wrongs=0)
        _ask(draft, "number", PromptId("cb_number_entered"), digits=known.callee.number.removeprefix("+"))
    elif _may_repeat(draft):
        _ask(draft, "entry", PromptId("cb_number_bad" if event.keys else "cb_number_enter"))
    else:
        _unable(draft)


def _ask_when(draft: Draft, callee: Callee, known: Known) -> None:
    draft.set(silences=0)
    if not known.now_fits and not known.slots:
        _unable(draft)
    elif not known.now_fits:
        _ask_slots(draft, callee, tuple(known.slots))
    else:
        _stay(draft, slots=tuple(known.slots))
        _ask(draft, "when", PromptId("cb_when"))


def _choose_kind(draft: Draft, event: CallbackAsked, known: Known) -> None:
    registration = draft.session.registration
    if registration is None or registration.callee is None:
        back(draft)
    elif event.keys[:1] == "1" and known.now_fits:
        _promise(draft, registration.callee, known, None)
    elif event.keys[:1] in ("1", "2") and known.slots:
        _ask_slots(draft, registration.callee, tuple(known.slots))
    elif _may_repeat(draft):
        _ask(draft, "when", PromptId("cb_when"))
    else:
        back(draft)


def _ask_slots(draft: Draft, callee: Callee, offered: tuple[Window, ...]) -> None:
    words = [when_of(draft, callee, one) for one in offered]
    _stay(draft, slots=offered)
    slots = {f"slot{number}": words[min(number, len(words)) - 1] for number in (1, 2, 3)}
    _ask(draft, "slots", PromptId("cb_slots"), **slots)


def _choose_slot(draft: Draft, event: CallbackAsked, known: Known) -> None:
    registration = draft.session.registration
    if registration is None or registration.callee is None or not registration.slots:
        back(draft)
        return
    key = event.keys[:1]
    if key.isdigit() and 1 <= int(key) <= len(registration.slots):
        _promise(draft, registration.callee, known, registration.slots[int(key) - 1])
    elif _may_repeat(draft):
        _ask_slots(draft, registration.callee, registration.slots)
    else:
        back(draft)


# ---- the promise -----------------------------------------------------------------------------------------------


def _promise(draft: Draft, callee: Callee, known: Known, window: Window | None) -> None:
    """Commit it; then say it, order the text, and let the caller go."""
    session, node = draft.session, _node(draft)
    if node is None or known.refused or known.open is not None:
        back(draft)
        return
    topic = draft.tree.topic(node.topic)
    calendar = draft.tree.calendar_of(topic.id)
    told = window or expect(draft, callee, known, calendar)
    made = Promise(
        id=hashlib.sha256(f"{session.call}:{session.step}".encode()).hexdigest()[:16],
        hotline=session.hotline,
        topic=topic.id,
        callee=callee,
        dialled=draft.tree.own_number(session.dialled),
        call=session.call,
        language=session.language,
        path=session.path,
        priority=session.demand.priority if session.demand else priority_of(node, topic),
        queued_at=session.queued_at or draft.at,
        requested_at=draft.at,
        due_at=window.start if window else draft.at,
        expires_at=window.end + SLOT_EXPIRES if window else hold_expires(draft.at, calendar),
        window=window,
        code=known.code,
        told_by=told.end if told else None,
        dial=node.dial,
        recording=session.recording_choice,
    )
    draft.commit(CallbackPromised(id=made.id, at=draft.at, hotline=session.hotline, promise=made))
    case_talk.open_with(draft, known.case)
    if window is None:
        note_told(draft, made, known)
    if session.demand is not None:
        leave(draft, facts.Outcome.CALLBACK, reason="promised")
    draft.set(
        state=State.CALLBACK_PROMISED,
        registration=Registration(
            stage="done",
            open=OpenCallback(id=made.id, topic=made.topic, queued_at=made.queued_at, priority=made.priority),
        ),
    )
    when = when_of(draft, callee, told)
    draft.say(PromptId("cb_done"), when=when, code=made.code)
    case_talk.read(draft)
    draft.then(HangUp())
    draft.order(BringCallback(call=session.call, callback=made.id))
    if callee.mobile:
        callback_texts.send(draft, callee.number, when=when, code=made.code)
    draft.wake(Alarm.PULSE, LINE_ENDS)


# ---- a promise that is there already ---------------------------------------------------------------------------


def returning(draft: Draft, found: OpenCallback) -> bool:
    """A caller joins the line who has been promised a callback about the same: they are told. False: nothing to tell."""
    node = next(
        (one for one in draft.tree.nodes.values() if isinstance(one, Callback) and one.topic == found.topic), None
    )
    if node is None:
        return False
    draft.set(state=State.MENU, node=node.id, registration=Registration(), silences=0, wrongs=0)
    say_exists(draft, found)
    return True


def say_exists(draft: Draft, found: OpenCallback) -> None:
    _stay(draft, open=found)
    _ask(draft, "exists", PromptId("cb_exists"))


def _keep_or_cancel(draft: Draft, event: CallbackAsked) -> None:
    found = draft.session.registration.open if draft.session.registration else None
    if found is None:
        back(draft)
    elif event.keys[:1] == "1":
        draft.commit(
            CallbackCancelled(
                id=draft.commitment_id("cancel"), at=draft.at, hotline=draft.session.hotline, callback=found.id
            )
        )
        draft.order(BringCallback(call=draft.session.call, callback=found.id))
        draft.say(PromptId("cb_cancelled"))
        back(draft)
    elif event.keys[:1] == "2" or not _may_repeat(draft):
        # The line that waits has the older of both places; the promise stands until an agent is reached.
        draft.set(queued_at=min(found.queued_at, draft.session.queued_at or draft.at))
        draft.order(PutOffCallback(call=draft.session.call, callback=found.id))
        back(draft)
    else:
        _ask(draft, "exists", PromptId("cb_exists"))


# ---- ways out --------------------------------------------------------------------------------------------------


def back(draft: Draft) -> None:
    """To a person: back to the place in line, or to what the node has for that."""
    session, node = draft.session, _node(draft)
    topic = draft.tree.topics.get(session.topic) if session.topic else None
    draft.set(registration=None, silences=0, wrongs=0)
    if session.demand is not None and topic is not None:
        draft.set(state=State.QUEUED, spoken_at=draft.at, turns=max(1, session.turns))
        set_alarms(draft, topic, waited=draft.at - (session.entered_at or draft.at))
        draft.wake(Alarm.PULSE, PULSE)
        draft.seek = True
        draft.then(GoOn(link=draft.link("wait")))
    else:
        enter(draft, (node.unable if node else None) or draft.tree.person)


def _unable(draft: Draft) -> None:
    """Nothing can be promised: say so, and on to a person."""
    draft.say(PromptId("cb_unable"))
    back(draft)


def _refuse(draft: Draft, reason: str) -> None:
    node = _node(draft)
    topic = node.topic if node else TopicId("")
    draft.fact(facts.CallbackRefused(at=draft.at, call=draft.session.call, topic=topic, reason=reason))
    _unable(draft)


def not_kept(draft: Draft) -> bool:
    """What was to be promised could not be stored. False: no promise was under way."""
    if draft.session.registration is None:
        return False
    draft.say_if_there(PromptId("system_trouble"))
    back(draft)
    return True


# ---- asking ----------------------------------------------------------------------------------------------------


def _ask(draft: Draft, stage: str, prompt: PromptId, **slots: str) -> None:
    _stay(draft, stage=stage)
    draft.say(prompt, **slots)
    entry = stage == "entry"
    if entry:
        draft.listen("callback", for_s=ENTRY_S, digits=DIGITS, finish="#")
    else:
        draft.listen("callback", for_s=KEY_S)
    draft.wake(Alarm.PULSE, MENU_PULSE)


def _stay(draft: Draft, **changes: object) -> None:
    before = draft.session.registration or Registration()
    draft.set(registration=replace(before, **changes))  # type: ignore[arg-type]


def _may_repeat(draft: Draft) -> bool:
    """Counts a failure; True while there may be another try."""
    draft.set(silences=draft.session.silences + 1)
    return draft.session.silences < TRIES


def _node(draft: Draft) -> Callback | None:
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    return node if isinstance(node, Callback) else None
