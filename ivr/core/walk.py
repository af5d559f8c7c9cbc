"""The way through the menu: enter a node, do what it says, and stop where the caller has a say.

`enter` follows the tree until something waits for the caller (keys, a recording, a queue, an outside number) or the
call ends. `take_keys` brings the keys of the last stop to the interpreter and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ivr.core import access, case_talk, evidence_links, facts, incidents, shut, taping, tickets
from ivr.core.callback_rules import Registration
from ivr.core.draft import MENU_PULSE, Draft
from ivr.core.events import CallArrived, Event, LinkAsked, NotKept, OutsideDialled, StepAsked
from ivr.core.hours import is_open
from ivr.core.ids import Language, NodeId, PromptId
from ivr.core.instructions import Alarm, DialOut, Gather, HangUp, RecordMessage, Speak
from ivr.core.interpreter import (
    Again,
    Chosen,
    Entered,
    MoveTo,
    answer_collect,
    answer_confirm,
    answer_menu,
)
from ivr.core.menus import (
    Callback,
    Collect,
    Evidence,
    Goto,
    Hangup,
    Hours,
    Incident,
    Lookup,
    Menu,
    Node,
    Progress,
    Queue,
    Returning,
    Say,
    Sms,
    Transfer,
    Verify,
    Voicemail,
)
from ivr.core.queueing import join
from ivr.core.session import State

MESSAGE_PULSE = timedelta(minutes=10)
HOPS = 60
"""More nodes than this without a stop is a loop; the check refuses such trees, this keeps a bad one from hanging."""
HIDDEN = "•"
DOORS: Mapping[type[Node], str] = {Callback: "callback", Verify: "verify", Lookup: "lookup"}
"""Kinds of node that ask at a door of their own."""


def greet(draft: Draft, event: Event) -> None:
    """The first webhook of a call: into the tree, in the best language known."""
    assert isinstance(event, CallArrived)
    draft.tell_call(event.at, kind=event.caller.kind)
    access.greet(draft)
    skipping = tickets.use(draft, event.ticket) if event.ticket else None
    enter(draft, skipping or draft.tree.start)


def enter(draft: Draft, start: NodeId) -> None:
    """Walk from `start` to the next place where the caller has a say."""
    here: NodeId | None = start
    for _ in range(HOPS):
        if here is None:
            return
        node = draft.tree.nodes.get(here)
        if node is None:  # the menu the call began with is gone, and the present one has no such place
            break
        if node.id != draft.session.node:
            draft.set(silences=0, wrongs=0, entry="")
        draft.set(node=node.id)
        draft.fact(facts.NodeEntered(at=draft.at, call=draft.session.call, node=node.id))
        here = _visit(draft, node)
    if here is not None:
        enter_person(draft)


def enter_person(draft: Draft) -> None:
    """A person is the answer to everything that does not work."""
    onward: NodeId | None = draft.tree.person
    for _ in range(HOPS):
        if onward is None:
            return
        here = draft.tree.node(onward)
        draft.set(node=here.id)
        onward = _visit(draft, here)


def _visit(draft: Draft, node: Node) -> NodeId | None:
    """Do what a node says. The next node, or None when the leg now waits or ends."""
    match node:
        case Menu() | Collect():
            ask(draft, node)
        case Say():
            for prompt in node.prompts:
                draft.say(prompt)
            return node.goto
        case Goto():
            return node.goto
        case Hours():
            calendar = draft.tree.calendars[node.calendar]
            return node.open if is_open(calendar, draft.at) else node.closed
        case Queue():
            return _into_line(draft, node)
        case Callback() | Verify() | Lookup():
            _elsewhere(draft, node)
        case Voicemail():
            record(draft, node)
        case Transfer():
            draft.set(state=State.MENU)
            draft.say(node.prompt)
            draft.then(DialOut(number=node.number, link=draft.link("dialled"), timeout_s=_s(node.timeout)))
            draft.wake(Alarm.PULSE, timedelta(hours=1))
        case Hangup():
            draft.say(node.prompt)
            finish(draft, hung_up_by="service")
        case _:
            return VISITS.get(type(node), _lost)(draft, node)
    return None


def _into_line(draft: Draft, node: Queue) -> NodeId | None:
    if not shut.is_shut(draft, node):
        join(draft, node)
        return None
    onward = shut.turn_away(draft, node)
    if onward is None:
        draft.say(PromptId("bye"))
        finish(draft, hung_up_by="service")
    return onward


def _lost(draft: Draft, _node: Node) -> None:
    enter_person(draft)


VISITS: Mapping[type[Node], Callable[[Draft, Any], NodeId | None]] = {
    Incident: incidents.pass_by,
    Evidence: evidence_links.visit,
    Sms: evidence_links.visit,
    Returning: case_talk.fork,
    Progress: case_talk.look_up,
}
"""Nodes whose rule stands with their feature."""


def _elsewhere(draft: Draft, node: Callback | Verify | Lookup) -> None:
    """On to a door of its own, whose event is told what its rule must know."""
    if isinstance(node, Callback):
        draft.set(registration=Registration())
    draft.ask_at(DOORS[type(node)])


def ask(draft: Draft, node: Menu | Collect) -> None:
    """Say the node's prompt inside a collector and wait for keys."""
    draft.set(state=State.MENU)
    confirming = isinstance(node, Collect) and bool(draft.session.entry)
    if isinstance(node, Collect) and confirming:
        draft.say(node.confirm, digits=draft.session.entry)
    else:
        draft.say(node.prompt, **case_talk.menu_slots(draft.session))
    listen(draft, node, one_key=confirming or isinstance(node, Menu))
    draft.wake(Alarm.PULSE, MENU_PULSE)


