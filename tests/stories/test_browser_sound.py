"""The agent's page as a telephone with sound: what the caller's microphone takes up is measured where the agent listens,
and back; and the desk says what is missing before a caller has to find out.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocketRoute, expect
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from ivr.box_secrets import BoxSecrets
from ivr.storage.sql.engine import open_database, reading
from ivr.storage.sql.people_tables import audit
from tests.audit import assert_sound
from tests.listening import deny_microphone, give_ears, give_tone, hears, hears_none_of
from tests.stories.box import Box, calls_and_asks_for_people, goes_ready, page_of, telephone_of

pytestmark = pytest.mark.timeout(240)
CALLER, AGENT, COLLEAGUE = 500, 1500, 2600
SUPERVISOR = 3700
SHORT_S = 6


@pytest.fixture
def browser(windowed: Browser) -> Browser:
    """Talks are heard here, and microphones and speakers chosen."""
    return windowed


@pytest.fixture
def desk(browser: Browser, box: Box) -> Iterator[Callable[..., Page]]:
    """The agent's page, its line connected; on a break again when the test is over."""
    opened: list[Page] = []

    def open_it(*prepare: Callable[[BrowserContext], None], login: str = "a1001") -> Page:
        def prepared(context: BrowserContext) -> None:
            for give in prepare:
                give(context)

        page = page_of(browser, box, login, "/agent", prepare=prepared)
        page.on("dialog", lambda dialog: dialog.accept())
        expect(page.locator("#check-line")).to_have_attribute("data-state", "good")
        opened.append(page)
        return page

    yield open_it
    for page in opened:
        page.context.set_offline(False)
        if page.locator("#desk").get_attribute("data-presence") == "available":
            page.locator("#break").click()
            expect(page.locator("[data-panel=break]")).to_be_visible()
        page.context.close()


def speaks(pitch: int) -> Callable[[BrowserContext], None]:
    return lambda context: give_tone(context, pitch)


def finish(desk: Page) -> None:
    desk.locator("#dispositions label").first.click()
    desk.locator("#result [type=submit]").click()
    expect(desk.locator("[data-panel=available]")).to_be_visible()


@pytest.fixture
def caller(browser: Browser, box: Box) -> Iterator[Callable[[Page], Page]]:
    """Somebody rings, is put through to this agent, and has a microphone with a tone."""
    street = browser.new_context()
    give_ears(street)
    give_tone(street, CALLER)

    def call(desk: Page) -> Page:
        page = street.new_page()
        calls_and_asks_for_people(telephone_of(page, box, 3))
        expect(desk.locator("[data-panel=reserved]")).to_be_visible()
        page.wait_for_function("() => window.tones?.length")
        hears_none_of(page, AGENT)
        desk.keyboard.press("Space")
        expect(desk.locator("#talk")).to_have_attribute("data-phase", "connected")
        hears(desk, CALLER, but_not=(AGENT,))  # after the words that announce the agent
        return page

    yield call
    for page in street.pages:
        page.locator("[data-phone] [data-action=hangup]:enabled").click()
    street.close()


def test_caller_and_agent_hear_each_other_hold_and_mute_silence_and_a_cut_network_does_not(desk, caller):
    agent = desk(give_ears, speaks(AGENT))
    goes_ready(agent)
    phone = caller(agent)
    hears(phone, AGENT, but_not=(CALLER,))
    expect(agent.locator("#mic-level")).not_to_have_attribute("data-level", "0")
    agent.locator("#sound-open").click()
    expect(agent.locator("#sound-quality")).to_have_text("Sounds good")
    expect(agent.locator("#sound-figures")).to_contain_text("lost")
    agent.locator("#sound-panel button.primary").click()

    agent.locator("#hold").click()
    hears_none_of(agent, CALLER)
    hears_none_of(phone, AGENT)
    agent.locator("#hold").click()
    hears(agent, CALLER)
    hears(phone, AGENT)

    agent.locator("#mute").click()
    hears_none_of(phone, AGENT)
    hears(agent, CALLER)
    agent.locator("#mute").click()
    hears(phone, AGENT)

    agent.context.set_offline(True)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "bad")
    agent.context.set_offline(False)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    hears(agent, CALLER)
    hears(phone, AGENT)
    assert agent.locator("#talk").get_attribute("data-phase") == "connected"

    agent.locator("[data-action=end]").click()
    hears_none_of(agent, CALLER)
    hears_none_of(phone, AGENT)
    finish(agent)


def test_a_page_loaded_anew_in_the_talk_has_its_sound_back(desk, caller):
    agent = desk(give_ears, speaks(AGENT))
    goes_ready(agent)
    phone = caller(agent)
    hears(phone, AGENT)
    agent.reload()
    hears(phone, AGENT, but_not=(CALLER,))
    hears(agent, CALLER, but_not=(AGENT,))
    expect(agent.locator("#talk")).to_have_attribute("data-phase", "connected")
    agent.locator("[data-action=end]").click()
    finish(agent)


