"""The code of a caller: drawn and sent by the dispatcher, compared before the rules are asked.

The digits pass through two functions and are kept by neither: `send` puts them into the message and their hash into SQL, `asked`
compares what was keyed and takes it out of the event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ivr.core.errors import CarrierError, Unavailable
from ivr.core.events import Event
from ivr.core.ids import E164
from ivr.core.instructions import Link
from ivr.core.session import CallSession
from ivr.core.speech import plain_text
from ivr.core.verification import CODE_DIGITS, Known, SendCode
from ivr.core.verification_events import VerifyAsked
from ivr.core.verification_talk import SMS
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Clock, Menus, Sessions, Texts

AGAIN = timedelta(seconds=1)
SEND_TRIES = 3
SQL_TRIES = 30
PLACE = "{code}"
"""Where the digits go. They are put in last, by hand, so that no cache of words ever holds them."""

log = structlog.get_logger(__name__)


class Codes(Protocol):
    """Raises `Unavailable`."""

    def keep(self, code: str, digits: str, at: datetime) -> bool: ...

    def matches(self, code: str, digits: str, at: datetime) -> bool: ...

    def locked(self, number: str, at: datetime) -> str: ...


@dataclass(frozen=True, kw_only=True)
class TellOfVerification:
    """Fills the event of the door `verify`."""

    codes: Codes
    sessions: Sessions

    def __call__(self, link: Link, event: Event) -> Event:
        assert isinstance(event, VerifyAsked)
        # One key is a wish (0: a person), never a code.
        bare = replace(event, keys=event.keys if len(event.keys) == 1 else "", keyed=len(event.keys))
        try:
            session = self.sessions.find(link.call)
            return replace(bare, known=self._known(session, event) if session else None)
        except Unavailable as err:
            log.warning("verification_not_known", reason=str(err))
            return bare

    def _known(self, session: CallSession, event: VerifyAsked) -> Known:
        caller, proof = session.caller, session.verification
        able = caller.texts_to is not None
        if proof is None or not proof.awaited:
            return Known(able=able, locked=self.codes.locked(caller.number, event.at) if caller.number else "")
        whole = len(event.keys) == CODE_DIGITS
        return Known(able=able, right=whole and self.codes.matches(proof.code, event.keys, event.at))


@dataclass(frozen=True, kw_only=True)
class SendCodes:
    """Carries out `SendCode`. Sent again after a fault of the carrier's, it draws anew: the last code is the good one."""

    codes: Codes
    sessions: Sessions
    menus: Menus
    texts: Texts
    draw: Callable[[], str]
    """Six digits that nobody can foresee."""
    clock: Clock

    def __call__(self, order: SendCode, *, tries: int) -> timedelta | None:
        """A duration means: not yet, come again after it. Raises `CarrierError`."""
        session = self.sessions.find(order.call)
        number = session.caller.number if session else None
        if session is None or number is None or not _wanted(session, order):
            return None
        digits = self.draw()
        try:
            if not self.codes.keep(order.code, digits, self.clock.now()):
                return None
        except Unavailable:
            return AGAIN if tries < SQL_TRIES else None
        try:
            self._send(session, number, digits)
        except CarrierError as err:
            if err.unknown and tries < SEND_TRIES:
                return AGAIN  # perhaps it was sent: two messages do no harm, a code that never comes does
            raise
        return None

    def _send(self, session: CallSession, number: E164, digits: str) -> None:
        tree = tree_of(self.menus, session)
        words = plain_text(tree.prompts[SMS], session.language, {"code": PLACE}, tree)
        sender = tree.own_number(session.dialled)
        self.texts.send_text(to=number, body=words.replace(PLACE, digits), sender=sender)


def _wanted(session: CallSession, order: SendCode) -> bool:
    """Still awaited: the caller is there, and has neither keyed, skipped nor been sent another one."""
    proof = session.verification
    return proof is not None and proof.code == order.code and proof.awaited and session.ended_at is None
