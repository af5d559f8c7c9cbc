from __future__ import annotations

import io
import json
import logging
import sys
import threading

import pytest
import structlog

from ivr import logs

SID = "CA00112233445566778899001122334455"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch):
    """What a call of this has written since the start, one dictionary per line."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    logs.set_up(form="json", process="web")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)  # the library's own default draws a trace for minutes


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("call from +34 911 234 567 now", "call from ***67 now"),
        ("to=0034911234567", "to=***67"),
        ("From=%2B34911234567&To=1", "From=***67&To=1"),
        ("sip:+8613812345678@example.org", "sip:***78@example.org"),
        ("138-1234-5678", "***78"),
        (f"call {SID} ended", f"call {SID} ended"),
        ("2026-11-24 07:51:22", "2026-11-24 07:51:22"),
        ("took 12345 ms", "took 12345 ms"),
    ],
)
def test_numbers_are_masked_and_identifiers_are_not(said: str, shown: str):
    assert logs.clean(said) == shown


def test_call_id_stands_in_every_line_of_a_request_and_in_none_after_it(written):
    log = structlog.get_logger("ivr.web")
    with logs.bind_call(SID):
        log.info("asked")
        logging.getLogger("some.library").warning("slow")
    log.info("idle")

    assert [line.get("call") for line in written()] == [SID, SID, None]


def test_process_stands_in_the_lines_of_every_thread(written):
    thread = threading.Thread(target=lambda: structlog.get_logger().info("from a thread"))
    thread.start()
    thread.join()

    assert written()[0]["process"] == "web"


def test_line_cannot_be_forged_nor_flood_the_log(written):
    structlog.get_logger().info("heard", text='1\n{"level": "error"}\x1b[2J', long="x" * 100_000)

    line = written()[0]
    assert line["text"] == '1 {"level": "error"}\\x1b[2J'
    assert len(line["long"]) < 2100


def test_libraries_that_log_numbers_are_quiet(written):
    logging.getLogger("twilio.http_client").info("POST To=+34911234567")
    logging.getLogger("werkzeug").info("GET /")

    assert written() == []


def test_trace_is_kept_with_its_lines_and_without_numbers(written):
    try:
        raise ValueError("no such number +34911234567")
    except ValueError:
        structlog.get_logger().exception("failed")

    trace = written()[0]["exception"]
    assert trace.count("\n") >= 2
    assert "34911234567" not in trace