def test_a_colleague_who_is_asked_is_heard_by_the_agent_then_by_all_then_by_the_caller(desk, caller):
    agent, other = desk(give_ears, speaks(AGENT)), desk(give_ears, speaks(COLLEAGUE), login="a1002")
    goes_ready(agent)
    phone = caller(agent)
    goes_ready(other)
    agent.locator("#transfer-open").click()
    agent.locator("#targets-people label").filter(has_text="1002").click()
    agent.locator("#transfer-ask").click()
    expect(other.locator("[data-panel=reserved]")).to_be_visible()
    other.keyboard.press("Space")
    hears(agent, COLLEAGUE, but_not=(CALLER,))
    hears(other, AGENT, but_not=(CALLER,))
    hears_none_of(phone, AGENT, COLLEAGUE)

    agent.locator("#together").click()
    hears(phone, AGENT, COLLEAGUE, but_not=(CALLER,))
    hears(agent, CALLER, COLLEAGUE, but_not=(AGENT,))
    hears(other, CALLER, AGENT, but_not=(COLLEAGUE,))

    agent.locator("#hand-over").click()
    hears_none_of(agent, CALLER, COLLEAGUE)
    hears(other, CALLER, but_not=(AGENT,))
    hears(phone, COLLEAGUE, but_not=(AGENT,))
    finish(agent)
    other.locator("[data-action=end]").click()
    finish(other)


def test_a_supervisor_listens_whispers_and_joins_and_each_of_the_three_hears_what_they_should(
    browser, box, desk, caller, screenshots
):
    agent = desk(give_ears, speaks(AGENT))
    goes_ready(agent)
    phone = caller(agent)

    def with_sound(context: BrowserContext) -> None:
        give_ears(context)
        give_tone(context, SUPERVISOR)

    room = page_of(browser, box, "supervisor", "/supervisor", prepare=with_sound)
    room.locator("#talks [data-act=talk]").click()
    room.locator("[data-mode=listen]").click()
    hears(room, CALLER, AGENT, but_not=(SUPERVISOR,))
    hears(agent, CALLER, but_not=(SUPERVISOR,))
    hears(phone, AGENT, but_not=(SUPERVISOR,))
    expect(agent.locator("#visitor")).to_be_visible()

    room.locator("[data-mode=whisper]").click()
    hears(agent, CALLER, SUPERVISOR)
    hears(phone, AGENT, but_not=(SUPERVISOR,))
    hears(room, CALLER, AGENT)
    expect(room.locator("[data-mode=whisper]")).to_have_attribute("aria-pressed", "true")
    screenshots.take(room, "supervisor-whispers.png")

    room.locator("[data-mode=join]").click()
    hears(phone, AGENT, SUPERVISOR)
    hears(agent, CALLER, SUPERVISOR)
    hears(room, CALLER, AGENT)

    room.locator("#visit-leave").click()
    hears_none_of(room, CALLER, AGENT)
    hears(phone, AGENT, but_not=(SUPERVISOR,))
    hears(agent, CALLER, but_not=(SUPERVISOR,))
    assert agent.locator("#talk").get_attribute("data-phase") == "connected"
    room.context.close()
    agent.locator("[data-action=end]").click()
    finish(agent)
    told = ["talk: listen", "talk: whisper", "talk: join", "talk: left"]
    deadline = time.monotonic() + 30
    while sat_in(box) != told:
        assert time.monotonic() < deadline, sat_in(box)
        agent.wait_for_timeout(100)


def sat_in(box: Box) -> list[str]:
    """What the audit says of talks that were heard, without the minutes; the end is written down a moment after it."""
    with reading(open_database(f"sqlite:///{box.data / 'ivr.sqlite3'}")) as connection:
        rows = connection.execute(sa.select(audit.c.what).order_by(audit.c.number)).scalars()
        return [what for what in rows if what.startswith("talk: ") and what != "talk: a minute"]


def test_a_denied_microphone_is_said_and_listening_only_is_a_choice_of_ones_own(browser, box, desk, screenshots):
    agent = desk(deny_microphone)
    agent.locator("#ready").click()
    expect(agent.locator("#trouble")).to_contain_text("the browser does not allow the microphone")
    expect(agent.locator("#check-mic em")).to_have_text("not allowed")
    panel = agent.locator("#sound-panel")
    expect(panel).to_be_visible()
    expect(panel.locator("#sound-microphone-state")).to_contain_text("Allow it beside the address")
    expect(panel.get_by_label("Listen only")).to_be_focused()
    assert_sound(agent, "sound, no microphone")
    screenshots.take(agent, "agent-sound-denied.png")
    agent.keyboard.press("Escape")
    expect(agent.locator("[data-panel=break]")).to_be_visible()

    agent.locator("#ready").click()
    agent.keyboard.press("Space")
    agent.keyboard.press("Escape")
    expect(agent.locator("#check-mic em")).to_have_text("listen only")
    goes_ready(agent)