def listen(draft: Draft, node: Menu | Collect, *, one_key: bool) -> None:
    if one_key:
        draft.listen("step", for_s=_s(node.timeout))
    else:
        assert isinstance(node, Collect)
        draft.listen("step", for_s=_s(node.timeout), digits=node.max_digits, finish="#")


def not_kept(draft: Draft, event: Event) -> None:
    """What the caller asked for could not be stored: say so without blame, and lead to a person."""
    assert isinstance(event, NotKept)
    onward = taping.not_kept(draft, event.refused) or evidence_links.not_kept(draft)
    if onward is not None:
        enter(draft, onward)
        return
    _lead_over(draft, PromptId("system_trouble"))
    enter_person(draft)


def take_keys(draft: Draft, event: Event) -> None:
    """Keys at the node where the caller stands."""
    assert isinstance(event, StepAsked)
    node = draft.tree.nodes.get(draft.session.node or draft.tree.start)
    if isinstance(node, Menu):
        outcome = answer_menu(
            draft.tree, node, event.keys, silences=draft.session.silences, wrongs=draft.session.wrongs
        )
        _record_keys(draft, node, event.keys, outcome)
        _follow_menu(draft, node, outcome)
    elif isinstance(node, Collect):
        _take_digits(draft, node, event)
    else:
        enter(draft, node.id if node else draft.tree.start)


def _follow_menu(draft: Draft, node: Menu, outcome: Chosen | Again | MoveTo | Entered) -> None:
    match outcome:
        case Chosen(choice=choice):
            draft.set(silences=0, wrongs=0, answers={**draft.session.answers, **choice.sets})
            taping.choose(draft, node, choice)
            for name, value in choice.sets.items():
                draft.fact(facts.Answer(at=draft.at, call=draft.session.call, name=name, value=value))
            if choice.path:
                draft.set(path=_path(draft, node, choice.path))
            if choice.language or choice.other_language:
                speak(draft, choice.language or _next_language(draft))
            enter(draft, choice.goto)
        case Again():
            _repeat(draft, node, outcome)
        case MoveTo(node=target, before=before, key=key, result=result):
            if result == "back":
                draft.set(path=draft.session.path[:-1])
            _lead_over(draft, before)
            access.lead_on(draft, before)
            heard, told = draft.session.incidents, draft.session.recording_told
            enter(draft, target)
            if key and isinstance(draft.tree.nodes.get(draft.session.node or NodeId("")), Menu):
                incidents.unheard(draft, heard)
                draft.set(recording_told=told)
                _press_ahead(draft, key)
        case Entered():
            raise AssertionError(outcome)


def _press_ahead(draft: Draft, key: str) -> None:
    """The key was meant for this menu: drop its question and take the key at once.

    A menu without choices asks nothing: it announces something, and that is said all the same (`DOMAIN.md` C5), as is a prompt
    that keys never cut off.
    """
    here = draft.tree.nodes[draft.session.node or NodeId("")]
    assert isinstance(here, Menu)
    asked = [one for one in draft.instructions if isinstance(one, Gather)]
    draft.instructions = [one for one in draft.instructions if not isinstance(one, Gather)]
    draft.held.clear()
    if here.choices and draft.tree.prompts[here.prompt].interruptible:
        draft.facts = [f for f in draft.facts if not isinstance(f, facts.PromptHeard) or f.prompt != here.prompt]
    else:
        draft.instructions.extend(Speak(sounds=one.sounds) for one in asked)
    take_keys(draft, StepAsked(at=draft.at, keys=key))


def _path(draft: Draft, node: Menu, word: str) -> tuple[str, ...]:
    """The topic path after a choice: a choice at the top begins a new one."""
    return (word,) if node.back is None else (*draft.session.path, word)


