"""Sound between browsers: what goes into one page's microphone is measured at another page's loudspeaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Response
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from ivr.simulator import Network
from tests.listening import deny_microphone, give_ears, give_tone, hears, hears_none_of
from tests.simulator.service import Service, rest_client

ROOM = "<Response><Dial><Conference beep='false'>room-1</Conference></Dial></Response>"
CARRIERS_LIBRARY = Path(__file__).parents[2] / "ivr/web/static/vendor/twilio.min.js"
LOW, MIDDLE, HIGH = 440, 1000, 1900


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    made = Service()
    made.answers["/voice/incoming"] = ROOM
    made.answers["/voice/client"] = ROOM
    made.answers["/desk"] = Response("<!doctype html><title>desk</title>", content_type="text/html")
    yield made
    made.stop()


@pytest.fixture
def network(service: Service) -> Iterator[Network]:
    with Network() as made:
        made.serves(service.origin)
        yield made


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    opened: list[BrowserContext] = []

    def another() -> BrowserContext:
        opened.append(browser.new_context(locale="en-GB"))
        give_ears(opened[-1])
        return opened[-1]

    yield another
    for context in opened:
        context.close()


@pytest.fixture
def telephone(contexts: Callable[[], BrowserContext], network: Network) -> Callable[..., Page]:
    """A page whose telephone is in the room, with a tone of its own for a microphone; 0: the browser denies one."""
    numbers = iter(["%2B8613800138000", "%2B447911123456", "%2B14155550123"])

    def another(pitch: int) -> Page:
        page = contexts().new_page()
        if pitch:
            give_tone(page, pitch)
        else:
            deny_microphone(page)
        page.goto(f"{network.base_url}/phone?from={next(numbers)}")
        phone_on(page).locator("[data-action=call]").click()
        expect(phone_on(page)).to_have_attribute("data-state", "talking")
        return page

    return another


def phone_on(page: Page) -> Locator:
    return page.locator("[data-phone='1']")


def seats(network: Network) -> dict[str, str]:
    """Number → call, of all who are in the room."""
    return {leg.from_: leg.sid for leg in network.live_legs() if leg.seat is not None}


def test_two_telephones_hear_each_other_and_a_hold_and_a_mute_silence_them(
    telephone: Callable[..., Page], network: Network
) -> None:
    one, two = telephone(LOW), telephone(HIGH)
    hears(one, HIGH, but_not=(LOW,))
    hears(two, LOW, but_not=(HIGH,))

    rest = rest_client(network)
    [room] = rest.conferences.list()
    first, second = seats(network)["+8613800138000"], seats(network)["+447911123456"]
    room_of = rest.conferences(room.sid).participants
    room_of(first).update(hold=True)
    hears_none_of(one, HIGH)
    hears_none_of(two, LOW)
    room_of(first).update(hold=False)
    hears(one, HIGH)
    hears(two, LOW)

    room_of(second).update(muted=True)
    hears_none_of(one, HIGH)
    hears(two, LOW)


def test_three_in_a_room_hear_each_other_and_who_leaves_hears_nobody(telephone: Callable[..., Page]) -> None:
    pages = {pitch: telephone(pitch) for pitch in (LOW, MIDDLE, HIGH)}
    for pitch, page in pages.items():
        hears(page, *(other for other in pages if other != pitch), but_not=(pitch,))
    phone_on(pages[MIDDLE]).locator("[data-action=hangup]").click()
    hears_none_of(pages[MIDDLE], LOW, HIGH)
    hears(pages[LOW], HIGH, but_not=(MIDDLE,))
    hears(pages[HIGH], LOW, but_not=(MIDDLE,))


def test_a_telephone_page_that_is_loaded_anew_has_its_sound_back(telephone: Callable[..., Page]) -> None:
    one, two = telephone(LOW), telephone(HIGH)
    hears(two, LOW)
    one.reload()
    hears(one, HIGH)
    hears(two, LOW)


def test_outside_a_room_no_microphone_is_heard(telephone: Callable[..., Page], service: Service) -> None:
    service.answers["/voice/incoming"] = "<Response><Gather timeout='60'><Pause length='60'/></Gather></Response>"
    try:
        one, two = telephone(LOW), telephone(HIGH)
    finally:
        service.answers["/voice/incoming"] = ROOM
    one.wait_for_function("() => window.tones?.length")  # its microphone is open
    two.wait_for_function("() => window.tones?.length")
    for page in (one, two):
        hears_none_of(page, LOW, HIGH)
        assert page.evaluate("window.loudness", [LOW, HIGH]) == [-200, -200]


def test_a_page_without_a_microphone_hears_the_others_and_says_so(telephone: Callable[..., Page]) -> None:
    speaking, dumb = telephone(LOW), telephone(0)
    hears(dumb, LOW)
    expect(phone_on(dumb).locator("[data-dumb]")).to_contain_text("the others cannot hear you")
    expect(phone_on(speaking).locator("[data-dumb]")).to_be_hidden()
    dumb.locator("[data-language=zh]").click()
    expect(phone_on(dumb).locator("[data-dumb]")).to_contain_text("对方听不到您")


DEVICE = """async ([token, base]) => {
  window.device = new SimulatorDevice(token, { base });
  await device.register();
  window.call = await device.connect();
  window.samples = [];
  window.volumes = [];
  call.on("sample", (sample) => samples.push(sample));
  call.on("volume", (inward, outward) => volumes.push([inward, outward]));
  await new Promise((done) => call.on("accept", done));
}"""


def test_the_softphone_talks_mutes_and_says_how_it_sounds(
    contexts: Callable[[], BrowserContext], telephone: Callable[..., Page], network: Network, service: Service
) -> None:
    page = contexts().new_page()
    give_tone(page, MIDDLE)
    page.goto(f"{service.origin}/desk")
    page.add_script_tag(url=f"{network.base_url}/device.js")
    page.evaluate(DEVICE, [network.token("agent_1"), network.base_url])
    phone = telephone(LOW)
    hears(page, LOW)
    hears(phone, MIDDLE)
    page.wait_for_function("() => samples.some(({ mos, packetsReceived }) => mos > 3 && packetsReceived > 20)")
    page.wait_for_function("() => volumes.some(([inward, outward]) => inward > 0.05 && outward > 0.05)")
    assert page.evaluate("() => call.getRemoteStream().getAudioTracks().length") == 1

    page.evaluate("call.mute(true)")
    hears_none_of(phone, MIDDLE)
    hears(page, LOW)
    page.evaluate("call.mute(false)")
    hears(phone, MIDDLE)

    page.evaluate("() => { window.over = new Promise((done) => call.on('disconnect', done)); }")
    phone_on(phone).locator("[data-action=hangup]").click()
    page.evaluate("window.call.disconnect()")
    hears_none_of(page, LOW)


FACE = """([token, base]) => {
  const members = {
    device: ["audio", "connect", "destroy", "disconnectAll", "on", "register", "state", "unregister", "updateToken"],
    audio: ["availableInputDevices", "availableOutputDevices", "inputDevice", "inputStream", "isOutputSelectionSupported", "on",
            "ringtoneDevices", "setInputDevice", "speakerDevices", "unsetInputDevice"],
    outputs: ["get", "set"],
  };
  const missing = [];
  for (const device of [new Twilio.Device(token), new SimulatorDevice(token, { base })]) {
    const parts = { device, audio: device.audio, outputs: device.audio.speakerDevices };
    for (const [part, names] of Object.entries(members)) {
      missing.push(...names.filter((name) => !(name in parts[part])).map((name) => `${device.constructor.name} ${part}.${name}`));
    }
  }
  return missing;
}"""


def test_both_devices_have_the_face_that_the_desk_uses(
    contexts: Callable[[], BrowserContext], network: Network, service: Service
) -> None:
    page = contexts().new_page()
    page.goto(f"{service.origin}/desk")
    page.add_script_tag(url=f"{network.base_url}/device.js")
    page.add_script_tag(path=CARRIERS_LIBRARY)
    assert page.evaluate(FACE, [network.token("agent_1"), network.base_url]) == []


def test_a_softphone_page_that_goes_takes_its_call_with_it(
    contexts: Callable[[], BrowserContext], network: Network, service: Service
) -> None:
    page = contexts().new_page()
    page.goto(f"{service.origin}/desk")
    page.add_script_tag(url=f"{network.base_url}/device.js")
    page.evaluate(DEVICE, [network.token("agent_1"), network.base_url])
    [leg] = network.live_legs()
    page.reload()
    network.wait_until(lambda: leg.over, 3, "the call of the page that went is over")
