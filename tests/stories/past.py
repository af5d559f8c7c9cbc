"""Earlier days of a hotline, as the records hold them: what estimates are made from."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.storage.sql.engine import writing
from ivr.storage.sql.tables import segments
from tests.stories.town import Town

DAY = timedelta(days=1)


def handled(
    town: Town, topic: str, *, at: datetime | None = None, calls: int = 12, handle_s: float = 360, wait_s: float = 120
) -> None:
    """So many calls of the topic were answered in this hour (or that of `at`) yesterday, each with as much work."""
    begun = (at or town.now).replace(minute=0, second=0, microsecond=0) - DAY
    rows = [
        {
            "call": f"CApast{topic}{number}",
            "segment": 1,
            "hotline": "wallet",
            "topic": topic,
            "path": [topic],
            "language": "zh",
            "priority": 30,
            "queued_at": begun + timedelta(minutes=number),
            "entered_at": begun + timedelta(minutes=number),
            "answered_at": begun + timedelta(minutes=number, seconds=wait_s),
            "left_at": begun + timedelta(minutes=number, seconds=wait_s),
            "ended_at": begun + timedelta(minutes=number, seconds=wait_s + handle_s - 60),
            "outcome": "answered",
            "reason": "",
            "wait_s": wait_s,
            "talk_s": handle_s - 60,
            "wrap_s": 60.0,
            "agent": "past",
            "offer": f"o{number}",
            "offers": 1,
            "ended_by": "caller",
            "disposition": "solved",
            "agent_topic": "",
            "by_default": False,
            "notes": "",
        }
        for number in range(calls)
    ]
    with writing(town.switchboard.engine) as connection:
        connection.execute(segments.insert(), rows)
