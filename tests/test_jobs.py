"""What lies in the queue of jobs is data: only tasks of ours run, whoever wrote the entry (`RELIABILITY.md` S-60)."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from ivr.jobs.schedule import QUEUE, TASKS, KnownJob, do_queued


def queue(redis: Any) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer, job_class=KnownJob)


@pytest.mark.parametrize(
    "call", ["os.mkdir", "builtins.open", "pathlib.Path.touch", "ivr.jobs.context.switchboard", "subprocess.run"]
)
def test_a_forged_entry_is_not_run(redis: Any, tmp_path: Path, call: str) -> None:
    target = tmp_path / "made"
    forged = Job.create(call, args=(str(target),), connection=redis, serializer=JSONSerializer, origin=QUEUE)
    Queue(QUEUE, connection=redis, serializer=JSONSerializer).enqueue_job(forged)
    do_queued(queue(redis))
    assert not target.exists()
    assert queue(redis).failed_job_registry.get_job_ids() == [forged.id]


def test_a_pickle_is_not_even_read(redis: Any, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "made").mkdir, ())

    entry = Queue(QUEUE, connection=redis, serializer=JSONSerializer).enqueue(next(iter(TASKS)))
    redis.hset(f"rq:job:{entry.id}", "data", pickle.dumps(Bomb()))
    do_queued(queue(redis))
    assert not (tmp_path / "made").exists()


def test_tasks_of_ours_are_known_by_their_names() -> None:
    names = (
        "check_recordings",
        "forget_evidence",
        "forget_outgoing",
        "mail_reports",
        "match_carrier",
        "note_roster",
        "refresh_rollups",
        "scan_files",
        "send_outgoing",
        "transcribe_messages",
        "verify_audit",
    )
    assert set(TASKS) == {f"ivr.jobs.tasks.{name}" for name in names}
