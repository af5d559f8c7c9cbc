"""Makes the sounds of this folder. Same bytes every time; standard library only.

    python recordings/make_music.py                  makes music.wav, its four pieces and tone.wav
    python recordings/make_music.py cut other.wav    cuts a recording of your own into its four pieces

A waiting caller hears one piece a turn (`music-1.wav` … `music-4.wav`): between two pieces the service may say
something, and a key is heard at any moment. A piece lasts one second less than a turn of 15 s, and fades at both ends.
Ours is slow chords of plain sine tones in the band that a telephone carries, with a single high note over each.
`tone.wav` is the short tone before a message. All are 8 kHz, 16 bit, one channel.
"""

# ruff: noqa: INP001  a script beside the files it makes, no part of a package

from __future__ import annotations

import math
import struct
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

RATE = 8000
PIECES = 4
PIECE_S = 14
FADE_S = 0.4
CHORD_S = 3.5
PEAK = 0.45
"""Share of full scale: the words that follow should not be quieter than the music."""
CHORDS: tuple[tuple[int, ...], ...] = (
    (57, 60, 64, 69),
    (53, 57, 60, 65),
    (55, 60, 64, 67),
    (55, 59, 62, 67),
    (57, 60, 64, 72),
    (53, 57, 65, 69),
    (52, 60, 64, 67),
    (55, 59, 62, 71),
    (53, 60, 65, 69),
    (52, 59, 64, 67),
    (53, 57, 62, 69),
    (55, 59, 64, 67),
    (57, 60, 65, 69),
    (55, 60, 64, 67),
    (53, 57, 62, 65),
    (55, 59, 62, 67),
)
"""Notes by MIDI number (69 is the A of 440 Hz); four chords to a piece."""
MELODY: tuple[int, ...] = (76, 72, 79, 74, 76, 77, 79, 74, 72, 71, 74, 71, 77, 76, 74, 71)


def hertz(note: int) -> float:
    return 440.0 * 2 ** ((note - 69) / 12)


def tone(note: int, at: float, length: float) -> float:
    """A soft note `at` seconds after its beginning: a sine with a little octave, swelling and dying away."""
    if not 0 <= at < length:
        return 0.0
    swell = math.sin(math.pi * at / length) ** 2
    angle = 2 * math.pi * hertz(note) * at
    return swell * (math.sin(angle) + 0.18 * math.sin(2 * angle))


def music() -> list[float]:
    """Each chord sounds for twice its step, so that one melts into the next; the last melts into the first."""
    total = round(CHORD_S * RATE) * len(CHORDS)
    samples = [0.0] * total
    for place, chord in enumerate(CHORDS):
        begin = round(place * CHORD_S * RATE)
        for offset in range(round(2 * CHORD_S * RATE)):
            at = offset / RATE
            level = sum(tone(note, at, 2 * CHORD_S) for note in chord) / len(chord)
            level += 0.35 * tone(MELODY[place], at - 1.0, CHORD_S)
            samples[(begin + offset) % total] += level
    return scaled(samples)


def beep() -> list[float]:
    length = 0.4
    ramp = 0.02
    count = round(length * RATE)
    loud = [math.sin(2 * math.pi * 1000 * n / RATE) for n in range(count)]
    return scaled([s * min(1.0, n / RATE / ramp, (count - n) / RATE / ramp) for n, s in enumerate(loud)])


def scaled(samples: Sequence[float]) -> list[float]:
    loudest = max(abs(sample) for sample in samples) or 1.0
    return [sample / loudest * PEAK for sample in samples]


def pieces(samples: Sequence[float]) -> list[list[float]]:
    """Four pieces, each faded in and out; a recording that is too short begins again."""
    size, fade = PIECE_S * RATE, round(FADE_S * RATE)
    cut = [[samples[(n * size + i) % len(samples)] for i in range(size)] for n in range(PIECES)]
    return [[s * min(1.0, i / fade, (size - i) / fade) for i, s in enumerate(piece)] for piece in cut]


def write(path: Path, samples: Sequence[float]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", round(sample * 32767)) for sample in samples))


def read(path: Path) -> list[float]:
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            raise SystemExit(f"{path}: must be a WAV file of 8 kHz, 16 bit, one channel")
        frames = file.readframes(file.getnframes())
    return [value[0] / 32768 for value in struct.iter_unpack("<h", frames)]


def main(arguments: Sequence[str]) -> None:
    folder = Path(__file__).parent
    if arguments[:1] == ["cut"]:
        source = Path(arguments[1])
        target, samples = source, read(source)
    else:
        target, samples = folder / "music.wav", music()
        write(target, samples)
        write(folder / "tone.wav", beep())
    for number, piece in enumerate(pieces(samples), start=1):
        write(target.with_name(f"{target.stem}-{number}.wav"), piece)


if __name__ == "__main__":
    main(sys.argv[1:])
