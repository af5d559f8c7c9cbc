"""The parts of the switchboard that have to do with what callers give in writing."""

from __future__ import annotations

import base64
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from ivr.storage.sql.seals import Seals
from ivr.storage.vault import Vault
from ivr.web.doors import HotlineCard
from ivr.workflows.receive_evidence import ReceiveEvidence, TellOfLinks

if TYPE_CHECKING:
    from ivr.wiring import Switchboard

TOKEN_BYTES = 16


class EvidenceParts:
    def __init__(self, board: Switchboard) -> None:
        self._board = board

    @cached_property
    def vault(self) -> Vault:
        settings = self._board.settings
        return Vault(settings.data_dir / "evidence", Seals(settings.secret, settings.old_secrets))

    @cached_property
    def tell_of_links(self) -> TellOfLinks:
        return TellOfLinks(
            links=self._board.evidence_of(self._board.voice_engine),
            sessions=self._board.sessions,
            cases=self._board.cases,
            origin=self._board.settings.public_url,
            draw=draw_token,
        )

    @cached_property
    def receive(self) -> ReceiveEvidence:
        return ReceiveEvidence(
            links=self._board.evidence_of(self._board.engine),
            vault=self.vault,
            sessions=self._board.sessions,
            news=self._board.facts,
            clock=self._board.clock,
            draw=lambda: secrets.token_hex(16),
            scans=False,
            nudge=lambda: None,
        )

    def hotline(self, dialled: str) -> HotlineCard:
        tree = self._board.menus.by_number(dialled)
        number = dialled if dialled in tree.numbers else tree.numbers[0]
        return HotlineCard(titles={str(name): title for name, title in tree.title.items()}, number=number)


def draw_token() -> str:
    """128 random bits, in letters and digits that survive every text message."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=").lower()
