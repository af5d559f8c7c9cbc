"""The fence of every offer: an event that names another offer than the present one is late and changes nothing.

Late, repeated and stolen answers all find it (`DESIGN.md` 3.1, rule 4), so no rule has to think of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from ivr.core.draft import Draft
from ivr.core.events import Event, OfferEvent, TimeUp

E = TypeVar("E", bound=OfferEvent | TimeUp)


def of_offer(kind: type[E]) -> Callable[[Callable[[Draft, E], None]], Callable[[Draft, Event], None]]:
    """A rule for events of this kind that are about the present offer; all others pass without effect."""

    def decorate(rule: Callable[[Draft, E], None]) -> Callable[[Draft, Event], None]:
        @wraps(rule)
        def fenced(draft: Draft, event: Event) -> None:
            assert isinstance(event, kind)
            named = event.ref if isinstance(event, TimeUp) else event.offer
            if draft.session.offer is not None and named == draft.session.offer:
                rule(draft, event)

        return fenced

    return decorate
