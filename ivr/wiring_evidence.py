"""The parts of the switchboard that have to do with what callers give in writing."""

from __future__ import annotations

import base64
import secrets
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from ivr.core.facts import Repaired
from ivr.storage.sql.evidence import EvidenceBook
from ivr.storage.vault import Vault
from ivr.web.doors import HotlineCard
from ivr.workflows.checked_texts import CheckedTexts
from ivr.workflows.hand_over import HandOver
from ivr.workflows.keep_evidence import ForgetEvidence, OpenFile, ScanFiles
from ivr.workflows.receive_evidence import ReceiveEvidence, TellOfLinks

if TYPE_CHECKING:
    from ivr.wiring import Switchboard

TOKEN_BYTES = 16
JOBS, SCAN = "ivr-jobs", "ivr.jobs.tasks.scan_files"
"""Queue and name of the job that scans."""
log = structlog.get_logger(__name__)


class EvidenceParts:
    def __init__(self, board: Switchboard) -> None:
        self._board = board

    @cached_property
    def vault(self) -> Vault:
        return Vault(self._board.settings.data_dir / "evidence", self._board.seals)

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
            scans=bool(self._board.settings.scan_command),
            nudge=self._nudge,
        )

    @cached_property
    def hand_over(self) -> HandOver:
        return HandOver(menus=self._board.menus, clock=self._board.clock)

    @cached_property
    def shelf(self) -> EvidenceBook:
        return self._board.evidence_of(self._board.engine)

    @cached_property
    def texts(self) -> CheckedTexts:
        """The only way out for text messages."""
        own = urlsplit(self._board.settings.public_url).hostname or ""
        return CheckedTexts(texts=self._board.carrier, menus=self._board.menus, own=own, note=self._refused)

    def _refused(self, host: str) -> None:
        """A text was not sent: in the log, among the facts, and counted by `/metrics` as a repair."""
        log.error("text_refused", host=host)
        fact = Repaired(at=self._board.clock.now(), call=None, what="text with a foreign link not sent")
        self._board.facts.add([fact], key=f"text-refused-{secrets.token_hex(8)}")

    @cached_property
    def open_file(self) -> OpenFile:
        return OpenFile(
            shelf=self.shelf,
            vault=self.vault,
            presences=self._board.presences,
            audit=self._board.people.audit,
            clock=self._board.clock,
        )

    @cached_property
    def scan(self) -> ScanFiles:
        from ivr.storage.scanner import Scanner

        return ScanFiles(
            files=self.shelf,
            vault=self.vault,
            scan=Scanner(self._board.settings.scan_command),
            news=self._board.facts,
            watching=self.receive.watching,
        )

    def scan_waiting(self) -> int:
        """Files looked at; none without a scanner."""
        return self.scan() if self._board.settings.scan_command else 0

    @cached_property
    def forget(self) -> ForgetEvidence:
        return ForgetEvidence(
            rows=self.shelf,
            vault=self.vault,
            clock=self._board.clock,
            kept=timedelta(days=self._board.settings.evidence_days),
        )

    def _nudge(self) -> None:
        """The worker scans at once instead of at its next round. Only a hint: without it the round comes anyway."""
        import redis
        from rq import Queue
        from rq.serializers import JSONSerializer

        with suppress(redis.RedisError):
            queue = Queue(JOBS, connection=redis.Redis.from_url(self._board.redis_url), serializer=JSONSerializer)
            queue.enqueue(SCAN, result_ttl=60)

    def hotline(self, dialled: str) -> HotlineCard:
        tree = self._board.menus.by_number(dialled)
        titles = {str(name): title for name, title in tree.title.items()}
        return HotlineCard(titles=titles, number=tree.own_number(dialled))


def draw_token() -> str:
    """128 random bits, in letters and digits that survive every text message."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=").lower()
