"""Which test process runs what, when there are several: `pytest --dist loadscope`, as `make test` calls it.

Tests that listen to a talk, or wait for real processes, leave the processor idle half of the time. They have the last of three
or more processes to themselves, so that their waiting is filled by the others, never two of them wait for their turn at
once, and one running hotline (`box`) serves them all. The others take the long files first: no file begins when all
else is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

RUNNING = (
    "stories/test_browser",
    "stories/test_browser_sound",
    "stories/test_browser_returning",
    "stories/test_browser_cut",
    "stories/test_browser_messages",
    "stories/test_menu_reload",
)
"""They need the running hotline."""
WAITING = (
    *RUNNING,
    "test_run",
    "test_run_whole",
    "stories/test_conservation",
    "storage/redis/test_concurrency",
    "web/test_talk_browser",
    "web/test_ring_browser",
    "web/test_console_browser",
    "web/test_notes_browser",
    "web/test_desk_browser",
)
"""In this order; the last of them are done by the others where those have nothing else to do."""
LONG = {
    "stories/test_outages": 60,
    "web/test_pages_audit": 60,
    "web/test_pages_browser": 60,
    "web/test_roles": 50,
    "test_doctor": 25,
    "web/test_desk_states": 20,
    "storage/sql/test_sums": 35,
    "storage/sql/test_people": 10,
    "stories/test_consult_outside": 30,
    "storage/sql/test_records": 30,
    "stories/test_case_progress": 30,
    "storage/sql/test_reports": 10,
    "web/test_embedding_browser": 25,
    "stories/test_call_out": 25,
    "web/test_room_browser": 20,
    "web/test_house_browser": 20,
    "simulator/test_phone_page": 20,
    "web/test_keys_browser": 20,
    "storage/redis/test_oracle": 40,
    "storage/sql/test_rollups": 40,
    "test_architecture": 20,
    "web/test_admin": 20,
    "web/test_breaks": 20,
    "core/test_calls": 15,
    "stories/test_acceptance_after_the_call": 15,
    "web/test_webhooks": 15,
}
"""Seconds, roughly, of the files that take longest; nobody needs to keep them exact."""
LANES = 3
"""From this number of processes on, one is for those who wait."""


def short(file: str) -> str:
    return file.removeprefix("tests/").removesuffix(".py")


class Lanes(LoadScopeScheduling):
    """A file is done by one process; which one, and when, is decided here."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.split("::", 1)[0]

    def _next_for(self, node: WorkerController) -> str | None:
        """The file that this process does next; None: there is none left for it."""
        waits, somebody_waits = self._waits(node), any(map(self._waits, self.nodes))

        def may(file: str) -> bool:
            return file in WAITING if waits else not (somebody_waits and file in RUNNING)

        def rank(file: str) -> tuple[bool, int]:
            last = somebody_waits and not waits and file in WAITING
            return last, WAITING.index(file) - 1000 if file in WAITING else -LONG.get(file, 0)

        return min(
            filter(lambda scope: may(short(scope)), self.workqueue), key=lambda scope: rank(short(scope)), default=None
        )

    def _waits(self, node: WorkerController) -> bool:
        return self.numnodes >= LANES and node.gateway.id == f"gw{self.numnodes - 1}"

    def _assign_work_unit(self, node: WorkerController) -> None:
        found = self._next_for(node)
        if found is None:
            node.shutdown()
            return
        self.workqueue.move_to_end(found, last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if not node.shutting_down and self._next_for(node) is None:
            node.shutdown()
        else:
            super()._reschedule(node)
