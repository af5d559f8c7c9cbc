"""The desk in the frame of another page, as a system of the house has it: on another port of this machine, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Frame, Page, expect

from ivr.core.ids import AgentId
from tests.audit import violations
from tests.pictures import Pictures
from tests.web.house import House
from tests.web.test_desk_browser import ANA, takes, waits

AROUND = """<!doctype html><title>CRM</title><style>body { margin: 0 } iframe { width: 100%; height: 100vh; border: 0 }</style>
<iframe name="desk" src="DESK" allow="microphone; autoplay"></iframe>OTHERS
<script>
  window.heard = [];
  addEventListener("message", ({ data, origin }) => heard.push({ ...data, origin }));
  window.tell = (message, to = "*") => frames[0].postMessage(message, to);
</script>"""
STRANGER = """<!doctype html><title>Stranger</title><script>
  window.tell = (message) => parent.frames[0].postMessage(message, "*");
</script>"""


class Site:
    """A web site of one page, or of none that matters."""

    def __init__(self, page: str = "") -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.page = page
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def crm() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def stranger() -> Iterator[Site]:
    site = Site(STRANGER)
    yield site
    site.close()


@pytest.fixture
def house(tmp_path: Path, redis_url: str, redis: object, free_port: Callable[[], int], crm: Site) -> Iterator[House]:
    """May be framed by the CRM."""
    del redis
    made = House(tmp_path, redis_url, free_port(), embed_origins=f"https://other.example.org,{crm.origin}")
    yield made
    made.switchboard.close()


def framed(page: Page, site: Site, desk: str, *others: str) -> Frame:
    site.page = AROUND.replace("DESK", desk).replace(
        "OTHERS", "".join(f'<iframe src="{one}"></iframe>' for one in others)
    )
    page.goto(site.origin)
    frame = page.frame("desk")
    assert frame is not None
    return frame


def heard(page: Page) -> list[dict[str, object]]:
    told: list[dict[str, object]] = page.evaluate("() => window.heard.splice(0)")
    return told


WITH = "wanted => window.heard.find((one) => Object.keys(wanted).every((name) => one[name] === wanted[name]))"


def hears(page: Page, kind: str, **fields: object) -> dict[str, object]:
    """The next message of this kind, with these fields; all before it count as heard."""
    found: dict[str, object] = page.wait_for_function(WITH, arg={"type": kind, **fields}).json_value()
    heard(page)
    return found


def test_beside_a_crm_the_desk_tells_what_happens_and_does_what_is_asked(staffed, visit, crm, screenshots):
    page = visit("a1001", "/agent")
    page.set_viewport_size({"width": 420, "height": 860})
    frame = framed(page, crm, f"{staffed.origin}/agent")
    expect(frame.locator("#check-line")).to_have_attribute("data-state", "good")
    assert hears(page, "presence", presence="break") == {
        "ivr": 1, "type": "presence", "presence": "break", "reason": "signed_in", "wanted": "break", "origin": staffed.origin,
    }  # fmt: skip
    expect(frame.locator(".nav")).to_be_hidden()
    shot(page, frame, screenshots, "embedded-break.png")

    page.evaluate("tell({ ivr: 1, type: 'ready' })")
    expect(frame.locator("[data-panel=available]")).to_be_visible()
    hears(page, "presence", presence="available")
    staffed.phones(ANA).presses("1211#2")
    offer = hears(page, "offer")
    assert offer.pop("origin") == staffed.origin
    assert offer == {
        "ivr": 1, "type": "offer", "number": "+86 138****21", "topic": "transfers", "topic_name": "transfers", "language": "zh", "case": "",
    }  # fmt: skip
    shot(page, frame, screenshots, "embedded-ringing.png")
    frame.locator("[data-action=accept]").click()
    expect(frame.locator("#talk")).to_have_attribute("data-phase", "connected")
    talk = hears(page, "talk")
    assert talk["number"] == "+86 138****21"
    shot(page, frame, screenshots, "embedded-talk.png")
    frame.locator("#notes").fill("nobody else's business")
    frame.locator("[data-action=end]").click()
    expect(frame.locator("[data-panel=wrap_up]")).to_be_visible()
    told = [hears(page, "wrap_up")]
    shot(page, frame, screenshots, "embedded-wrap-up.png")
    frame.locator("#result [type=submit]").click()
    told += [hears(page, "ended")]
    assert {one["topic"] for one in told} == {"transfers"}
    page.evaluate("tell({ ivr: 1, type: 'break', reason: 'lunch' })")
    expect(frame.locator("[data-panel=break]")).to_be_visible()
    assert (
        hears(page, "presence", presence="break")["reason"],
        str(told).count("business"),
        str(told).count("13800138021"),
    ) == (
        "lunch",
        0,
        0,
    )

    staffed.records()
    page.evaluate("tell({ ivr: 1, type: 'open', number: '+8613800138021' })")
    expect(frame.locator("#opened-number")).to_have_text("+86 138****21")
    expect(frame.locator("#opened-earlier")).to_contain_text("transfers")
    shot(page, frame, screenshots, "embedded-opened.png")
    assert violations(frame) == []
    frame.locator("#opened-close").click()
    expect(frame.locator("#opened")).to_be_hidden()


def test_who_is_not_allowed_frames_nothing_tells_nothing_and_is_told_nothing(staffed, visit, crm, stranger):
    page = visit("a1001", "/agent", expected="frame-ancestors|422|refused to connect|Failed to load")
    frame = framed(page, crm, f"{staffed.origin}/agent", stranger.origin)
    expect(frame.locator("#check-line")).to_have_attribute("data-state", "good")
    page.evaluate("tell({ ivr: 1, type: 'ready' })")
    expect(frame.locator("[data-panel=available]")).to_be_visible()
    other = next(one for one in page.frames if one.url.startswith(stranger.origin))
    for hostile in ({"ivr": 1, "type": "break"}, {"ivr": 1, "type": "open", "number": ANA}):
        other.evaluate("message => tell(message)", hostile)
    wrong = ({"ivr": 2, "type": "break"}, {"type": "break"}, "break", None, {"ivr": 1, "type": "end"}, {"ivr": 1})
    for nonsense in wrong:
        page.evaluate("message => tell(message)", nonsense)
    page.evaluate("tell({ ivr: 1, type: 'open', number: { a: 1 }, case: '<img src=x onerror=window.ran=1>' })")
    expect(frame.locator("#opened-trouble")).to_have_text("This is no case number: it has eight digits.")
    assert frame.evaluate("window.ran") is None
    expect(frame.locator("[data-panel=available]")).to_be_visible()
    present = staffed.switchboard.presences.find(AgentId("a1001"))
    assert present is not None
    assert present.presence == "available"

    around = framed(page, stranger, f"{staffed.origin}/agent")
    expect(around.locator("#desk")).to_have_count(0)
    assert page.evaluate("window.heard") == []
    page.goto(f"{staffed.origin}/agent")  # alone again
    expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
    page.evaluate("window.heard = []; addEventListener('message', ({ data }) => window.heard.push(data))")
    page.locator("#break").click()
    expect(page.locator("[data-panel=break]")).to_be_visible()
    assert page.evaluate("window.heard") == []


def test_a_case_and_a_number_are_opened_by_the_address_and_nothing_is_dialled(staffed, visit, screenshots):
    page = waits(visit)
    caller = staffed.phones(ANA).presses("1211#2")
    takes(page)
    board = staffed.switchboard
    session = board.sessions.find(caller.call)
    assert session is not None
    number = board.desk_cases.open_for(session, staffed.now).number
    page.keyboard.press("e")
    expect(page.locator("[data-panel=wrap_up]")).to_be_visible()
    page.locator("#notes").fill("<b>asked twice</b>")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-panel=available]")).to_be_visible()
    staffed.records()
    calls = len(list(board.sessions.live()))

    page.goto(f"{staffed.origin}/agent?number={ANA}&case={number}")  # + is a blank in an address
    expect(page.locator("#opened-title")).to_contain_text(f"{number[:4]} {number[4:]}")
    expect(page.locator("#opened-number")).to_have_text("+86 138****21")
    expect(page.locator("#opened-note")).to_have_text("<b>asked twice</b>")
    expect(page.locator("#opened-earlier li")).to_have_count(1)
    assert page.url == f"{staffed.origin}/agent"
    assert len(list(board.sessions.live())) == calls
    screenshots.take(page, "agent-opened.png")
    assert violations(page) == []

    # Seven pages of one person within seconds: the server may still hold the streams of those that were left, and asks to wait.
    page = visit("a1001", "/agent", expected="422|503")
    for hostile in (
        "number=%3Cscript%3E&case=1",
        "case=%27%22%3E%3Csvg%20onload%3D1%3E",
        f"number={quote('+86' + '1' * 99)}",
    ):
        page.goto(f"{staffed.origin}/agent?{hostile}")
        expect(page.locator("#opened-trouble")).to_be_visible()
        expect(page.locator("#opened-facts")).to_be_hidden()
        assert page.url == f"{staffed.origin}/agent"
    page.goto("about:blank")
    page.goto(f"{staffed.origin}/agent#number={quote('+8613900139000')}")
    expect(page.locator("#opened-number")).to_have_text("+86 139****00")
    page.reload()
    expect(page.locator("[data-panel=loading]")).to_be_hidden()
    expect(page.locator("#opened")).to_be_hidden()


def shot(page: Page, frame: Frame, pictures: Pictures, name: str) -> None:
    frame.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
    overhang = frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overhang <= 0, name
    pictures.take(page, name)
