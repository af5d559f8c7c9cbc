"""The talk about a code: sent, keyed, skipped. Whatever comes of it, the call goes on.

It is asked for at a door of its own (`verify`), so that each step can be told what SQL knows. The words are the same
whether the number is linked to an account or not: nobody learns from us who has one. A caller who cannot or does not want to
be verified goes on to the same people, who then help without touching the account.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ivr.core import facts
from ivr.core.draft import MENU_PULSE, Draft
from ivr.core.events import Event
from ivr.core.ids import NodeId, PromptId
from ivr.core.instructions import Alarm
from ivr.core.menus import PERSON_KEY, Verify
from ivr.core.session import State
from ivr.core.verification import (
    BY_CODE,
    FINAL,
    TRIES,
    CodeOrdered,
    CodeOver,
    Known,
    Proof,
    SendCode,
    Verification,
)
from ivr.core.verification_events import VerifyAsked
from ivr.core.walk import enter

SILENCES = 3
SMS = PromptId("sms_verify")
WORDS = {
    Proof.VERIFIED: PromptId("verify_done"),
    Proof.SKIPPED: PromptId("verify_skip"),
    Proof.SILENT: PromptId("verify_skip"),
    Proof.FAILED: PromptId("verify_failed"),
    Proof.UNABLE: PromptId("verify_unable"),
    Proof.LOCKED: PromptId("verify_unable"),
    Proof.TROUBLE: PromptId("verify_unable"),
}


def take(draft: Draft, event: Event) -> None:
    """One step of it."""
    assert isinstance(event, VerifyAsked)
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if not isinstance(node, Verify):
        enter(draft, draft.session.node or draft.tree.start)
        return
    so_far = draft.session.verification or Verification()
    if draft.session.verified:
        enter(draft, node.goto)
    elif so_far.result in FINAL:
        enter(draft, node.unverified or node.goto)
    elif event.known is None:
        _over(draft, node, Proof.TROUBLE)
    elif so_far.awaited:
        _take_digits(draft, node, event, event.known)
    else:
        _send(draft, node, event.known)


def _send(draft: Draft, node: Verify, known: Known) -> None:
    """Promise a code. One who is not to get one hears the same."""
    session, number = draft.session, draft.session.caller.number
    if not known.able or number is None:
        _over(draft, node, Proof.UNABLE)
        return
    if known.locked:
        _over(draft, node, Proof.LOCKED, reason=known.locked)
        return
    code = hashlib.sha256(f"code:{session.call}:{session.step}".encode()).hexdigest()[:16]
    draft.commit(CodeOrdered(id=code, at=draft.at, hotline=session.hotline, call=session.call, number=number))
    draft.set(verification=Verification(code=code), silences=0)
    if all(session.answers.get(name) == value for name, value in node.only_if.items()):
        draft.order(SendCode(call=session.call, code=code))
        draft.fact(facts.TextSent(at=draft.at, call=session.call, kind=SMS))
    draft.say(PromptId("verify_send"))
    _listen(draft, node)


def _take_digits(draft: Draft, node: Verify, event: VerifyAsked, known: Known) -> None:
    so_far = draft.session.verification
    assert so_far is not None
    if event.keys == PERSON_KEY:
        _over(draft, node, Proof.SKIPPED, to=draft.tree.person)
    elif event.keyed:
        _judge(draft, node, event, known)
    elif event.finished:
        _note_key(draft, "#", "skipped")
        _over(draft, node, Proof.SKIPPED)
    elif draft.session.silences + 1 >= SILENCES:
        _note_key(draft, "", "silence")
        _over(draft, node, Proof.SILENT)
    else:
        _note_key(draft, "", "silence")
        draft.set(silences=draft.session.silences + 1)
        draft.say(PromptId("verify_again"))
        _listen(draft, node)


def _judge(draft: Draft, node: Verify, event: VerifyAsked, known: Known) -> None:
    so_far = draft.session.verification
    assert so_far is not None
    wrongs = so_far.wrongs + (not known.right)
    _note_key(draft, "•" * event.keyed, "entry" if known.right else "wrong")
    draft.set(verification=replace(so_far, wrongs=wrongs), silences=0)
    if known.right:
        _over(draft, node, Proof.VERIFIED)
    elif wrongs >= TRIES:
        _over(draft, node, Proof.FAILED)
    else:
        draft.say(PromptId("verify_retry"), n=str(TRIES - wrongs))
        _listen(draft, node)


def _listen(draft: Draft, node: Verify) -> None:
    """No count of digits ends the entry: the `#` that the words ask for would reach whoever listens next."""
    draft.set(state=State.MENU)
    draft.listen("verify", for_s=round(node.timeout.total_seconds()), digits=None, finish="#")
    draft.wake(Alarm.PULSE, MENU_PULSE)


def _over(draft: Draft, node: Verify, result: Proof, *, reason: str = "", to: NodeId | None = None) -> None:
    """The proof is over, however: note it, say so, and go on."""
    session = draft.session
    so_far = session.verification or Verification()
    if so_far.code and result in (Proof.VERIFIED, Proof.FAILED, Proof.SKIPPED, Proof.SILENT):
        over = CodeOver(id=f"over-{so_far.code}", at=draft.at, hotline=session.hotline, code=so_far.code, result=result)
        draft.commit(over)
    draft.set(verification=replace(so_far, result=result), silences=0)
    draft.fact(facts.Verified(at=draft.at, call=session.call, how=BY_CODE, result=result, reason=reason))
    draft.say(WORDS[result])
    goes_on = node.goto if result is Proof.VERIFIED else node.unverified or node.goto
    enter(draft, to or goes_on)


def not_kept(draft: Draft) -> bool:
    """What a verification wanted to commit could not be stored: it is over, and proves nothing. False: none was going on."""
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if not isinstance(node, Verify):
        return False
    draft.set(verification=None)
    _over(draft, node, Proof.TROUBLE)
    return True


def _note_key(draft: Draft, key: str, result: str) -> None:
    session = draft.session
    assert session.node is not None
    draft.fact(facts.KeyPressed(at=draft.at, call=session.call, node=session.node, key=key, result=result))
