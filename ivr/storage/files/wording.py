"""What is said: every prompt in every language, with slots that exist, in a length that can be listened to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ivr.core.ids import Language, PromptId, TopicId
from ivr.core.links import foreign
from ivr.core.menus import MenuTree, Prompt, Segment
from ivr.core.speech import SLOT, is_chinese, plain_text, slots_of
from ivr.core.text_length import sms_segments
from ivr.storage.files import (
    callback_prompts,
    case_prompts,
    channels,
    evidence_prompts,
    references,
    schema,
    standard_prompts,
    verification_prompts,
)
from ivr.storage.files.phrases import banned
from ivr.storage.files.problems import Path, Problems, did_you_mean

WARN_S, REFUSE_S = 20, 30
"""Seconds of speech that are too long, and far too long (`DOMAIN.md` 2.1)."""
CHINESE_PER_S, WORDS_PER_S = 4.6, 2.8
SMS_SEGMENTS = 2
SMS_CAP = 1600

ROLE_SLOTS: Mapping[str, frozenset[str]] = {
    "menu.prompt": frozenset({"last4"}),
    "collect.confirm": frozenset({"digits"}),
    "voicemail.done": frozenset({"reply_by"}),
    "announcements.enter": frozenset({"topic", "wait"}),
    "announcements.enter_unknown": frozenset({"topic"}),
    "announcements.update": frozenset({"wait"}),
    "announcements.update_longer": frozenset({"wait"}),
    "announcements.connect": frozenset({"agent_id"}),
    "sms.text": frozenset({"link", "hours", "digits"}),
    "evidence.text": frozenset({"link", "hours", "digits"}),
    "desk.text": frozenset({"link", "hours", "digits"}),
}
"""What is known where a prompt is said, beside the file's own texts, `{hours:…}` and `{topic:…}`."""
SAMPLES = {
    "digits": "1234, 5678",
    "last4": "1 2 3 4",
    "reply_by": "6 p.m. tomorrow",
    "wait": "about 9 minutes",
    "topic": "deposits and withdrawals",
    "agent_id": "1 0 0 1",
    "menu": "",
    "language": "English",
    "network": "TRON",
    "minutes": "30",
}
KNOWN_SLOTS = {
    **standard_prompts.SLOTS,
    **callback_prompts.CALLBACK_SLOTS,
    **case_prompts.CASE_SLOTS,
    **verification_prompts.VERIFICATION_SLOTS,
    **evidence_prompts.EVIDENCE_SLOTS,
}
"""Standard prompts, and what is known where they are said."""
ARGUMENTS = ("hours", "topic", "desk")
TEXTED = frozenset({"sms.text", "evidence.text", "survey.text", "desk.text"})
"""Prompts that are sent, not said."""


def check(file: schema.MenuFile, tree: MenuTree, problems: Problems) -> None:
    channels.check_slots(file, problems, [*ARGUMENTS, *frozenset().union(*ROLE_SLOTS.values(), *KNOWN_SLOTS.values())])
    roles: dict[str, set[str]] = {name: set() for name in file.prompts}
    for use in references.uses(file):
        roles.setdefault(use.prompt, set()).add(use.role)
    for name, prompt in tree.prompts.items():
        path: Path = ("prompts", name)
        if not _languages(prompt, tree, problems, path):
            continue
        used_as = roles.get(name, set())
        _slots(prompt, tree, problems, path, used_as)
        if name in file.prompts:
            _text(
                prompt,
                tree,
                problems,
                path,
                sms=(bool(used_as) and used_as <= TEXTED) or name.startswith("sms_"),
                links=file.links,
            )
            if not used_as and name not in KNOWN_SLOTS and problems.whole:
                problems.warn(path, "is never used")
    for use in references.uses(file):
        if use.role in TEXTED and PromptId(use.prompt) in tree.prompts:
            _sms(tree.prompts[PromptId(use.prompt)], tree, problems, file.links)


def _languages(prompt: Prompt, tree: MenuTree, problems: Problems, path: Path) -> bool:
    """Whether every language of the hotline, and none else, has something to say."""
    missing = [language for language in tree.voices if language not in prompt.segments]
    own = prompt.id in KNOWN_SLOTS and path not in problems.lines
    for language in missing:
        tail = ", and there is no standard text in it: write one" if own else ""
        problems.refuse(path, f"has no text in '{language}'{tail}")
    for segments in prompt.segments.values():
        for segment in segments:
            if segment.language not in tree.voices:
                hint = did_you_mean(segment.language, tree.voices)
                problems.refuse((*path, segment.language), f"'{segment.language}' is not a language here{hint}")
                return False
            if not segment.text.strip() and segment.audio is None:
                problems.refuse((*path, segment.language), "says nothing: write a text or name an audio file")
            elif not segment.text.strip():
                problems.warn((*path, segment.language), "has no text to fall back on when the recording is missing")
    return not missing


