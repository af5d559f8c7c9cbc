"""The block `channels` of a menu file: what may be written, what is wrong with it, and the slots that it fills.

A channel `chat` fills `{chat}` (its address), `{chat_name}`, `{chat_hours}` (the words of its calendar), `{chat_within}`
(its promise) and `{chat_…}` for each of its own texts, each only when the channel has it: a prompt that names the hours
of a channel without a calendar is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from ivr.core.channels import AddressKind, Channel, fault, kind_of
from ivr.core.hours import ALWAYS, Calendar, describe
from ivr.core.ids import Language
from ivr.core.speech import is_chinese
from ivr.storage.files.fields import Duration, Name, Parameter, Strict
from ivr.storage.files.problems import Path, Problems, did_you_mean, quoted

if TYPE_CHECKING:
    from ivr.storage.files.schema import MenuFile

EVERY = "every"
"""Stands for all languages where one address serves them."""
ADDRESS_CAP = 180
"""Characters; a slot takes hardly more."""
Line = Annotated[str, Field(min_length=1, max_length=500)]
Address = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=ADDRESS_CAP)]],
    BeforeValidator(lambda value: {EVERY: value} if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
Slots = dict[str, dict[Language, str]]


class ChannelModel(Strict):
    """Another way to reach the house."""

    name: dict[str, Line]
    address: Address | None = None
    """An e-mail address, a link, or words; one for all languages or one for each."""
    calendar: Name | None = None
    within: Duration | None = None
    """An answer is promised within this."""
    texts: dict[Name, dict[str, Line]] = Field(default_factory=dict)
    case: Parameter | None = None
    """The part of the link that carries the case number, such as `case`: `https://…?case=12345674`."""


def build(file: MenuFile) -> dict[str, Channel]:
    return {name: _channel(name, model, file.languages) for name, model in file.channels.items()}


def _channel(name: str, model: ChannelModel, languages: Iterable[str]) -> Channel:
    return Channel(
        name=name,
        names=_words(model.name),
        addresses=addresses_of(model, languages),
        calendar=model.calendar,
        within=model.within,
        texts={text: _words(words) for text, words in model.texts.items()},
        case=model.case or "",
    )


def addresses_of(model: ChannelModel, languages: Iterable[str]) -> dict[Language, str]:
    given = model.address or {}
    if EVERY in given:
        return {Language(language): given[EVERY] for language in languages}
    return _words(given)


def _words(words: Mapping[str, str]) -> dict[Language, str]:
    return {Language(language): text for language, text in words.items()}


def slots(
    channels: Iterable[Channel],
    *,
    languages: Iterable[Language],
    calendars: Mapping[str, Calendar],
    texts: Mapping[str, Mapping[Language, str]],
) -> Slots:
    """Every slot that the channels fill, with its words in each language."""
    filled: Slots = {}
    languages = list(languages)
    for channel in channels:
        filled[f"{channel.name}_name"] = dict(channel.names)
        if channel.addresses:
            filled[channel.name] = dict(channel.addresses)
        if channel.calendar is not None:
            calendar = calendars.get(channel.calendar, ALWAYS)
            filled[f"{channel.name}_hours"] = {
                one: calendar.says.get(one) or describe(calendar, chinese=is_chinese(one)) for one in languages
            }
        if channel.within is not None:
            filled[f"{channel.name}_within"] = {one: within_words(channel.within, one, texts) for one in languages}
        filled |= {f"{channel.name}_{text}": dict(words) for text, words in channel.texts.items()}
    return filled


def within_words(promise: timedelta, language: Language, texts: Mapping[str, Mapping[Language, str]]) -> str:
    """A promise as words. Languages other than Chinese and English take the file's own text `within_hours`, with `#`
    for the number.
    """
    hours, minutes = divmod(round(promise.total_seconds() / 60), 60)
    if language in texts.get("within_hours", {}):
        return texts["within_hours"][language].replace("#", str(hours + bool(minutes)))
    if minutes:
        count = hours * 60 + minutes
        return f"{count}分钟" if is_chinese(language) else f"{count} minute{'' if count == 1 else 's'}"
    return f"{hours}小时" if is_chinese(language) else f"{hours} hour{'' if hours == 1 else 's'}"


# ---- what is wrong with it ---------------------------------------------------------------------------------------


def check(file: MenuFile, problems: Problems) -> None:
    """Every name stands for something, every address may be given out, nothing is said in two places."""
    owners = {text: f"texts > {text}" for text in file.texts}
    for name, model in file.channels.items():
        path: Path = ("channels", name)
        _languages(file, problems, (*path, "name"), model.name)
        for text, words in model.texts.items():
            _languages(file, problems, (*path, "texts", text), words)
        _address(file, problems, (*path, "address"), model)
        _calendar(file, problems, path, model)
        _promise(file, problems, path, model)
        for slot in _named(name, model):
            owner = owners.setdefault(slot, f"channels > {name}")
            if owner != f"channels > {name}":
                problems.refuse(path, f"fills {{{slot}}}, and so does {owner}: say it in one place")


def check_slots(file: MenuFile, problems: Problems, taken: Iterable[str]) -> None:
    """No channel takes a slot that means something of its own."""
    taken = frozenset(taken)
    for name, model in file.channels.items():
        for slot in sorted(taken & set(_named(name, model))):
            problems.refuse(
                ("channels", name), f"fills {{{slot}}}, which has a meaning of its own: choose another name"
            )


def lacking(slot: str, channels: Mapping[str, Channel]) -> tuple[str, str] | None:
    """The channel that a slot is about and what it lacks to fill it; None: it is about no channel."""
    owners = [name for name in channels if slot == name or slot.startswith(f"{name}_")]
    if not owners:
        return None
    owner = max(owners, key=len)
    what = slot[len(owner) + 1 :]
    lacks = {"": "has no address", "hours": "has no calendar", "within": "promises no answer (within)"}
    known = sorted(channels[owner].texts)
    return owner, lacks.get(what) or f"has no text '{what}'{did_you_mean(what, known)}"


def _named(name: str, model: ChannelModel) -> list[str]:
    given = {"name": True, "hours": model.calendar is not None, "within": model.within is not None}
    own = [f"{name}_{part}" for part, there in given.items() if there]
    return [*([name] if model.address else []), *own, *(f"{name}_{text}" for text in model.texts)]


def _languages(file: MenuFile, problems: Problems, path: Path, words: Iterable[str]) -> None:
    words = list(words)
    for language in file.languages:
        if language not in words:
            problems.refuse(path, f"has no text in '{language}'")
    for language in words:
        if language not in file.languages:
            hint = did_you_mean(language, file.languages)
            problems.refuse((*path, language), f"names {quoted(language)}, which no language is called{hint}")


def _address(file: MenuFile, problems: Problems, path: Path, model: ChannelModel) -> None:
    given: Mapping[str, Any] = model.address or {}
    if EVERY not in given and given:
        _languages(file, problems, path, given)
    for language, address in given.items():
        if wrong := fault(address, file.links):
            problems.refuse(path if language == EVERY else (*path, language), wrong)
    if model.case is not None and any(kind_of(one) is not AddressKind.LINK for one in given.values() or ("",)):
        problems.refuse((*path[:-1], "case"), "goes along in a link: the address must begin with https://")


def _calendar(file: MenuFile, problems: Problems, path: Path, model: ChannelModel) -> None:
    if model.calendar is None or model.calendar == "always":
        return
    calendar = file.calendars.get(model.calendar)
    if calendar is None:
        hint = did_you_mean(model.calendar, [*file.calendars, "always"])
        problems.refuse((*path, "calendar"), f"names {quoted(model.calendar)}, which no calendar is called{hint}")
        return
    for language in _foreign_languages(file):
        if language not in calendar.says:
            message = f"has no words for its hours in '{language}': write them under says of the calendar"
            problems.refuse((*path, "calendar"), message)


def _promise(file: MenuFile, problems: Problems, path: Path, model: ChannelModel) -> None:
    if model.within is None:
        return
    if model.within < timedelta(minutes=1):
        problems.refuse((*path, "within"), "must be at least 1m")
    for language in _foreign_languages(file):
        if language not in file.texts.get("within_hours", {}):
            message = f"has no words in '{language}': write within_hours under texts, with # for the number"
            problems.refuse((*path, "within"), message)


def _foreign_languages(file: MenuFile) -> list[str]:
    """Those for which the service has no words of its own."""
    return [one for one in file.languages if not is_chinese(Language(one)) and one.split("-")[0] != "en"]
