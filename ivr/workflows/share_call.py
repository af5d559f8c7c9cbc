"""A link to one call for who has no account: an authority, a partner, the caller themselves.

It shows no number, no recording, and no notes unless that was chosen; colleagues are numbered, not named. Its token
is drawn at random and stored nowhere. Making, opening and taking back are written down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.call_links import MOST_DAYS, CallLink
from ivr.core.errors import RequestError
from ivr.core.ids import CallId
from ivr.workflows.call_story import Story, TellStory
from ivr.workflows.keep_evidence import Audit
from ivr.workflows.ports import Clock


class Links(Protocol):
    """Raise `Unavailable`."""

    def keep(self, link: CallLink, *, token: str) -> None: ...

    def find(self, token: str) -> CallLink | None: ...

    def of_call(self, call: CallId) -> Sequence[CallLink]: ...

    def revoke(self, link: str, call: CallId, *, who: str, at: datetime) -> bool: ...

    def opened(self, link: str, *, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class ShareCall:
    links: Links
    tell: TellStory
    audit: Audit
    clock: Clock
    draw: Callable[[], str]
    """A fresh token that nobody can guess."""
    new_id: Callable[[], str]
    origin: str
    """`IVR_PUBLIC_URL`."""

    def make(self, call: CallId, *, days: int, notes: bool, who: str) -> str:
        """The address, shown once. Raises RequestError (404 no such call, 422 days), Unavailable."""
        if not 1 <= days <= MOST_DAYS:
            raise RequestError(f"a link works for 1 to {MOST_DAYS} days", status=422, error_id="bad_days")
        if self.tell(call) is None:
            raise RequestError("there is no such call", status=404, error_id="unknown_call")
        now, token = self.clock.now(), self.draw()
        link = CallLink(
            id=self.new_id(), call=call, made_at=now, made_by=who, expires_at=now + timedelta(days=days), notes=notes
        )
        self.audit(
            at=now, who=who, what="call.share", object=call, detail={"link": link.id, "days": days, "notes": notes}
        )
        self.links.keep(link, token=token)
        return f"{self.origin}/c/{token}"

    def of_call(self, call: CallId) -> Sequence[CallLink]:
        return self.links.of_call(call)

    def revoke(self, link: str, call: CallId, *, who: str) -> None:
        """From now on it shows nothing. Raises RequestError (404)."""
        now = self.clock.now()
        self.audit(at=now, who=who, what="call.unshare", object=call, detail={"link": link})
        if not self.links.revoke(link, call, who=who, at=now):
            raise RequestError("there is no such link any more", status=404, error_id="unknown_link")

    def open(self, token: str) -> tuple[CallLink, Story] | None:
        """What a link shows, once it is written down that it was opened; None: it works no more, or never did."""
        now, link = self.clock.now(), self.links.find(token)
        if link is None or not link.live(now):
            return None
        story = self.tell(link.call)
        if story is None:
            return None
        self.audit(at=now, who=f"link:{link.id}", what="call.link.opened", object=link.call)
        self.links.opened(link.id, at=now)
        return link, story
