"""Sound: how long speech and files last, and the files the network itself makes (recordings)."""

from __future__ import annotations

import io
import math
import re
import struct
import threading
import time
import wave
from dataclasses import dataclass

from ivr.simulator import http
from ivr.simulator.twiml import TwimlError

HAN_PER_S = 4.6
WORDS_PER_S = 2.8
SHORTEST_S = 0.3
UNKNOWN_S = 3.0
"""For a file whose length cannot be read."""
FRESH_S = 60.0
MOST_SOUNDS = 500
AUDIO = frozenset({"mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw"})
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W_]+")
RATE = 8000
TONE_HZ = 440
LONGEST_FILE_S = 600


def speech_s(text: str) -> float:
    """How long a voice takes for `text`, in seconds."""
    han = len(_HAN.findall(text))
    words = len(_WORD.findall(_HAN.sub(" ", text)))
    return max(SHORTEST_S, han / HAN_PER_S + words / WORDS_PER_S)


@dataclass(frozen=True)
class Sound:
    seconds: float


class Media:
    """Fetches what `Play` names, once a minute per address, as the carrier's cache does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cache: dict[str, tuple[float, Sound]] = {}
        self.fetched = 0

    def fetch(self, url: str) -> Sound:
        """In a pool thread. Raises TwimlError 11200 or 13420."""
        with self._lock:
            known = self._cache.get(url)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        try:
            bare, policy = http.policy_of(url)
            answer = http.send(http.Request(url=bare, method="GET"), policy)
        except http.HttpFailed as err:
            raise TwimlError(err.code, f"{url}: {err.message}") from err
        if answer.status != 200:
            raise TwimlError(11200, f"{url}: HTTP {answer.status}")
        kind = answer.content_type.split(";")[0].strip().lower()
        if not kind.startswith("audio/") or kind.removeprefix("audio/") not in AUDIO:
            raise TwimlError(13420, f"{url}: '{kind}' is no sound")
        sound = Sound(length_s(answer.body, kind))
        with self._lock:
            self.fetched += 1
            if len(self._cache) >= MOST_SOUNDS:
                self._cache.clear()
            self._cache[url] = (time.monotonic() + FRESH_S, sound)
        return sound


def length_s(body: bytes, kind: str) -> float:
    if "wav" in kind:
        try:
            with wave.open(io.BytesIO(body)) as sound:
                return float(max(SHORTEST_S, sound.getnframes() / sound.getframerate()))
        except (wave.Error, EOFError, ZeroDivisionError):
            return UNKNOWN_S
    if kind.endswith("mpeg"):
        return max(SHORTEST_S, len(body) * 8 / (_mp3_kbit(body) * 1000))
    if kind.endswith("ulaw"):
        return max(SHORTEST_S, len(body) / RATE)
    return UNKNOWN_S


_KBIT_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _mp3_kbit(body: bytes) -> int:
    """From the first frame header; 64 when there is none."""
    at = (
        10 + ((body[6] << 21) | (body[7] << 14) | (body[8] << 7) | body[9])
        if body[:3] == b"ID3" and len(body) > 10
        else 0
    )
    head = body[at : at + 4]
    if len(head) == 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        table = _KBIT_1 if (head[1] >> 3) & 3 == 3 else _KBIT_2
        index = head[2] >> 4
        if 0 < index < len(table):
            return table[index]
    return 64


def tone(seconds: float, *, silent: bool = False) -> bytes:
    """A WAV file, 8 kHz mono: a quiet tone where a voice was."""
    frames = int(min(max(seconds, 0.0), LONGEST_FILE_S) * RATE)
    period = RATE // math.gcd(RATE, TONE_HZ)
    one = b"".join(
        struct.pack("<h", 0 if silent else int(3000 * math.sin(2 * math.pi * TONE_HZ * n / RATE)))
        for n in range(period)
    )
    body = (one * (frames // period + 1))[: frames * 2]
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(body)
    return out.getvalue()
