"""What the pages of alerts, webhooks, tokens and administration stand on. One field of `Site`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.core.menus import MenuTree
from ivr.workflows.alert_room import AlertRoom
from ivr.workflows.hooks_room import HooksRoom
from ivr.workflows.keep_menus import KeepMenus
from ivr.workflows.keep_people import KeepPeople
from ivr.workflows.keep_queues import KeepQueues
from ivr.workflows.keep_shifts import KeepShifts
from ivr.workflows.keep_teams import KeepTeams
from ivr.workflows.serve_programs import ServePrograms
from ivr.workflows.token_room import TokenRoom


class EventLog(Protocol):
    """The last events, in order. Raises `Unavailable`."""

    def after(self, place: str, *, limit: int = 200) -> Sequence[tuple[str, dict[str, Any]]]:
        """What came after this place, each with its own. Raises ValueError for what is no place."""

    def kept(self, place: str) -> bool: ...

    def newest(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class RulesDoors:
    alerts: AlertRoom
    hooks: HooksRoom
    tokens: TokenRoom
    people: KeepPeople
    queues: KeepQueues
    menus: KeepMenus
    shifts: KeepShifts
    teams: KeepTeams
    programs: ServePrograms
    events: EventLog
    names: Callable[[str], dict[str, str]]
    """Of topics and agents by id, in a language."""
    trees: Callable[[], Sequence[MenuTree]]
    """In service now, with what was set over them."""
    mail_ready: bool
    """A mail server is set."""
