"""The loops of the processes that are no web servers: dispatcher, recorder, worker.

Each job of the dispatcher has a thread of its own, so that a slow carrier delays no wake-up. A failure is logged and
the loop goes on; what was not finished comes back by itself.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from ivr.core.errors import IvrError, Unavailable
from ivr.wiring import Switchboard

ORDER_THREADS = 4
LOOK = timedelta(seconds=1)
SHORTEST_S = 0.01
LONGEST_S = 0.25
"""Between two looks at the wake-ups: a new one may have come that is due earlier."""
SWEEP_S = 1.0
REPAIR_S = 10.0
ROOMS_S = 20.0
RECORDS_S = 60.0
CALLBACKS_S = 1.0
ALERTS_S = 5.0
UNSEEN = timedelta(seconds=15)
"""A page without a heartbeat for so long is gone (`RELIABILITY.md` F35)."""
log = structlog.get_logger(__name__)


def stop_on_signals() -> threading.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def on_hangup(act: Callable[[], None]) -> None:
    """Do this at SIGHUP, the signal that asks a process to read its files again."""
    signal.signal(signal.SIGHUP, lambda *_: act())


def run_dispatch(switchboard: Switchboard, stop: threading.Event) -> None:
    """Orders, wake-ups and the sweep, until `stop`."""
    dispatch = switchboard.dispatch

    def orders() -> float:
        dispatch.orders(wait=LOOK)
        return 0.0

    def wake_ups() -> float:
        if dispatch.wake_ups():
            return 0.0
        due = switchboard.timers.next_at()
        if due is None:
            return LONGEST_S
        left = (due - switchboard.clock.now()).total_seconds()
        return min(LONGEST_S, max(SHORTEST_S, left))

    def sweep() -> float:
        switchboard.signs.give("dispatch")
        slipped = switchboard.match.sweep()
        if slipped:
            log.warning("matches_slipped", found=slipped)
        dispatch.watch_agents(unseen=UNSEEN)
        return SWEEP_S

    def repair() -> float:
        found = switchboard.repair.release_forgotten()
        if found:
            log.warning("agents_released", found=found)
        return REPAIR_S

    def rooms() -> float:
        found = switchboard.repair.find_rooms()
        if found:
            log.warning("talks_found", found=found)
        return ROOMS_S

    def records() -> float:
        found = switchboard.repair.close_ended()
        if found:
            log.warning("calls_closed", found=found)
        return RECORDS_S

    def callbacks() -> float:
        return 0.0 if dispatch.call_back.round() else CALLBACKS_S

    def alerts() -> float:
        switchboard.rules.watch_alerts()
        return ALERTS_S

    jobs: list[Callable[[], float]] = [
        *([orders] * ORDER_THREADS),
        wake_ups,
        sweep,
        repair,
        rooms,
        records,
        callbacks,
        alerts,
    ]
    threads = [threading.Thread(target=_repeat, args=(job, stop), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(timeout=3)


def _repeat(job: Callable[[], float], stop: threading.Event) -> None:
    """Do it again after the pause it asks for; after a failure, after a second."""
    while not stop.is_set():
        try:
            pause = job()
        except Unavailable:
            pause = 0.5
        except IvrError as err:
            log.warning("job_failed", job=job.__name__, error=str(err))
            pause = 1.0
        except Exception:
            log.exception("job_failed", job=job.__name__)
            pause = 1.0
        if pause:
            stop.wait(pause)


def run_record(switchboard: Switchboard, stop: threading.Event) -> None:
    """Facts to SQL, until `stop`."""
    switchboard.keep_record.run(stopping=stop.is_set, pause=lambda span: stop.wait(span.total_seconds()))


def run_worker(switchboard: Switchboard, stop: threading.Event) -> None:
    """Slow jobs and the schedule."""
    from ivr.jobs.schedule import work

    work(switchboard, stop)
