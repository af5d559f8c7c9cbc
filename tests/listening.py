"""What a page's microphone takes up, and what its loudspeakers really play: tones that a test can tell apart."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Error, Page

TONE = """
{
  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    const permitted = await real(wanted);
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.frequency.value = PITCH;
    const out = context.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    out.permitted = permitted;
    (window.tones ??= []).push(out);
    return out.stream;
  };
}
"""
EARS = """
{
  const players = new Set();
  const ears = new WeakMap();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (this.srcObject) players.add(this);
    return play.call(this);
  };
  let context;
  const ear = (stream) => {
    if (!ears.has(stream)) {
      context ??= new AudioContext();
      context.resume();
      const listening = context.createAnalyser();
      listening.fftSize = 4096;
      listening.smoothingTimeConstant = 0;
      context.createMediaStreamSource(stream).connect(listening);
      ears.set(stream, listening);
    }
    return ears.get(stream);
  };
  /** How loud each pitch is in all that plays now, in dB; -200 where nothing plays. */
  window.loudness = (pitches) => {
    const loudest = pitches.map(() => -200);
    for (const player of players) {
      if (player.paused || player.muted || !player.srcObject) continue;
      const listening = ear(player.srcObject);
      const levels = new Float32Array(listening.frequencyBinCount);
      listening.getFloatFrequencyData(levels);
      const width = context.sampleRate / listening.fftSize;
      pitches.forEach((pitch, place) => {
        const near = Math.round(pitch / width);
        loudest[place] = Math.max(loudest[place], ...levels.slice(near - 2, near + 3));
      });
    }
    return loudest;
  };
  window.hear = ([heard, not]) => {
    const loud = window.loudness([...heard, ...not]);
    return loud.every((level, place) => (place < heard.length ? level > -50 : level < -75));
  };
}
"""
DENIED = """
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("Permission denied", "NotAllowedError"); };
"""
WITHIN_MS = 20_000


def give_ears(page: Page | BrowserContext) -> None:
    page.add_init_script(EARS)


def give_tone(page: Page | BrowserContext, pitch: int) -> None:
    """The microphone hears this tone and nothing else, once the browser allows it."""
    page.add_init_script(TONE.replace("PITCH", str(pitch)))


def deny_microphone(page: Page | BrowserContext) -> None:
    page.add_init_script(DENIED)


def hears(page: Page, *pitches: int, but_not: tuple[int, ...] = ()) -> None:
    """The page plays these tones, each well above the noise, and none of the others."""
    try:
        page.wait_for_function("window.hear", arg=[list(pitches), list(but_not)], timeout=WITHIN_MS, polling=50)
    except Error as err:
        wanted = [*pitches, *but_not]
        levels = page.evaluate("window.loudness", wanted)
        raise AssertionError(
            f"wanted {pitches} without {but_not}; heard {dict(zip(wanted, levels, strict=True))}"
        ) from err


def hears_none_of(page: Page, *pitches: int) -> None:
    hears(page, but_not=pitches)
