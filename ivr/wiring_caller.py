"""What the switchboard knows about one caller's proof and about other systems of the house, joined together."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ivr.core.verification import CODE_DIGITS
from ivr.workflows.verify_caller import SendCodes, TellOfVerification

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from ivr.storage.sql.codes import Codes
    from ivr.wiring import Switchboard


def codes_of(board: Switchboard, engine: Engine) -> Codes:
    from ivr.storage.sql.codes import Codes
    from ivr.storage.sql.seals import Seals

    return Codes(engine, Seals(board.settings.secret, board.settings.old_secrets))


def tell_of_verification(board: Switchboard) -> TellOfVerification:
    return TellOfVerification(codes=codes_of(board, board.voice_engine), sessions=board.sessions)


def send_codes(board: Switchboard) -> SendCodes:
    return SendCodes(
        codes=codes_of(board, board.engine),
        sessions=board.sessions,
        menus=board.menus,
        texts=board.carrier,
        draw=draw_proof,
        clock=board.clock,
    )


def draw_proof() -> str:
    """Six digits that nobody can foresee."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