def _slots(prompt: Prompt, tree: MenuTree, problems: Problems, path: Path, roles: Iterable[str]) -> None:
    found = {language: _slots_in(segments) for language, segments in prompt.segments.items()}
    every = frozenset().union(*found.values())
    for language, slots in found.items():
        for slot in sorted(every - slots):
            problems.refuse((*path, language), f"lacks {{{slot}}}, which another language has")
    for segments in prompt.segments.values():
        for segment in segments:
            if re.search(r"[{}]", SLOT.sub("", segment.text)):
                problems.refuse((*path, segment.language), "has a { or } that is not part of a slot such as {wait}")
            if segment.audio and slots_of(segment.text):
                problems.refuse(
                    (*path, segment.language), "a recording cannot say a slot: leave out the file or the slot"
                )
    allowed = [ROLE_SLOTS.get(role, frozenset()) for role in roles]
    known = frozenset.intersection(*allowed) if allowed else frozenset().union(*ROLE_SLOTS.values())
    if "desk.text" not in roles:  # what the service fills in for itself is not known when an agent sends it
        known |= KNOWN_SLOTS.get(prompt.id, frozenset())
    for slot in sorted(every):
        lack = channels.lacking(slot, tree.channels) if slot not in known and slot not in tree.texts else None
        if lack is not None:
            owner, lacks = lack
            if ("channels", owner) not in problems.holes:
                problems.refuse(path, f"{{{slot}}} is about the channel {owner}, which {lacks}")
        elif wrong := _wrong_slot(slot, known, tree):
            problems.refuse(path, f"{{{slot}}} {wrong}")
        elif slot.partition(":")[0] in ("hours", "wait"):
            _own_words(slot, tree, problems, path)


def _slots_in(segments: Iterable[Segment]) -> frozenset[str]:
    return frozenset(slot for segment in segments for slot in slots_of(segment.text))


def _wrong_slot(slot: str, known: frozenset[str], tree: MenuTree) -> str | None:
    name, colon, about = slot.partition(":")
    if colon:
        if name not in ARGUMENTS:
            return f"is not a slot{did_you_mean(name, ARGUMENTS)}"
        if name == "hours":
            known_names = sorted({"always", *tree.calendars})
            return None if about in known_names else f"names no calendar{did_you_mean(about, known_names)}"
        return None if TopicId(about) in tree.topics else f"names no topic{did_you_mean(about, tree.topics)}"
    if name in known or name in tree.texts:
        return None
    if name in ARGUMENTS:
        return f"must say of what: {{{name}:…}}"
    return f"is not known where this is said{did_you_mean(name, [*known, *tree.texts])}"


def _own_words(slot: str, tree: MenuTree, problems: Problems, path: Path) -> None:
    """Waits and hours are put into words for Chinese and English; another language brings its own."""
    name, _, about = slot.partition(":")
    for language in tree.voices:
        if is_chinese(language) or language.split("-")[0] == "en":
            continue
        if name == "wait" and "wait_about" not in tree.texts:
            message = f"has no words in '{language}': write wait_under, wait_about and wait_over under texts"
            problems.refuse(path, f"{{wait}} {message}")
        calendar = tree.calendars.get(about)
        if name == "hours" and not (calendar and language in calendar.says):
            problems.refuse(path, f"{{{slot}}} has no words in '{language}': write them under says of the calendar")


def _text(prompt: Prompt, tree: MenuTree, problems: Problems, path: Path, *, sms: bool, links: Iterable[str]) -> None:
    for language, segments in prompt.segments.items():
        for segment in segments:
            if found := banned(segment.text):
                problems.refuse((*path, language), f"'{found[0]}' {found[1]}")
        if sms:
            continue
        for host in foreign(plain_text(prompt, language, {}, tree), links):
            problems.warn((*path, language), f"names {host}, which is not among links")
        seconds = spoken_seconds(prompt, language, tree)
        if seconds > REFUSE_S:
            problems.refuse((*path, language), f"takes about {seconds:.0f} s to say: {REFUSE_S} s is the most")
        elif seconds > WARN_S:
            problems.warn((*path, language), f"takes about {seconds:.0f} s to say: keep it under {WARN_S} s")


def spoken_seconds(prompt: Prompt, language: Language, tree: MenuTree) -> float:
    """Estimate for synthetic speech: 4.6 Chinese characters or 2.8 words a second."""
    return seconds_of(plain_text(prompt, language, SAMPLES, tree))


def seconds_of(text: str) -> float:
    """The same for words as they are said."""
    chinese = len(re.findall(r"[\u3400-\u9fff]|(?<![A-Za-z0-9])[0-9](?![A-Za-z0-9])", text))
    words = len(re.findall(r"[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*", text))
    if re.search(r"[\u3400-\u9fff]", text):
        words = len(re.findall(r"[A-Za-z]+", text))
        return chinese / CHINESE_PER_S + words / WORDS_PER_S
    return words / WORDS_PER_S


def _sms(prompt: Prompt, tree: MenuTree, problems: Problems, links: Iterable[str]) -> None:
    path: Path = ("prompts", prompt.id)
    for language in tree.voices:
        text = plain_text(prompt, language, {}, tree)
        for host in foreign(text, links):
            problems.refuse((*path, language), f"links to {host}, which is not among links: it would not be sent")
        if "http://" in text:
            problems.refuse((*path, language), "links without encryption: use https")
        if any(segment.audio for segment in prompt.segments.get(language, ())):
            problems.refuse((*path, language), "is a text message and cannot be a recording")
        count = sms_segments(text)
        if len(text) > SMS_CAP:
            problems.refuse((*path, language), f"has {len(text)} characters: a text message holds {SMS_CAP}")
        elif count > SMS_SEGMENTS:
            problems.warn((*path, language), f"takes {count} text messages: keep it to {SMS_SEGMENTS}")
