"""Every name in a menu file that stands for something must have that something: nodes, prompts, topics, calendars,
languages, voices and recordings. What is found here would be a caller's dead end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path as File

from ivr.core.lookups import steps_of
from ivr.core.queueing import PIECES
from ivr.storage.files import channels, recorded, results, schema
from ivr.storage.files.asking import LookupModel
from ivr.storage.files.build import kind_of, merged, standard_texts
from ivr.storage.files.fields import to_days
from ivr.storage.files.problems import Path, Problems, did_you_mean, quoted
from ivr.storage.files.public_holidays import known
from ivr.storage.files.voices import wrong_locale, wrong_voice

EDGES: dict[str, tuple[str, ...]] = {
    "menu": ("back", "silence", "others", "person"),
    "collect": ("goto", "skip", "failed"),
    "say": ("goto",),
    "hours": ("open", "closed"),
    "queue": (),
    "voicemail": ("goto",),
    "sms": ("goto", "unable"),
    "callback": ("unable",),
    "incident": ("goto",),
    "survey": (),
    "verify": ("goto", "unverified"),
    "evidence": ("goto", "unable"),
    "lookup": ("default",),
    "returning": ("found", "goto"),
    "progress": ("goto", "person"),
    "goto": ("goto",),
    "transfer": ("failed",),
    "hangup": (),
}
"""The fields of each kind that name a node (choices of a menu are looked at apart)."""
PROMPTS: dict[str, tuple[str, ...]] = {
    "menu": ("prompt",),
    "collect": ("prompt", "confirm", "bad"),
    "say": ("prompts",),
    "hours": (),
    "queue": ("prompts",),
    "voicemail": ("prompt", "done", "review"),
    "sms": ("text",),
    "callback": (),
    "incident": (),
    "survey": ("score", "solved", "low", "text"),
    "verify": (),
    "evidence": ("text",),
    "lookup": (),
    "returning": (),
    "progress": (),
    "goto": (),
    "transfer": ("prompt",),
    "hangup": ("prompt",),
}
"""The fields of each kind that name prompts."""
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
SOONEST_OVERFLOW = timedelta(seconds=30)
"""Sooner would send callers in circles before anybody could answer."""
SHORTEST_LINK, LONGEST_LINK = timedelta(hours=1), timedelta(hours=72)
LONGEST_LOOKUP = timedelta(seconds=1)
"""In whole seconds, as durations are written; all tries together are given up after a second and a half."""
SPECIAL_KEYS = {"0": "a person", "9": "repeat", "*": "back", "#": "slower speech"}
FREE_KEYS = frozenset("12345678")


@dataclass(frozen=True, kw_only=True)
class Use:
    """A prompt named somewhere: where, and as what (`menu.prompt`, `announcements.enter`)."""

    prompt: str
    role: str
    path: Path


def check(file: schema.MenuFile, problems: Problems, recordings: File) -> None:
    _languages(file, problems)
    _calendars(file, problems)
    channels.check(file, problems)
    _topics(file, problems)
    results.check(file, problems)
    _nodes(file, problems)
    for use in uses(file):
        if use.prompt not in file.prompts and use.prompt not in standard_texts(file):
            hint = did_you_mean(use.prompt, file.prompts)
            problems.refuse(use.path, f"says {quoted(use.prompt)}, which no prompt is called{hint}")
    recorded.check(file, problems)
    _recordings(file, problems, recordings)


def uses(file: schema.MenuFile) -> Iterator[Use]:
    """Every place at which a prompt is named."""
    for name, model in file.nodes.items():
        kind = kind_of(model)
        for field in PROMPTS[kind]:
            named = getattr(getattr(model, kind), field)
            for place, prompt in enumerate(named if isinstance(named, list) else [named]):
                if prompt is not None:
                    path: Path = ("nodes", name, kind, field)
                    path = (*path, str(place)) if isinstance(named, list) else path
                    yield Use(prompt=prompt, role=f"{kind}.{field}", path=path)
    if file.recording_notice is not None:
        yield Use(prompt=file.recording_notice, role="recording_notice", path=("recording_notice",))
    if file.listening_notice is not None:
        yield Use(prompt=file.listening_notice, role="listening_notice", path=("listening_notice",))
    if file.notice is not None:
        yield Use(prompt=file.notice, role="notice", path=("notice",))
    yield from (
        Use(prompt=one.text, role="desk.text", path=("desk_texts", name, "text"))
        for name, one in file.desk_texts.items()
    )
    owners: list[tuple[Path, schema.TopicDefaults]] = [(("topic_defaults",), file.topic_defaults)]
    owners += [(("topics", name), topic) for name, topic in file.topics.items()]
    for owner, topic in owners:
        if topic.steps is not None:
            yield Use(prompt=topic.steps, role="desk.text", path=(*owner, "steps"))
        for field in schema.AnnouncementsModel.model_fields:
            prompt = getattr(topic.announcements, field)
            if prompt is not None:
                yield Use(prompt=prompt, role=f"announcements.{field}", path=(*owner, "announcements", field))


def _goes(file: schema.MenuFile, problems: Problems, path: Path, target: str | None) -> None:
    if target is not None and target not in file.nodes:
        hint = did_you_mean(target, file.nodes)
        problems.refuse(path, f"goes to {quoted(target)}, which no node is called{hint}")


def known_name(problems: Problems, path: Path, name: str | None, known: Iterable[str], what: str) -> None:
    if name is not None and name not in (known := list(known)):
        problems.refuse(path, f"names {quoted(name)}, which no {what} is called{did_you_mean(name, known)}")


def all_languages(file: schema.MenuFile, problems: Problems, path: Path, words: Iterable[str]) -> None:
    words = list(words)
    for language in file.languages:
        if language not in words:
            problems.refuse(path, f"has no text in '{language}'")
    for language in words:
        known_name(problems, (*path, language), language, file.languages, "language")


def _languages(file: schema.MenuFile, problems: Problems) -> None:
    claimed: dict[str, str] = {}
    for name, voice in file.languages.items():
        path: Path = ("languages", name)
        if not LANGUAGE.fullmatch(name):
            problems.refuse(path, "must be a short name such as zh or en-GB")
        wrong = wrong_locale(voice.locale)
        if wrong:
            problems.refuse((*path, "locale"), wrong)
        elif unfit := wrong_voice(voice.voice, voice.locale):
            problems.refuse((*path, "voice"), unfit)
        for place, country in enumerate(voice.countries):
            if country in claimed:
                message = f"the country {country} is already greeted in '{claimed[country]}'"
                problems.refuse((*path, "countries", str(place)), message)
            claimed[country] = name
    known_name(problems, ("default_language",), file.default_language, file.languages, "language")
    all_languages(file, problems, ("title",), file.title)
    for reason, words in file.reasons.items():
        if reason in file.topics:
            problems.refuse(("reasons", reason), "is the name of a topic: agents can choose that anyway")
        all_languages(file, problems, ("reasons", reason), words)
    for result, words in file.results.items():
        all_languages(file, problems, ("results", result), words)
    for text, words in file.texts.items():
        all_languages(file, problems, ("texts", text), words)


def _calendars(file: schema.MenuFile, problems: Problems) -> None:
    for name, calendar in file.calendars.items():
        path: Path = ("calendars", name)
        if name == "always":
            problems.refuse(path, "the name 'always' is taken: it means day and night")
        if calendar.always == bool(calendar.weekly or calendar.exceptions):
            problems.refuse(path, "needs either `always: true` or `weekly`")
        if calendar.country is not None and not known(calendar.country, calendar.region):
            where = f"{calendar.country}-{calendar.region}" if calendar.region else calendar.country
            problems.refuse((*path, "country"), f"no holidays are known for {where}: list the dates under holidays")
        elif calendar.country is None and calendar.region is not None:
            problems.refuse((*path, "region"), "needs a country beside it")
        seen: set[int] = set()
        for days in calendar.weekly:
            try:
                found = set(to_days(days))
            except ValueError:
                problems.refuse((*path, "weekly", days), "must be days such as mon, mon-fri or sat-sun")
                continue
            if seen & found:
                problems.refuse((*path, "weekly", days), "names a day that another line has too")
            seen |= found
        for language in calendar.says:
            known_name(problems, (*path, "says", language), language, file.languages, "language")


def _topics(file: schema.MenuFile, problems: Problems) -> None:
    known = [*file.calendars, "always"]
    for name, own in file.topics.items():
        path: Path = ("topics", name)
        topic = merged(file.topic_defaults, own)
        all_languages(file, problems, (*path, "name"), topic.name)
        if own.short:
            all_languages(file, problems, (*path, "short"), own.short)
        if topic.calendar is None:
            problems.refuse(path, "needs 'calendar': the name of one, or always")
        known_name(problems, (*path, "calendar"), topic.calendar, known, "calendar")
        known_name(problems, (*path, "night"), topic.night, known, "calendar")
        if topic.overflow is not None:
            _overflow(file, problems, (*path, "overflow"), topic.overflow)
        _goes(file, problems, (*path, "closing"), topic.closing)
        if topic.closing is not None and topic.calendar in (None, "always"):
            problems.refuse((*path, "closing"), "a topic that never closes needs none")
        _goes(file, problems, (*path, "survey"), topic.survey)
        if topic.survey in file.nodes and file.nodes[topic.survey].survey is None:
            problems.refuse((*path, "survey"), f"'{topic.survey}' is not a survey")
        for key, target in (topic.options or {}).items():
            _key(problems, (*path, "options", key), key)
            _goes(file, problems, (*path, "options", key), target)
        afters = [step.after for step in topic.relax or ()]
        if afters != sorted(set(afters)):
            problems.refuse((*path, "relax"), "must name later times one after another")


def _overflow(file: schema.MenuFile, problems: Problems, path: Path, overflow: schema.OverflowModel) -> None:
    _goes(file, problems, (*path, "goto"), overflow.goto)
    if overflow.after < SOONEST_OVERFLOW:
        problems.refuse((*path, "after"), "must be at least 30s")


def _valid(problems: Problems, path: Path, valid: timedelta) -> None:
    if not SHORTEST_LINK <= valid <= LONGEST_LINK:
        problems.refuse(path, "must be between 1h and 72h")


def _key(problems: Problems, path: Path, key: str) -> None:
    if key in SPECIAL_KEYS:
        problems.refuse(path, f"the key {key} means {SPECIAL_KEYS[key]} everywhere: use 1 to 8")
    elif key not in FREE_KEYS:
        problems.refuse(path, f"{quoted(key)} is not a key: use 1 to 8")


def _nodes(file: schema.MenuFile, problems: Problems) -> None:
    _goes(file, problems, ("start",), file.start)
    _goes(file, problems, ("person",), file.person)
    for name, model in file.nodes.items():
        kind = kind_of(model)
        body, path = getattr(model, kind), ("nodes", name, kind)
        for field in EDGES[kind]:
            _goes(file, problems, (*path, field), getattr(body, field))
        if isinstance(body, schema.MenuModel):
            _choices(file, problems, path, body)
        elif isinstance(body, schema.CollectModel) and body.digits is None and body.min_digits > body.max_digits:
            problems.refuse((*path, "min_digits"), "must not be more than max_digits")
        elif isinstance(body, schema.HoursModel):
            known_name(problems, (*path, "calendar"), body.calendar, [*file.calendars, "always"], "calendar")
        elif isinstance(body, schema.QueueModel | schema.VoicemailModel | schema.CallbackModel | schema.IncidentModel):
            known_name(problems, (*path, "topic"), body.topic, file.topics, "topic")
        elif isinstance(body, LookupModel):
            _lookup(file, problems, path, body)
        elif isinstance(body, schema.TransferModel) and body.number in file.numbers:
            problems.refuse((*path, "number"), "is this hotline's own number: callers would go in circles")
        if isinstance(body, schema.EvidenceModel | schema.SmsModel) and body.valid is not None:
            _valid(problems, (*path, "valid"), body.valid)
        if isinstance(body, schema.QueueModel) and body.overflow is not None:
            _overflow(file, problems, (*path, "overflow"), body.overflow)


def _lookup(file: schema.MenuFile, problems: Problems, path: Path, lookup: LookupModel) -> None:
    if bool(lookup.url) == bool(lookup.hook):
        problems.refuse(path, "needs either 'url' or 'hook'")
    elif lookup.url and not re.fullmatch(r"https?://[^\s@#\\]+", lookup.url):
        problems.refuse((*path, "url"), "must be an address such as https://core.bank.example/hotline")
    if lookup.timeout is not None and not timedelta(0) < lookup.timeout <= LONGEST_LOOKUP:
        problems.refuse((*path, "timeout"), "must be 1s: the caller waits in silence meanwhile")
    if lookup.method == "get" and {"number", "answers", "path"} & set(lookup.send or ()):
        problems.refuse((*path, "send"), "number, answers and path would stand in the address: send them with post")
    for name, place in lookup.sets.items():
        if steps_of(place) is None:
            problems.refuse((*path, "sets", name), "must say where in the reply it stands, such as $.account.level")
    known_name(problems, (*path, "by"), lookup.by, lookup.sets, "answer under sets")
    if lookup.cases and not lookup.by and len(lookup.sets) != 1:
        problems.refuse((*path, "by"), "must name the answer that chooses the case")
    for value, target in lookup.cases.items():
        _goes(file, problems, (*path, "cases", value), target)


def _choices(file: schema.MenuFile, problems: Problems, path: Path, menu: schema.MenuModel) -> None:
    for key, choice in menu.choices.items():
        here = (*path, "choices", key)
        _key(problems, here, key)
        _goes(file, problems, here, choice.goto)
        known_name(problems, (*here, "language"), choice.language, file.languages, "language")
        if choice.label:
            all_languages(file, problems, (*here, "label"), choice.label)


def _recordings(file: schema.MenuFile, problems: Problems, folder: File) -> None:
    owners: list[tuple[Path, str | None]] = [(("topic_defaults", "music"), file.topic_defaults.music)]
    owners += [(("topics", name, "music"), topic.music) for name, topic in file.topics.items()]
    for path, music in owners:
        missing = [piece for piece in pieces_of(music) if not _is_there(folder, piece)] if music else []
        if missing:
            message = f"needs its pieces in {_shown(folder)} (see docs/menus.md): {', '.join(missing)} not found"
            problems.refuse(path, message)
    for name, prompt in file.prompts.items():
        segments: list[tuple[Path, schema.SegmentModel]] = [
            ((language,), segment) for language, segment in (prompt.model_extra or {}).items()
        ]
        segments += [
            (("both", str(place), language), segment)
            for place, entry in enumerate(prompt.both or ())
            for language, segment in entry.items()
        ]
        for below, segment in segments:
            if segment.audio is not None and not _is_there(folder, segment.audio):
                path = ("prompts", name, *below, "audio")
                problems.refuse(path, f"names the file {segment.audio}, which is not in {_shown(folder)}")


def pieces_of(music: str) -> list[str]:
    """The files that a music name stands for: one for each turn of the wait loop, in turn."""
    stem, dot, ending = music.rpartition(".")
    return [f"{stem}-{number}{dot}{ending}" for number in range(1, PIECES + 1)]


def _shown(folder: File) -> str:
    """By its name; the whole path where there is no such folder: then the path is what is wrong."""
    return f"{folder.name if folder.is_dir() else folder}/"


def _is_there(folder: File, name: str) -> bool:
    return (folder / name).is_file() and not (folder / name).is_symlink()
