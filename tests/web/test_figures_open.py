"""Every figure of every report that can be opened opens a list of exactly that many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import sqlalchemy as sa

from ivr.core.saved_reports import PATH
from ivr.storage.sql import tables
from ivr.storage.sql.engine import writing
from ivr.web.report_index import GROUPS
from tests.storage.sql.test_reports import REFUNDS, SECURITY, put
from tests.storage.sql.test_shelf import MINUTE, NINE, answered, put_agents, put_calls, put_returns, put_stays, put_told
from tests.storage.sql.test_shelf_more import press, put_promises, put_ratings
from tests.storage.sql.test_shelf_more import put as put_rows
from tests.web.house import Browser, House

NIGHT = NINE - timedelta(hours=9)
"""Midnight in Berlin."""
DAY = "from=2026-11-02&to=2026-11-02&zone=Europe/Berlin"
LINK = re.compile(r'<a href="([^"]+)"[^>]*>(\d+)(?: %)?</a>')
WEEK = "from=2026-11-01&to=2026-11-09&zone=Europe/Berlin"
VARIANTS = (
    *(f"{DAY}&interval=day", f"{DAY}&interval=60m&by=event&topic=refunds", f"{WEEK}&interval=month&topic=transfers"),
)
LED = {
    "waits",
    "intervals",
    "queues",
    "daily",
    "heat",
    "hours",
    "callbacks",
    "topics",
    "results",
    "agents",
    "menu-flow",
}
LED |= {"repeats", "satisfaction", "promises"}
"""Reports of which a figure must lead on; others may hold calls one by one, or nothing that is a call."""


def filled(house: House) -> None:
    """The days of the other tests, and on top what is hard to list: stays that the day cuts, calls with two stays, calls of ours."""
    engine = house.switchboard.engine
    for fill in (put_agents, put_told, put_returns, put_promises, put_ratings):
        fill(engine)
    for stays, topic in ((SECURITY, "security"), (REFUNDS, "refunds")):
        put(engine, stays, topic=topic)
    said = {"disposition": "pending", "agent_topic": "transfers"}
    put_calls(engine, *({"call": call} for call in ("before", "after", "twice", "cb-7-1")))
    put_stays(
        engine,
        answered("before", at=NIGHT + MINUTE, entered_at=NIGHT - MINUTE, **said, disposition_reason="bank"),
        answered("after", at=NIGHT + timedelta(days=1), entered_at=NIGHT + timedelta(days=1) - MINUTE, **said),
        answered("twice", ended_by="transfer", talk_s=9.0),
        answered("twice", segment=2, at=NINE + MINUTE, topic="transfers", cause="transfer", wrap_s=4.0, **said),
        answered("cb-7-1", **said, disposition_reason="bank", wrap_s=1.0),
    )
    merged = {
        "hotline": "wallet",
        "topic": "refunds",
        "call": "p",
        "queued_at": NINE,
        "requested_at": NINE,
        "due_at": NINE,
    }
    put_rows(
        engine, tables.callbacks, merged, {"id": "same", "state": "closed", "result": "merged", "merged_into": "done"}
    )
    put_rows(
        engine,
        tables.facts,
        {"hotline": "wallet", "agent": None},
        press("before", 1, NIGHT - MINUTE, "main"),
        press("before", 2, NIGHT + MINUTE, "main"),
        *(press("twice", number, NINE, "main") for number in range(2)),
        press("gone", 1, NINE, "main"),
    )
    put_calls(engine, {"call": "gone", "left": "main", "end": "left_menu", "segments": 0})
    with writing(engine) as connection:
        s, c = tables.segments.c, tables.calls.c
        lacking = sa.select(s.call).where(s.call.not_in(sa.select(c.call))).distinct()
        missing = list(connection.scalars(lacking))
        connection.execute(c.call.table.update().where(c.call == "before").values(started_at=NIGHT - 2 * MINUTE))
    put_calls(engine, *({"call": call} for call in missing))


def opened(client: Browser, address: str) -> int:
    """How long the list behind this address is."""
    parts = urlsplit(address)
    if parts.path == "/supervisor/calls":
        listed = json.loads(client.get(f"/api/v1/calls?{parts.query}").text)
        assert not listed["more_than_counted"]
        assert len(listed["calls"]) == min(50, listed["count"])
        return int(listed["count"])
    if parts.path == "/supervisor/follow-ups":
        return client.get(address).text.count("data-entry=")
    if parts.fragment == "opened":
        hours = client.get(address).text.split('<ul class="opened">')[1].split("</ul>")[0]
        return sum(opened(client, unescape(link)) for link in re.findall(r'href="([^"]+)"', hours))
    table = {"promises": "list", "attempts": "promises"}[parts.path.removeprefix(PATH)]
    return len(json.loads(client.get(f"{parts.path}?{parts.query}&format=json").text)["tables"][table]["rows"])


def figures(page: str) -> Iterator[tuple[str, int]]:
    for href, number in LINK.findall(page):
        address = unescape(href)
        if not re.match(r"/supervisor/(calls/|cases)", address):
            yield address, int(number)


def test_every_figure_opens_a_list_of_exactly_that_many(staffed: House) -> None:
    filled(staffed)
    client = staffed.client("lead")
    looked: set[str] = set()
    wrong: list[str] = []
    led: set[str] = set()
    for name in (entry.name for group in GROUPS for entry in group.entries):
        for variant in VARIANTS:
            address = f"{PATH}{name}?{variant}"
            pages = [(address, client.get(address).text)]
            for place, page in pages:
                for link, number in figures(page):
                    led.add(name)
                    if (link, number) in looked:
                        continue
                    looked.add((link, number))
                    if link.startswith(f"{PATH}formula"):
                        pages.append((link, client.get(link).text))
                    elif (found := opened(client, link)) != number:
                        wrong.append(f"{place}: {number}, but {found} behind {link}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(looked)}", *wrong])
    assert led >= LED, "figures that lead nowhere"
