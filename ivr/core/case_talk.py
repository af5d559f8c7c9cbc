"""What a caller hears of their case: its number, twice and in full, before goodbye, and the text that carries it.

The event that needs a case brings it (`workflows/keep_case`): stored already, or prepared to be committed together with a
promise. One that could not be stored is not there, and then nothing is said of it: the call goes on.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.core import facts
from ivr.core.cases import ANSWER, CallCase, Case, CaseOpened, case_id
from ivr.core.draft import Draft
from ivr.core.ids import NodeId, PromptId
from ivr.core.menus import Progress, Returning
from ivr.core.session import CallSession

READ, READ_ONLY = PromptId("case_read"), PromptId("case_read_only")
"""With and without "we also send it by text message"."""
SMS = PromptId("sms_case")
LAST4 = 4


def fork(draft: Draft, node: Returning) -> NodeId:
    """Callers whose number has a case under way are asked whether they call about it."""
    return node.found if draft.session.open_case else node.goto


def look_up(draft: Draft, _node: Progress) -> None:
    """On to the door at which the step is told how the case stands (`case_progress`)."""
    draft.set(status_told=False, silences=0)
    draft.ask_at("case")


def number_asked(session: CallSession) -> str:
    """The case that the caller asks about: the one keyed, else their own; empty when there is neither."""
    return session.answers.get(ANSWER) or session.open_case


def menu_slots(session: CallSession) -> dict[str, str]:
    """What any menu's prompt may say of the caller's open case."""
    return {"last4": session.open_case[-LAST4:]} if session.open_case else {}


def keep(draft: Draft, case: Case | None) -> None:
    """The call belongs to this case from now on."""
    session = draft.session
    if case is None or (session.case is not None and session.case.id == case.id):
        return
    opened = case.id == case_id(session.call)
    draft.set(case=CallCase(id=case.id, number=case.number, opened=opened))
    draft.fact(facts.CaseKept(at=draft.at, call=session.call, case=case.id, opened=opened))


def open_with(draft: Draft, case: Case | None) -> None:
    """The same for a case that is stored with this step's other commitments."""
    if case is not None:
        draft.commit(
            CaseOpened(
                id=draft.commitment_id("case"), at=draft.at, hotline=case.hotline, call=draft.session.call, case=case
            )
        )
    keep(draft, case)


def read(draft: Draft) -> None:
    """Say the number, once a call, and send it."""
    case = draft.session.case
    if case is None or case.told:
        return
    draft.say_if_there(READ if _can_send(draft, case) else READ_ONLY, digits=case.number)
    send(draft)


def send(draft: Draft) -> None:
    """The text alone, for a caller who is no longer there to hear the number. Whoever joined a case has it already."""
    session = draft.session
    case = session.case
    if case is None or case.told:
        return
    number = session.caller.texts_to
    if _can_send(draft, case) and number is not None:
        topic = draft.tree.topics.get(session.topic) if session.topic else None
        name = topic.names.get(session.language, "") if topic else ""
        draft.text(number, SMS, digits=case.number, topic=name)
    draft.set(case=replace(case, told=True))


def _can_send(draft: Draft, case: CallCase) -> bool:
    return case.opened and draft.session.caller.texts_to is not None and SMS in draft.tree.prompts