def test_microphone_and_speakers_are_chosen_seen_and_remembered(browser, box, desk, screenshots):
    heard_on = """
      window.sinks = [];
      const set = AudioContext.prototype.setSinkId;
      AudioContext.prototype.setSinkId = function (id) { window.sinks.push(id); return set.call(this, id); };
    """
    agent = desk(lambda context: context.add_init_script(heard_on))
    agent.locator("#sound-open").click()
    panel = agent.locator("#sound-panel")
    expect(panel.locator("#sound-microphone-state")).to_contain_text("Speak")
    agent.wait_for_function("() => document.getElementById('sound-level').value > 0.2")
    chosen = {}
    for name, wanted in (("microphone", "Fake Audio Input 2"), ("ring", "Fake Audio Output 2")):
        field = panel.locator(f"#sound-{name}")
        chosen[name] = field.get_by_text(wanted, exact=False).get_attribute("value")
        field.select_option(chosen[name])
    agent.wait_for_function("id => window.sinks.at(-1) === id", arg=chosen["ring"])
    agent.wait_for_function("() => document.getElementById('sound-level').value > 0.2")
    screenshots.take(panel, "agent-sound.png")
    assert_sound(agent, "sound")

    agent.reload()
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    agent.locator("#sound-open").click()
    for name, value in chosen.items():
        expect(panel.locator(f"#sound-{name}")).to_have_value(value)
    agent.keyboard.press("Escape")
    goes_ready(agent)
    agent.wait_for_function("id => window.sinks.at(-1) === id", arg=chosen["ring"])


SINKS = """
  window.sinks = [];
  const sink = HTMLMediaElement.prototype.setSinkId;
  HTMLMediaElement.prototype.setSinkId = function (id) { if (this.srcObject) window.sinks.push(id); return sink.call(this, id); };
"""


def test_another_speaker_is_chosen_in_mid_call_and_the_caller_is_heard_on_it(desk, caller):
    agent = desk(give_ears, speaks(AGENT), lambda context: context.add_init_script(SINKS))
    goes_ready(agent)
    phone = caller(agent)
    agent.locator("#sound-open").click()
    field = agent.locator("#sound-speaker")
    wanted = field.get_by_text("Fake Audio Output 2", exact=False).get_attribute("value")
    field.select_option(wanted)
    agent.wait_for_function("id => window.sinks.at(-1) === id", arg=wanted)
    agent.keyboard.press("Escape")
    hears(agent, CALLER)
    hears(phone, AGENT)
    assert agent.locator("#talk").get_attribute("data-phase") == "connected"
    agent.locator("[data-action=end]").click()
    finish(agent)
    agent.evaluate("localStorage.clear()")


JUDGED = """async () => {
  const { Sound } = await import("/static/js/audio.js");
  const sound = new Sound();
  const listeners = {};
  sound.follows({ on: (name, listener) => (listeners[name] = listener), status: () => "open" });
  const sample = (mos) => listeners.sample({ mos, rtt: 80, jitter: 5, packetsLostFraction: 0 });
  const words = [];
  const look = () => words.push(sound.quality?.word ?? null);
  look();
  for (let n = 0; n < 5; n++) sample(4.2);
  look();
  listeners.warning("high-rtt", {});
  look();
  listeners["warning-cleared"]("high-rtt", {});
  look();
  for (let n = 0; n < 5; n++) sample(2.4);
  look();
  listeners.disconnect();
  look();
  return words;
}"""


def test_the_line_is_judged_by_samples_and_warnings_of_either_device(desk):
    assert desk().evaluate(JUDGED) == [None, "good", "fair", "good", "poor", None]


def test_a_token_is_renewed_before_it_ends_and_an_old_one_no_longer_matters(browser, box, desk):
    kept = BoxSecrets.kept_in(box.data)
    given: list[float] = []

    def short_lived(route: Route) -> None:
        token = AccessToken(kept.account_sid, kept.api_key, kept.api_secret, identity="a1001", ttl=SHORT_S)
        token.add_grant(VoiceGrant(outgoing_application_sid=kept.app_sid, incoming_allow=True))
        given.append(time.monotonic())
        body = {"kind": "simulator", "base": box.simulator, "token": token.to_jwt(), "expires_s": SHORT_S}
        route.fulfill(body=json.dumps(body), content_type="application/json")

    agent = desk(lambda context: context.route("**/api/v1/softphone", short_lived))
    states = agent.evaluate_handle(
        """() => {
          const seen = [];
          const line = document.getElementById("check-line");
          new MutationObserver(() => seen.push(line.dataset.state)).observe(line, { attributes: true });
          return seen;
        }"""
    )
    until = agent.evaluate("performance.now()") + 1500 * SHORT_S
    agent.wait_for_function("until => performance.now() > until", arg=until)
    assert all(later - earlier < SHORT_S for earlier, later in pairwise(given))
    assert len(given) > 1
    assert set(states.json_value()) <= {"good"}
    agent.context.set_offline(True)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "bad")
    agent.context.set_offline(False)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    goes_ready(agent)


