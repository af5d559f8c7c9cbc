"""What a callback must know before it decides, for a call that is only walked through in the terminal.

The number is judged and the times are found by the rules of live calls; nobody has been promised anything yet, and nothing
is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.core.callback_events import CallbackAsked
from ivr.core.callback_rules import OpenCallback, Promise
from ivr.core.events import Event
from ivr.core.instructions import Link
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession
from ivr.telephony import policy
from ivr.workflows.promise_callback import TellOfCallbacks

CODE = "4821"
"""Said to every caller: the walk draws no lots, so that the same keys give the same words."""


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """One call, one menu, no promises."""

    session: CallSession
    tree: MenuTree

    def find(self, _key: object) -> Any:
        return self.session

    def by_version(self, _version: str) -> MenuTree:
        return self.tree


class NothingPromised:
    def open_of(self, number: str, hotline: str) -> Sequence[OpenCallback]:  # noqa: ARG002 - a door of the workflow
        return ()

    def asked(self, number: str, hotline: str, at: datetime) -> tuple[int, int]:  # noqa: ARG002 - likewise
        return 0, 0

    def find(self, callback: str) -> Promise | None:  # noqa: ARG002 - likewise
        return None


def informed(event: CallbackAsked, session: CallSession, tree: MenuTree) -> Event:
    """The event with what its rule must know."""
    here: Any = Rehearsed(session=session, tree=tree)
    tell = TellOfCallbacks(promises=NothingPromised(), policy=policy, sessions=here, menus=here, draw=lambda: CODE)
    return tell.asked(Link(call=session.call, door="callback", step=str(session.step)), event)
