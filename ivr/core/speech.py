"""From a prompt to the words that are heard: slots filled, digits spelled, bad characters gone, long texts divided.

Voices read numbers as they please ("four hundred and eight"), so whatever is a number to be written down (case
number, code, agent number) is spelled by us, in groups, and in Chinese as numerals with 幺 for 1, as people do on the
telephone. Words for waits and hours are ours too, so that every voice says the same.

A value that fills a slot may come from anywhere; it is cleaned of what XML or a reader must not see and cut to a
length that no honest value reaches. What remains is text, never markup: the carrier's document escapes it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import accumulate
from urllib.parse import quote

from ivr.core.hours import ALWAYS, describe
from ivr.core.ids import Language, TopicId
from ivr.core.instructions import Spoken
from ivr.core.menus import MenuTree, Prompt

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z][a-z0-9_]*))?\}")
"""`{wait}`, or with the thing it is about: `{hours:office}`, `{topic:complaints}`."""
SPELLED = frozenset({"digits", "code", "last4", "agent_id"})
TOLD = frozenset({"topic", "desk", "wait", "when", "agent_id", "n", "hours", "minutes", "slot1", "slot2", "slot3"})
"""Slots whose values records may keep. What is not here (codes, numbers, keyed digits) is heard and forgotten."""
VALUE_CAP = 200
"""Longest value of a slot, in characters."""
SAY_CAP = 2900
"""Characters of one utterance: Polly takes 3,000, the basic voices 4,096 (`FACTS.md` 3.1)."""
SAY_CAP_ENCODED = 4400
"""The same in URL-encoded characters, of which about 4,500 are taken; a Chinese character counts nine."""
HIDDEN = "•"
WAIT_CAP_MIN = 30
MINUTE_S = 60
GROUP = 4
MARKS_CAP = 3
"""Combining marks in a row that are kept: real scripts need no more."""

ZH_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")
FORBIDDEN = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # not a character of XML 1.0
    "|[\u0080-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"  # unseen, or turns text
    "|[\ufdd0-\ufdef]|[\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U000e0000-\U000e0fff\U0010fffe\U0010ffff]"
)


def fill(prompt: Prompt, language: Language, slots: Mapping[str, str], tree: MenuTree) -> tuple[Spoken, ...]:
    """What is heard when `prompt` is said in `language`. A file of `recordings/` stays with its text.

    A language that the prompt lacks falls back to the default one: somebody on the line hears something.
    """
    segments = prompt.segments.get(language) or prompt.segments.get(tree.default_language) or ()
    heard: list[Spoken] = []
    for segment in segments:
        text = _filled(segment.text, segment.language, slots, tree)
        if segment.audio is not None:
            heard.append(Spoken(language=segment.language, text=text, audio=segment.audio))
        else:
            heard.extend(Spoken(language=segment.language, text=part) for part in divide(text))
    return tuple(heard)


def plain_text(prompt: Prompt, language: Language, slots: Mapping[str, str], tree: MenuTree) -> str:
    """A prompt as text to read (a text message): the same slots, digits left as digits."""
    segments = prompt.segments.get(language) or prompt.segments.get(tree.default_language) or ()
    return " ".join(_filled(segment.text, segment.language, slots, tree, spoken=False) for segment in segments)


def retold(prompt: Prompt, language: Language, slots: Mapping[str, str], tree: MenuTree) -> str:
    """The words of `fill` from what was kept of their slots; a value that was not kept is shown as `HIDDEN`."""
    segments = prompt.segments.get(language) or prompt.segments.get(tree.default_language) or ()
    named = {slot for segment in segments for slot in slots_of(segment.text)}
    kept = {name: HIDDEN for name in named if name not in tree.texts} | {"menu": ""} | dict(slots)
    return " ".join(sound.text for sound in fill(prompt, language, kept, tree)).strip()


def slots_of(text: str) -> frozenset[str]:
    """The slots of a text as written, with what they are about: `wait`, `hours:office`."""
    return frozenset(match.group(0)[1:-1] for match in SLOT.finditer(text))


def _filled(text: str, language: Language, slots: Mapping[str, str], tree: MenuTree, *, spoken: bool = True) -> str:
    def value(match: re.Match[str]) -> str:
        found = _value(match.group(1), match.group(2), language, slots, tree)
        if found.endswith(".") and text.startswith(".", match.end()):
            found = found.removesuffix(".")  # "at 3 p.m." at the end of a sentence has one full stop
        if match.group(1) in SPELLED and spoken:
            return spell(found, language)
        return found

    return clean(SLOT.sub(value, text))


def _value(name: str, about: str | None, language: Language, slots: Mapping[str, str], tree: MenuTree) -> str:
    if name == "hours" and about is not None:
        calendar = tree.calendars.get(about, ALWAYS)
        return calendar.says.get(language) or describe(calendar, chinese=is_chinese(language))
    if name in ("topic", "desk") and about is not None:
        topic = tree.topics.get(TopicId(about))
        return topic.names.get(language, "") if topic else ""
    if name in slots:
        return clean(str(slots[name]))[:VALUE_CAP]
    return tree.texts.get(name, {}).get(language, "")


def is_chinese(language: Language) -> bool:
    return language.split("-")[0] in ("zh", "cmn", "yue")


def wait_words(seconds: float, language: Language, tree: MenuTree | None = None) -> str:
    """A wait as words, rounded up to minutes. Other languages than Chinese and English take the tree's own texts
    `wait_under`, `wait_about` (with `#` for the number of minutes) and `wait_over`.
    """
    minutes = math.ceil(seconds / MINUTE_S)
    texts = tree.texts if tree else {}
    kind = "wait_under" if seconds < MINUTE_S else "wait_over" if minutes > WAIT_CAP_MIN else "wait_about"
    if language in texts.get(kind, {}):
        return texts[kind][language].replace("#", str(minutes))
    if kind == "wait_under":
        return "不到1分钟" if is_chinese(language) else "less than one minute"
    if kind == "wait_over":
        return f"超过{WAIT_CAP_MIN}分钟" if is_chinese(language) else f"more than {WAIT_CAP_MIN} minutes"
    return f"约{minutes}分钟" if is_chinese(language) else f"about {minutes} minute{'' if minutes == 1 else 's'}"


def proof_words(language: Language, tree: MenuTree, *, verified: bool) -> str:
    """Whether a caller proved who they are. Other languages than Chinese and English take the tree's own texts
    `verified` and `unverified`.
    """
    own = tree.texts.get("verified" if verified else "unverified", {}).get(language)
    if own is not None:
        return own
    if is_chinese(language):
        return "已验证" if verified else "未验证"
    return "verified" if verified else "not verified"


def spell(value: str, language: Language) -> str:
    """Digit by digit, in groups: 幺三八，零零幺三，八零零零 · "1 3 8, 0 0 1 3, 8 0 0 0". Letters stay as they are."""
    digits = "".join(str(unicodedata.digit(c)) for c in value if c.isdecimal())
    if not digits:
        return clean(value).replace("_", " ")
    if is_chinese(language):
        return "，".join(group.translate(ZH_DIGITS) for group in grouped(digits))
    return ", ".join(" ".join(group) for group in grouped(digits))


def grouped(digits: str) -> list[str]:
    """Groups as people say them: fours, threes, 3-4-4 for a mobile number; never one digit alone."""
    size = len(digits)
    fours, rest = divmod(size, GROUP)
    if fours == 0:
        sizes = [size]
    elif rest == 0:
        sizes = [GROUP] * fours
    elif size % 3 == 0:
        sizes = [3] * (size // 3)
    elif rest == 1:
        sizes = [3, 2, *[GROUP] * (fours - 1)]
    else:
        sizes = [rest, *[GROUP] * fours]
    starts = accumulate(sizes, initial=0)
    return [digits[start : start + length] for start, length in zip(starts, sizes, strict=False)]


@lru_cache(maxsize=2048)
def clean(text: str) -> str:
    """Without characters that XML forbids or that turn, hide or pile up text; blanks made single."""
    kept: list[str] = []
    marks = 0
    for character in FORBIDDEN.sub("", text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MARKS_CAP:
            kept.append(character)
    return " ".join("".join(kept).split())


@lru_cache(maxsize=2048)
def divide(text: str) -> tuple[str, ...]:
    """Parts that one utterance may hold each, cut after a sentence, else after a comma or blank, else anywhere.

    Kept, because menus say the same words to every caller.
    """
    parts: list[str] = []
    while text:
        size = _fits(text)
        if size < len(text):
            size = _cut(text, size)
        parts.append(text[:size].strip())
        text = text[size:].strip()
    return tuple(parts)


def _fits(text: str) -> int:
    """How many of the leading characters one utterance holds."""
    encoded = 0
    for place, character in enumerate(text[:SAY_CAP]):
        encoded += len(quote(character))
        if encoded > SAY_CAP_ENCODED:
            return place
    return min(len(text), SAY_CAP)


def _cut(text: str, size: int) -> int:
    """A good place at or before `size`, in its second half; `size` itself when there is none."""
    for stops in ("。！？.!?", "；;，,、", " "):
        place = max(text.rfind(stop, size // 2, size) for stop in stops)
        if place >= 0:
            return place + 1
    while size > 1 and unicodedata.combining(text[size]):
        size -= 1
    return size
