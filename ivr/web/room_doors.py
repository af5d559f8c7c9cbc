"""What the supervisor's room is given: the view, and everything that may be done there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.ids import AgentId
from ivr.core.room import SupervisorNote
from ivr.workflows.set_limits import SetLimits
from ivr.workflows.show_day import DayLine
from ivr.workflows.supervise_agents import SuperviseAgents
from ivr.workflows.supervise_calls import SuperviseCalls
from ivr.workflows.supervise_promises import SupervisePromises
from ivr.workflows.visit_talk import VisitTalk
from ivr.workflows.watch_room import Room

if TYPE_CHECKING:
    from ivr.web.doors import Softphone

VISITOR = "client:visitor_"


@dataclass(frozen=True, kw_only=True)
class RoomDoors:
    room: Room
    calls: SuperviseCalls
    agents: SuperviseAgents
    promises: SupervisePromises
    visit: VisitTalk
    limits: SetLimits
    day: Callable[[], Mapping[str, DayLine]]
    """By hotline: today's arrivals beside the usual ones, and the staff."""
    softphone: Callable[[str], Softphone]
    """The line of a supervisor with this sign-in name."""
    note_for: Callable[[AgentId], SupervisorNote | None]
    put_away: Callable[[AgentId, str], None]


def visitor_identity(login: str) -> str:
    """The name of a supervisor's line: no agent's looks so."""
    return f"visitor_{login.encode().hex()}"


def visitor_of(claimed: str) -> str | None:
    """Whose line it is; None: not a supervisor's."""
    if not claimed.startswith(VISITOR):
        return None
    try:
        return bytes.fromhex(claimed.removeprefix(VISITOR)).decode()
    except ValueError:
        return None