class Carrier:
    """The far end of the carrier's own library, as far as being registered goes."""

    def __init__(self, identity: str) -> None:
        self.tokens: list[str] = []
        self.wires: list[WebSocketRoute] = []
        self.identity = identity
        self.refuses = False

    def __call__(self, context: BrowserContext) -> None:
        context.route_web_socket(re.compile(r"^wss://voice-js"), self._opened)
        context.route("**/api/v1/softphone", self._token)

    def _token(self, route: Route) -> None:
        made = AccessToken("AC" + "1" * 32, "SK" + "2" * 32, "s" * 32, identity=self.identity, ttl=SHORT_S)
        made.add_grant(VoiceGrant(outgoing_application_sid="AP" + "3" * 32, incoming_allow=True))
        body = {"kind": "twilio", "base": "", "token": made.to_jwt(), "expires_s": SHORT_S}
        route.fulfill(body=json.dumps(body), content_type="application/json")

    def _opened(self, wire: WebSocketRoute) -> None:
        if self.refuses:
            wire.close(code=3001, reason="gone")
            return
        self.wires.append(wire)
        wire.on_message(lambda said: self._said(wire, json.loads(str(said).strip() or "{}")))

    def _said(self, wire: WebSocketRoute, said: dict[str, Any]) -> None:
        if said.get("type") == "listen":
            self.tokens.append(said["payload"]["token"])
            token = {"identity": self.identity, "ttl": SHORT_S}
            self._answer(
                wire, "connected", {"edge": "ashburn", "region": "US_EAST_VIRGINIA", "home": "us1", "token": token}
            )
        elif said.get("type") == "register":
            self._answer(wire, "ready", {})

    def _answer(self, wire: WebSocketRoute, kind: str, payload: dict[str, Any]) -> None:
        wire.send(json.dumps({"type": kind, "payload": payload, "version": "1.6"}))


def test_the_carriers_own_library_registers_is_given_new_tokens_and_comes_back_when_its_wire_breaks(desk):
    carrier = Carrier("a1001")
    agent = desk(carrier)
    elsewhere: list[str] = []
    agent.on("request", lambda request: elsewhere.append(request.url) if "sdk.twilio.com" in request.url else None)
    until = agent.evaluate("performance.now()") + 1000 * SHORT_S
    agent.wait_for_function("until => performance.now() > until", arg=until)
    assert len(set(carrier.tokens)) > 1
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")

    before = len(carrier.wires)
    carrier.wires[-1].close(code=3001, reason="gone")
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "bad")
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    assert len(carrier.wires) > before
    assert elsewhere == []
    goes_ready(agent)


def test_who_is_ready_without_a_line_for_twenty_seconds_goes_on_a_break_and_is_told_why(desk):
    carrier = Carrier("a1001")
    agent = desk(carrier)
    agent.clock.install()
    agent.reload()
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    goes_ready(agent)
    carrier.refuses = True
    carrier.wires[-1].close(code=3001, reason="gone")
    expect(agent.locator("#check-line em")).to_have_text("not connected")
    agent.clock.fast_forward("00:21")
    expect(agent.locator("[data-panel=break]")).to_be_visible()
    expect(agent.locator("#trouble")).to_contain_text("Your line was away for too long")
    expect(agent.locator("#presence-name")).to_contain_text("Technical trouble")


def test_a_computer_that_slept_for_hours_is_on_the_line_again_with_a_new_token(browser, box, desk):
    agent = desk()
    asked: list[str] = []
    agent.on("request", lambda request: asked.append(request.url))
    agent.clock.install()
    agent.reload()
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    asked.clear()
    with agent.expect_request("**/api/v1/softphone"):
        agent.clock.fast_forward("03:00:00")
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    assert sum("/api/v1/softphone" in url for url in asked) == 1


def test_without_a_network_nobody_goes_ready_and_the_desk_says_what_to_do(browser, box, desk):
    agent = desk()
    agent.context.set_offline(True)
    expect(agent.locator("#check-line em")).to_have_text("not connected")
    agent.locator("#ready").click()
    expect(agent.locator("#trouble")).to_contain_text("no network")
    expect(agent.locator("[data-panel=break]")).to_be_visible()
    agent.context.set_offline(False)
    expect(agent.locator("#check-line")).to_have_attribute("data-state", "good")
    goes_ready(agent)
