"""The whole hotline as a visitor sees it: started by its own command, phoned and answered in a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.servers import CHROMIUM_FLAGS

ROOT = Path(__file__).resolve().parent.parent.parent
START_S = 60.0
STOP_S = 20.0

pytestmark = pytest.mark.timeout(240)


@dataclass
class Box:
    """`ivr run`, as a process."""

    origin: str
    process: subprocess.Popen[str]
    log: Path
    passwords: dict[str, str] = field(default_factory=dict)

    def wait_until_open(self) -> None:
        deadline = time.monotonic() + START_S
        while "The hotline is open" not in self.log.read_text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(self.log.read_text())
            time.sleep(0.1)
        found = re.findall(r"^ {4}(\w+) +([a-z2-9]{4}(?:-[a-z2-9]{4}){3})$", self.log.read_text(), re.MULTILINE)
        self.passwords = dict(found)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_S)


def start(folder: Path, port: int, simulator_port: int) -> Box:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    environment |= {
        "IVR_PORT": str(port),
        "IVR_SIMULATOR_PORT": str(simulator_port),
        "IVR_DATA_DIR": str(folder / "var"),
        "IVR_LOG_FORMAT": "json",
    }
    log = folder / f"run-{time.monotonic_ns()}.log"
    with log.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "run"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
    box = Box(f"http://127.0.0.1:{port}", process, log)
    try:
        box.wait_until_open()
    except BaseException:
        process.kill()
        raise
    return box


@pytest.fixture
def box(tmp_path: Path, free_port) -> Iterator[Box]:
    started = start(tmp_path, free_port(), free_port())
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


@pytest.fixture
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(chromium), args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


def page_of(browser: Browser, box: Box, login: str, path: str, *, language: str = "en") -> Page:
    context = browser.new_context(permissions=["microphone"], viewport={"width": 1280, "height": 860})
    context.add_cookies([{"name": "ivr-language", "value": language, "url": box.origin}])
    page = context.new_page()
    page.goto(box.origin + path)
    page.fill("input[name=name]", login)
    page.fill("input[name=password]", box.passwords[login])
    page.click("button.wide")
    page.wait_for_url(box.origin + path)
    return page


def test_a_visitor_phones_an_agent_answers_and_the_call_stands_in_the_report(box, browser, screenshots):
    agent = page_of(browser, box, "a1001", "/agent")
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good", timeout=15_000)
    agent.locator("[data-panel=break] [data-action=ready]").click()
    expect(agent.locator("[data-panel=available]")).to_be_visible()

    board = page_of(browser, box, "supervisor", "/supervisor")

    phone = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    phone.goto(f"{box.origin}/phone")
    telephone = phone.locator("[data-phone]").first
    telephone.locator("[data-action=call]").click()
    words = telephone.locator("[data-transcript]")
    expect(words).to_contain_text("中文服务请按1")
    telephone.locator("[data-key='1']").click()
    expect(words).to_contain_text("助记词")
    telephone.locator("[data-key='0']").click()
    expect(words).to_contain_text("队列", timeout=15_000)

    expect(agent.locator("[data-panel=reserved]")).to_be_visible(timeout=15_000)
    expect(agent.locator("#caller-number")).to_contain_text("****")
    phone.screenshot(path=screenshots / "phone.png")
    agent.screenshot(path=screenshots / "agent-ringing.png")
    agent.keyboard.press("Space")
    expect(agent.locator("#talk-phase")).to_have_text("Connected", timeout=15_000)
    expect(telephone).to_have_attribute("data-state", re.compile("in-progress|talking|connected|call"))
    agent.screenshot(path=screenshots / "agent-talking.png")
    board.screenshot(path=screenshots / "board.png")

    agent.keyboard.press("e")
    expect(words).to_contain_text("再见", timeout=15_000)
    expect(agent.locator("[data-panel=wrap_up]")).to_be_visible()
    agent.locator("#dispositions label").first.click()
    agent.locator("#notes").focus()
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("[data-panel=available]")).to_be_visible()

    board.goto(f"{box.origin}/supervisor/reports/waits")
    expect(board.locator("table").first).to_contain_text("other questions", timeout=15_000)
    board.screenshot(path=screenshots / "report.png", full_page=True)


def test_stops_on_ctrl_c_and_finds_its_state_at_the_second_start(box, tmp_path):
    assert box.stop() == 0
    with pytest.raises(URLError):
        urlopen(f"{box.origin}/healthz", timeout=2)  # noqa: S310 - ours, on this machine
    port = int(box.origin.rsplit(":", 1)[1])
    again = start(tmp_path, port, port + 1)
    try:
        assert "users password" in again.log.read_text()
    finally:
        assert again.stop() == 0
