"""The worker and its timetable. JSON instead of pickle: what is in Redis is data, never code (`RELIABILITY.md` S-60)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import redis
import structlog
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from ivr.jobs import tasks
from ivr.wiring import Switchboard

QUEUE = "ivr-jobs"
TIMETABLE: tuple[tuple[Callable[[], Any], float], ...] = (
    (tasks.check_recordings, 6 * 3600.0),
    (tasks.verify_audit, 24 * 3600.0),
    (tasks.scan_files, 300.0),
    (tasks.transcribe_messages, 60.0),
    (tasks.mail_reports, 30.0),
    (tasks.send_outgoing, 3.0),
    (tasks.forget_outgoing, 24 * 3600.0),
    (tasks.forget_evidence, 3600.0),
    (tasks.note_roster, 300.0),
    (tasks.match_carrier, 1800.0),
    (tasks.refresh_rollups, 60.0),
)
"""What runs how often, in seconds. All of it is safe to run twice."""
TASKS: Mapping[str, Callable[[], Any]] = {f"{task.__module__}.{task.__name__}": task for task, _ in TIMETABLE}
"""All that a job may be."""
BURST_PAUSE_S = 1.0
KEPT_S = 24 * 3600
log = structlog.get_logger(__name__)


class KnownJob(Job):
    """A job that names anything but a task of ours is not looked up, let alone run: Redis holds data, never orders."""

    @property
    def func(self) -> Callable[..., Any]:
        task = TASKS.get(str(self.func_name))
        if task is None:
            raise PermissionError(f"{self.func_name} is no task of ours")
        return task


class Worker(SimpleWorker):
    """Works in this process, which has its own way to stop."""

    job_class = KnownJob

    def _install_signal_handlers(self) -> None:
        """Signals belong to the process."""


def work(switchboard: Switchboard, stop: threading.Event) -> None:
    """Enqueue what is due and do what is queued, until `stop`."""
    next_at = dict.fromkeys((task for task, _ in TIMETABLE), 0.0)
    connection: redis.Redis | None = None
    while not stop.wait(BURST_PAUSE_S):
        try:
            connection = connection or redis.Redis.from_url(switchboard.redis_url)
            queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=KnownJob)
            _enqueue_due(queue, next_at)
            do_queued(queue)
        except redis.RedisError as err:
            log.warning("worker_waits", error=type(err).__name__)
            connection = None
            stop.wait(BURST_PAUSE_S)


def do_queued(queue: Queue) -> None:
    """Work through what is in the queue now."""
    if queue.count:
        worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer, job_class=KnownJob)
        worker.work(burst=True, logging_level="WARNING")


def _enqueue_due(queue: Queue, next_at: dict[Callable[[], Any], float]) -> None:
    now = time.monotonic()
    for task, every_s in TIMETABLE:
        if now >= next_at[task]:
            next_at[task] = now + every_s
            queue.enqueue(task, result_ttl=KEPT_S, failure_ttl=7 * KEPT_S)
