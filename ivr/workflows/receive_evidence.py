"""The form behind a texted link: told to the call's menu, received once, shown at once.

Files are sealed on the disk first, then one transaction uses the link and stores the rest; what comes twice is stored
once. Whoever talks to the caller is told at once; when Redis is away their page finds out at its next heartbeat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ivr.core.cases import Case
from ivr.core.errors import Unavailable
from ivr.core.events import Event, LinkAsked
from ivr.core.evidence import Evidence, EvidenceFile, Fault, FileState, GivenForm, KeptFile, OpenLink, judge
from ivr.core.facts import EvidenceGiven, Fact
from ivr.core.ids import CallId
from ivr.core.instructions import Link
from ivr.core.session import CallSession
from ivr.workflows.ports import Clock, Sessions


class Links(Protocol):
    """Links and forms in SQL. Raises `Unavailable`."""

    def key_of(self, token: str) -> str: ...

    def link(self, token: str) -> OpenLink | None: ...

    def take(self, link: OpenLink, given: Evidence, *, page: str) -> bool:
        """Use the link and store the form, once. False: used before, or too old."""

    def used_from(self, link: str) -> str:
        """The page from which a link was used; empty while it was not."""


class CasesToJoin(Protocol):
    def prepare(self, session: CallSession, at: datetime) -> Case:
        """The case that this call has, joins or would open; nothing is stored."""


class Vault(Protocol):
    """Files, sealed. Raises `Unavailable`."""

    def put(self, file: str, body: bytes) -> None: ...

    def read(self, file: str) -> bytes | None: ...

    def remove(self, file: str) -> None: ...


class News(Protocol):
    def add(self, facts: Sequence[Fact], *, key: str, hotline: str = "", tell: Sequence[str] = ()) -> None:
        """Facts from outside a call's own steps, and the pages that look again."""


@dataclass(frozen=True, kw_only=True)
class FreshLink:
    url: str
    """With a token that stands nowhere else."""
    key: str
    case: Case
    """The case that the call has, joins or opens."""


@dataclass(frozen=True, kw_only=True)
class TellOfLinks:
    """A leg at a text with a link is told a fresh one."""

    links: Links
    sessions: Sessions
    cases: CasesToJoin
    origin: str
    """`IVR_PUBLIC_URL`."""
    draw: Callable[[], str]
    """A fresh token that nobody can guess."""

    def __call__(self, link: Link, event: Event) -> Event:
        assert isinstance(event, LinkAsked)
        session = self.sessions.find(link.call)  # without Redis no text would go out: better no link than a broken word
        if session is None:
            return event
        fresh = self.fresh(session, event.at)
        return replace(event, url=fresh.url, key=fresh.key, case=fresh.case)

    def fresh(self, session: CallSession, at: datetime) -> FreshLink:
        """A link that works once it is stored under its key. Raises `Unavailable`."""
        case = self.cases.prepare(session, at)
        token = self.draw()
        return FreshLink(url=f"{self.origin}/e/{token}", key=self.links.key_of(token), case=case)


class Taken(StrEnum):
    RECEIVED = "received"
    OVER = "over"
    """Used before, too old, or never sent."""
    FAULTY = "faulty"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    taken: Taken
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, kw_only=True)
class ReceiveEvidence:
    links: Links
    vault: Vault
    sessions: Sessions
    news: News
    clock: Clock
    draw: Callable[[], str]
    """A fresh random id: 32 hex digits."""
    scans: bool
    """True: a scanner looks at files before anybody opens them."""
    nudge: Callable[[], None]
    """Something is to be scanned."""

    def look(self, token: str) -> OpenLink | None:
        """The link with this token. Looking changes nothing."""
        return self.links.link(token)

    def now(self) -> datetime:
        return self.clock.now()

    def __call__(self, link: OpenLink, form: GivenForm, *, page: str) -> Receipt:
        """Take a form. `page` names the page it was sent from: sent twice from one page, it was received."""
        at = self.clock.now()
        if not link.live(at):
            return Receipt(taken=_again(link, page))
        words, files, faults = judge(form)
        if faults:
            return Receipt(taken=Taken.FAULTY, faults=faults)
        kept = [(self._listed(file), file) for file in files]
        for listed, file in kept:
            self.vault.put(listed.id, file.body)
        given = Evidence(
            id=self.draw(),
            at=at,
            fields={name: text for name, text in words.items() if text},
            files=tuple(listed for listed, _ in kept),
        )
        if not self.links.take(link, given, page=page):
            for listed, _ in kept:
                self.vault.remove(listed.id)
            return Receipt(taken=self._meanwhile(link, page))
        self._tell(link, given)
        return Receipt(taken=Taken.RECEIVED)

    def _listed(self, file: KeptFile) -> EvidenceFile:
        state = FileState.WAITING if self.scans else FileState.NOT_SCANNED
        return EvidenceFile(id=self.draw(), name=file.name, kind=file.kind, size=len(file.body), state=state)

    def _meanwhile(self, link: OpenLink, page: str) -> Taken:
        """Somebody was faster: the same page sent twice, or another one."""
        return Taken.RECEIVED if page and self.links.used_from(link.id) == page else Taken.OVER

    def _tell(self, link: OpenLink, given: Evidence) -> None:
        fact = EvidenceGiven(
            at=given.at, call=link.call, evidence=given.id, fields=tuple(given.fields), files=len(given.files)
        )
        try:
            self.news.add([fact], key=f"evidence-{given.id}", hotline=link.hotline, tell=self.watching(link.call))
            if self.scans and given.files:
                self.nudge()
        except Unavailable:
            return  # SQL has it; the pages look by themselves, and the scanner comes by

    def watching(self, call: CallId) -> Sequence[str]:
        """The page of the agent who has this call."""
        session = self.sessions.find(call)
        return [f"agent:{session.agent}"] if session is not None and session.agent is not None else []


def _again(link: OpenLink, page: str) -> Taken:
    return Taken.RECEIVED if link.used_at is not None and page and link.form == page else Taken.OVER
