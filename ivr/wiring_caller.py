"""What the switchboard knows about one caller (proof, earlier calls) and about other systems of the house, joined together."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from ivr.core.errors import OperatorError
from ivr.core.verification import CODE_DIGITS
from ivr.outside.allowed import AllowList
from ivr.settings import Settings
from ivr.workflows.look_up import LookUp, Outside, Question
from ivr.workflows.notice_repeats import NoticeRepeats
from ivr.workflows.verify_caller import SendCodes, TellOfVerification

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from ivr.storage.sql.codes import Codes
    from ivr.wiring import Switchboard


def codes_of(board: Switchboard, engine: Engine) -> Codes:
    from ivr.storage.sql.codes import Codes

    return Codes(engine, board.seals)


def tell_of_verification(board: Switchboard) -> TellOfVerification:
    return TellOfVerification(codes=codes_of(board, board.voice_engine), sessions=board.sessions)


def send_codes(board: Switchboard) -> SendCodes:
    return SendCodes(
        codes=codes_of(board, board.engine),
        sessions=board.sessions,
        menus=board.menus,
        texts=board.evidence.texts,
        draw=draw_proof,
        clock=board.clock,
    )


def notice_repeats(board: Switchboard) -> NoticeRepeats:
    from ivr.storage.sql.earlier_calls import EarlierCalls

    return NoticeRepeats(earlier=EarlierCalls(board.voice_engine, board.seals))


def look_up(board: Switchboard) -> LookUp:
    return LookUp(outside=OutsideWhenAsked(board.settings), sessions=board.sessions, menus=board.menus)


class OutsideWhenAsked:
    """The HTTP library is loaded by the first question: most hotlines ask none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._allowed = allowed_by(settings)

    @cached_property
    def _outside(self) -> Outside:
        from ivr.outside.ask import AskOutside

        settings = self._settings
        hooks = frozenset(hook.strip() for hook in settings.lookup_hooks.split(",") if hook.strip())
        return AskOutside(allowed=self._allowed, secrets=settings.lookup_secrets_by_name, hooks=hooks)

    def ask(self, question: Question) -> object:
        return self._outside.ask(question)


def allowed_by(settings: Settings) -> AllowList:
    """Raises OperatorError."""
    try:
        return AllowList.parse(settings.lookup_hosts)
    except ValueError as err:
        raise OperatorError(f"IVR_LOOKUP_HOSTS: {err}") from err


def draw_proof() -> str:
    """Six digits that nobody can foresee."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def draw_code() -> str:
    """Four digits that nobody can foresee."""
    return f"{secrets.randbelow(10_000):04d}"
