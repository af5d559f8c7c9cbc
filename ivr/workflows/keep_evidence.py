"""What happens to files of callers after they came in: looked at by a scanner, opened by who may, forgotten in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ivr.core.errors import RequestError
from ivr.core.evidence import Evidence, EvidenceFile, FileState
from ivr.core.ids import AgentId, CallId
from ivr.workflows.ports import Clock, Presences
from ivr.workflows.receive_evidence import News, Vault

ORPHANED = timedelta(days=1)
"""A file without a row for so long belongs to a form that was never stored."""


class Shelf(Protocol):
    """Forms and files in SQL. Raises `Unavailable`."""

    def of_call(self, call: CallId) -> Sequence[Evidence]: ...

    def file(self, file: str) -> tuple[EvidenceFile, CallId] | None: ...

    def talked(self, call: CallId, agent: AgentId) -> bool: ...


class Unscanned(Protocol):
    def waiting(self) -> Sequence[tuple[str, CallId]]: ...

    def judged(self, file: str, state: FileState) -> bool: ...


class Ageing(Protocol):
    def older(self, than: datetime) -> Sequence[str]: ...

    def forget(self, files: Sequence[str], than: datetime) -> int: ...

    def known(self, files: Sequence[str]) -> frozenset[str]: ...


class AgeingVault(Protocol):
    def remove(self, file: str) -> None: ...

    def older(self, than: datetime) -> Iterator[str]: ...


class Audit(Protocol):
    def __call__(
        self,
        *,
        at: datetime,
        who: str,
        what: str,
        object: str = "",  # noqa: A002 - the word of the audit
        detail: Mapping[str, Any] | None = None,
    ) -> None: ...


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """A file for somebody who looks after its call, written down before the first byte."""

    shelf: Shelf
    vault: Vault
    presences: Presences
    audit: Audit
    clock: Clock

    def __call__(self, file: str, *, who: str, agent: AgentId | None, supervises: bool) -> tuple[EvidenceFile, bytes]:
        """Raises RequestError: 404 for a file that is not there or nobody's business, 409 for one that is held back."""
        found = self.shelf.file(file)
        if found is None or not (supervises or self._theirs(agent, *found)):
            raise RequestError("there is no such file", status=404, error_id="not_found")
        listed, call = found
        if not listed.opens:
            raise RequestError("this file is held back", status=409, error_id=f"file_{listed.state}")
        body = self.vault.read(file)
        if body is None:
            raise RequestError("this file is gone", status=410, error_id="file_gone")
        self.audit(
            at=self.clock.now(), who=who, what="evidence.open", object=file, detail={"call": call, "kind": listed.kind}
        )
        return listed, body

    def _theirs(self, agent: AgentId | None, file: EvidenceFile, call: CallId) -> bool:
        """The agent of the call, or of another call of its case."""
        if agent is None:
            return False
        present = self.presences.find(agent)
        if present is not None and present.call is not None:
            forms = self.shelf.of_call(present.call)
            if any(file.id == one.id for form in forms for one in form.files):
                return True
        return self.shelf.talked(call, agent)


@dataclass(frozen=True, kw_only=True)
class ScanFiles:
    """Look at every file that waits. Safe to run twice, and side by side."""

    files: Unscanned
    vault: Vault
    scan: Callable[[bytes], FileState]
    news: News
    watching: Callable[[CallId], Sequence[str]]
    """Pages that show this call."""

    def __call__(self) -> int:
        looked = 0
        for file, call in self.files.waiting():
            body = self.vault.read(file)
            state = self.scan(body) if body is not None else FileState.NOT_CHECKED
            if state is FileState.INFECTED:
                self.vault.remove(file)
            if self.files.judged(file, state):
                looked += 1
                self.news.add([], key=f"scanned-{file}", tell=self.watching(call))
        return looked


@dataclass(frozen=True, kw_only=True)
class ForgetEvidence:
    """Files, forms and links whose time is over go; the file first, then its row, so that none stays behind unknown."""

    rows: Ageing
    vault: AgeingVault
    clock: Clock
    kept: timedelta

    def __call__(self) -> int:
        """How many files went."""
        now = self.clock.now()
        gone = 0
        while files := self.rows.older(now - self.kept):
            for file in files:
                self.vault.remove(file)
            self.rows.forget(files, now - self.kept)
            gone += len(files)
        self.rows.forget((), now - self.kept)
        return gone + self._orphans(now)

    def _orphans(self, now: datetime) -> int:
        old = list(self.vault.older(now - ORPHANED))
        known = self.rows.known(old)
        orphans = [file for file in old if file not in known]
        for file in orphans:
            self.vault.remove(file)
        return len(orphans)