def _repeat(draft: Draft, node: Menu | Collect, again: Again) -> None:
    if again.counts:
        draft.set(**{again.counts: getattr(draft.session, again.counts) + 1})
    if again.slower:
        access.change_speed(draft)
    draft.set(entry="")
    _lead_over(draft, again.before)
    ask(draft, node)


def _lead_over(draft: Draft, prompt: PromptId | None) -> None:
    """A short line before what comes next, if the tree has it. Its `{menu}` is what comes next."""
    draft.say_if_there(prompt, menu="")


def _take_digits(draft: Draft, node: Collect, event: StepAsked) -> None:
    session = draft.session
    if session.entry:
        outcome = answer_confirm(node, event.keys, digits=session.entry)
    else:
        failures = session.silences + session.wrongs
        outcome = answer_collect(draft.tree, node, event.keys, finished=event.finished, failures=failures)
    _record_keys(draft, node, event.keys, outcome)
    match outcome:
        case Entered(digits=digits) if node.confirm is not None and not session.entry:
            draft.set(entry=digits)
            ask(draft, node)
        case Entered(digits=digits):
            _keep(draft, node, digits)
            enter(draft, node.goto)
        case Again():
            _repeat(draft, node, outcome)
        case MoveTo(node=target, before=before):
            _lead_over(draft, before)
            access.lead_on(draft, before)
            enter(draft, target)
        case Chosen():
            raise AssertionError(outcome)


def _keep(draft: Draft, node: Collect, digits: str) -> None:
    draft.set(entry="", silences=0, wrongs=0)
    if node.secret:
        return
    draft.set(answers={**draft.session.answers, node.store: digits})
    draft.fact(facts.Answer(at=draft.at, call=draft.session.call, name=node.store, value=digits))


def _record_keys(draft: Draft, node: Menu | Collect, keys: str, outcome: object) -> None:
    secret = isinstance(node, Collect) and node.secret
    match outcome:
        case Chosen():
            result = "choice"
        case Entered():
            result = "entry"
        case _:
            result = str(getattr(outcome, "result", ""))
    draft.fact(
        facts.KeyPressed(
            at=draft.at,
            call=draft.session.call,
            node=node.id,
            key=HIDDEN * len(keys) if secret else keys,
            result=result,
        )
    )


def speak(draft: Draft, language: Language) -> None:
    """Go on in another language."""
    draft.set(language=language)
    draft.fact(facts.LanguageChosen(at=draft.at, call=draft.session.call, language=language))


def _next_language(draft: Draft) -> Language:
    order = list(draft.tree.voices)
    return order[(order.index(draft.session.language) + 1) % len(order)]


def link_asked(draft: Draft, event: Event) -> None:
    """The leg was told a fresh link: send it and go on."""
    assert isinstance(event, LinkAsked)
    enter(draft, evidence_links.send(draft, event) or draft.session.node or draft.tree.start)


def record(draft: Draft, node: Voicemail) -> None:
    draft.set(state=State.VOICEMAIL, topic=node.topic)
    draft.say(node.prompt)
    draft.then(RecordMessage(link=draft.link("message"), max_s=_s(node.max_length)))
    draft.wake(Alarm.PULSE, MESSAGE_PULSE)


def take_outside(draft: Draft, event: Event) -> None:
    """An outside number answered and is done, or did not answer."""
    assert isinstance(event, OutsideDialled)
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if event.answered:
        draft.set(served=True)
        finish(draft, hung_up_by="service", end=facts.CallEnd.TRANSFERRED)
    elif isinstance(node, Transfer):
        enter(draft, node.failed)
    else:
        enter_person(draft)


def finish(draft: Draft, *, hung_up_by: str, end: facts.CallEnd | None = None) -> None:
    """The end of a call that is in no queue and no talk."""
    session = draft.session
    left = session.node or ""
    if end is None:
        end = end_of(draft)
    draft.set(state=State.ENDED, ended_at=draft.at)
    draft.fact(facts.CallEnded(at=draft.at, call=session.call, end=end, left=left, hung_up_by=hung_up_by))
    draft.wake(Alarm.PULSE, None)
    if hung_up_by != "caller":
        draft.then(HangUp())


def end_of(draft: Draft) -> facts.CallEnd:
    """How a call outside queue and talk ended, from what it did."""
    session = draft.session
    if session.connected_at is not None:
        return facts.CallEnd.ANSWERED
    if session.recording or session.recorded_s:
        return facts.CallEnd.VOICEMAIL
    return facts.CallEnd.SELF_SERVED if session.served else facts.CallEnd.LEFT_MENU


def _s(duration: timedelta) -> int:
    return max(1, round(duration.total_seconds()))
