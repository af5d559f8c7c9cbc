"""`ivr run` as a process, and pages of it in a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
START_S = 180.0
STOP_S = 20.0


@dataclass
class Box:
    """`ivr run`, as a process."""

    origin: str
    process: subprocess.Popen[str]
    log: Path
    menus: Path | None
    simulator: str = ""
    data: Path = Path()
    passwords: dict[str, str] = field(default_factory=dict)

    def wait_until_open(self) -> None:
        deadline = time.monotonic() + START_S
        while "The hotline is open" not in self.log.read_text():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(self.log.read_text())
            time.sleep(0.1)
        found = re.findall(r"^ {4}(\w+) +([a-z2-9]{4}(?:-[a-z2-9]{4}){3})$", self.log.read_text(), re.MULTILINE)
        self.passwords = dict(found)

    def signs_in(self, login: str) -> list[Any]:
        """The cookies of somebody who has typed name and password into the form."""
        with requests.Session() as visitor:
            form = visitor.get(f"{self.origin}/login", timeout=10).text
            token = re.search(r'name="csrf" value="([^"]+)"', form)
            assert token is not None, form
            fields = {"name": login, "password": self.passwords[login], "csrf": token[1], "next": ""}
            answer = visitor.post(f"{self.origin}/login", data=fields, allow_redirects=False, timeout=10)
            assert answer.status_code == 303, answer.text
            return [{"name": one.name, "value": one.value, "url": self.origin} for one in visitor.cookies]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()  # what it started does not outlive it
            raise


def start(folder: Path, port: int, simulator_port: int, *, menus: Path | None = None) -> Box:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    environment |= {
        "IVR_PORT": str(port),
        "IVR_SIMULATOR_PORT": str(simulator_port),
        "IVR_DATA_DIR": str(folder / "var"),
        "IVR_LOG_FORMAT": "json",
    }
    if menus is not None:
        environment["IVR_MENUS_DIR"] = str(menus)
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
    origin, simulator = (f"http://127.0.0.1:{number}" for number in (port, simulator_port))
    box = Box(origin, process, log, menus, simulator, folder / "var")
    try:
        box.wait_until_open()
    except BaseException:
        process.kill()
        raise
    return box


def page_of(
    browser: Browser,
    box: Box,
    login: str,
    path: str,
    *,
    language: str = "en",
    prepare: Callable[[BrowserContext], None] = lambda _context: None,
) -> Page:
    """Signed in. `prepare` is given the context before its page loads anything."""
    context = browser.new_context(permissions=["microphone"], viewport={"width": 1280, "height": 860})
    prepare(context)
    context.add_cookies([{"name": "ivr-language", "value": language, "url": box.origin}])
    context.add_cookies(box.signs_in(login))
    page = context.new_page()
    page.goto(box.origin + path)
    assert page.url == box.origin + path, page.url
    if path == "/agent":
        goes_on_here(page)
    return page


def goes_on_here(desk: Page) -> None:
    """The page of the story before was closed with its browser, and the service may not know yet: work here."""
    expect(desk.locator("#desk")).to_be_attached()  # and not the page before, which has no panel at all
    expect(desk.locator("[data-panel=loading]")).to_be_hidden()
    if desk.locator("[data-panel=elsewhere]").is_visible():
        desk.locator("#elsewhere-button").click()
        expect(desk.locator("[data-panel=elsewhere]")).to_be_hidden()


def goes_ready(desk: Page) -> None:
    """Ready, whatever the story before left behind: one that failed in a talk is one failure, and not many."""
    presence = desk.locator("#desk")
    expect(presence).not_to_have_attribute("data-presence", "loading")
    if presence.get_attribute("data-presence") == "on_call":
        desk.locator("[data-action=end]").click()
        expect(presence).not_to_have_attribute("data-presence", "on_call")
    if presence.get_attribute("data-presence") == "wrap_up":
        desk.locator("#dispositions label").first.click()
        desk.locator("#result [type=submit]").click()
        expect(presence).not_to_have_attribute("data-presence", "wrap_up")
    if presence.get_attribute("data-presence") != "available":
        desk.locator("#ready").click()
    expect(desk.locator("[data-panel=available]")).to_be_visible()


def telephone_of(page: Page, box: Box, place: int = 0) -> Locator:
    """A telephone on the page of telephones: each place has a number of its own."""
    page.goto(f"{box.origin}/phone")
    for _ in range(place):
        page.locator("[data-action=add]").click()
    return page.locator("[data-phone]").nth(place)


def calls_and_asks_for_people(telephone: Locator) -> Locator:
    """The caller presses 1 for Mandarin and 0 for other questions. Answers with where the words are."""
    words = telephone.locator("[data-transcript]")
    telephone.locator("[data-action=call]").click()
    expect(words).to_contain_text("中文服务请按1")
    telephone.locator("[data-key='1']").click()
    expect(words).to_contain_text("账户被盗", timeout=30_000)  # the notice before it is heard whole
    telephone.locator("[data-key='0']").click()
    return words
