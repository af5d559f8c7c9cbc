"""Take up changed menus while calls go on: every process looks at the folder every few seconds, or when it is told to.

A folder is taken whole or not at all. What is refused is logged once with every problem, shown by `/readyz`, `/metrics` and
`ivr doctor`, and changes nothing; calls in progress keep the version they began with either way.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ivr.core.errors import OperatorError
from ivr.core.menus import MenuTree

EVERY_S = 2.0
log = structlog.get_logger(__name__)


class MenusInService(Protocol):
    """The menus of this process."""

    @property
    def trees(self) -> Sequence[MenuTree]: ...

    def changed(self) -> bool:
        """Whether the folder has changed and come to rest."""

    def reload(self) -> bool:
        """Take it up; True when other versions are in service now. Raises `OperatorError`, and keeps what was good."""

    def keep(self) -> None:
        """Make sure that what is in service is in the archive."""

    def look_over(self) -> bool:
        """Take up what pages have set or chosen; True when other versions are in service now."""


@dataclass(frozen=True, kw_only=True)
class WatchMenus:
    menus: MenusInService
    told: threading.Event = field(default_factory=threading.Event)
    """Set by SIGHUP: look now."""

    def look(self, *, now: bool = False) -> bool:
        """One look; True when other versions are in service. `now`: do not wait until the folder is at rest."""
        self.menus.keep()
        taken = self.menus.look_over()
        if not (self.menus.changed() or now):
            if taken:
                log.info("menus_taken_up", versions=versions(self.menus.trees))
            return taken
        try:
            taken = self.menus.reload()
        except OperatorError as err:
            log.warning("menus_refused", problems=[str(problem) for problem in err.problems if not problem.warning])
            return False
        if taken:
            log.info("menus_taken_up", versions=versions(self.menus.trees))
        return taken

    def start(self, stop: threading.Event) -> None:
        """Look until `stop`, in a thread of its own that keeps no process alive."""
        threading.Thread(target=self._run, args=(stop,), name="menus", daemon=True).start()

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            told = self.told.is_set()
            self.told.clear()
            try:
                self.look(now=told)
            except Exception:
                log.exception("menus_not_looked_at")
            self.told.wait(EVERY_S)


def versions(trees: Sequence[MenuTree]) -> dict[str, str]:
    """The version of each hotline in service."""
    return {tree.hotline: tree.version for tree in trees}
