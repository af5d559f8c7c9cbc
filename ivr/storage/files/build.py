"""From the checked file to the core's values. Nothing is judged here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ivr.core import menus as core
from ivr.core.callback_rules import CallbackRules, Dial
from ivr.core.destinations import Destination
from ivr.core.hours import ALWAYS, Calendar
from ivr.core.ids import E164, Language, NodeId, PromptId, TopicId
from ivr.core.prepared_texts import DeskText
from ivr.core.repeats import RepeatRule
from ivr.storage.files import channels, schema
from ivr.storage.files.callback_prompts import CALLBACK_TEXTS, UNCUT
from ivr.storage.files.case_prompts import CASE_TEXTS, CASE_UNCUT
from ivr.storage.files.evidence_prompts import EVIDENCE_TEXTS
from ivr.storage.files.fields import Strict, to_days
from ivr.storage.files.problems import Path, Problems
from ivr.storage.files.public_holidays import public_holidays
from ivr.storage.files.standard_prompts import INCIDENT_TEXTS, TEXTS
from ivr.storage.files.verification_prompts import VERIFICATION_TEXTS
from ivr.storage.files.yaml_nodes import Document

FEATURE_TEXTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "callback": CALLBACK_TEXTS,
    "evidence": EVIDENCE_TEXTS,
    "incident": INCIDENT_TEXTS,
    "verify": VERIFICATION_TEXTS,
}
"""Standard prompts that come with a kind of node."""


def version_of(document: Document) -> str:
    """Twelve hex digits of what the file says; comments and layout do not count."""
    body = json.dumps(document.value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()[:12]


def build(file: schema.MenuFile, version: str, problems: Problems) -> core.MenuTree:
    """The tree of a file whose references hold."""
    calendars = {"always": ALWAYS} | {name: _calendar(name, one, file.zone) for name, one in file.calendars.items()}
    texts = {name: _words(words) for name, words in file.texts.items()}
    ways = channels.build(file)
    voices = {Language(name): _voice(name, model) for name, model in file.languages.items()}
    return core.MenuTree(
        hotline=file.hotline,
        version=version,
        title=_words(file.title),
        numbers=tuple(E164(number) for number in file.numbers),
        zone=file.zone,
        voices=voices,
        default_language=Language(file.default_language),
        start=NodeId(file.start),
        person=NodeId(file.person),
        recording_notice=PromptId(file.recording_notice) if file.recording_notice else None,
        listening_notice=PromptId(file.listening_notice) if file.listening_notice else None,
        notice=PromptId(file.notice) if file.notice else None,
        nodes={NodeId(name): _node(name, model, problems) for name, model in file.nodes.items()},
        prompts=prompts_of(file),
        topics={TopicId(name): _topic(name, merged(file.topic_defaults, model)) for name, model in file.topics.items()},
        calendars=calendars,
        reasons={name: _words(words) for name, words in file.reasons.items()},
        result_names={name: _words(words) for name, words in file.results.items()},
        callbacks=_callbacks(file.callbacks),
        repeat=RepeatRule(**_given(file.repeat)) if file.repeat else None,
        test_numbers=frozenset(file.test_numbers),
        links=tuple(file.links),
        texts=texts | channels.slots(ways.values(), languages=voices, calendars=calendars, texts=texts),
        channels=ways,
        destinations=tuple(
            Destination(
                name=name,
                names=_words(one.name),
                number=E164(one.number),
                topic=TopicId(one.topic) if one.topic else None,
            )
            for name, one in file.destinations.items()
        ),
        desk_texts=tuple(
            DeskText(
                name=name,
                names=_words(one.name),
                prompt=PromptId(one.text),
                topics=tuple(TopicId(topic) for topic in one.topics),
            )
            for name, one in file.desk_texts.items()
        ),
    )


def prompts_of(file: schema.MenuFile) -> dict[PromptId, core.Prompt]:
    """The file's prompts, and the standard ones that it does not give itself."""
    prompts = {PromptId(name): _prompt(name, model, file) for name, model in file.prompts.items()}
    for name, texts in standard_texts(file).items():
        segments = {
            Language(language): (core.Segment(language=Language(language), text=texts[language.split("-")[0]]),)
            for language in file.languages
            if language.split("-")[0] in texts
        }
        standard = core.Prompt(id=PromptId(name), segments=segments, interruptible=name not in UNCUT | CASE_UNCUT)
        prompts.setdefault(PromptId(name), standard)
    return prompts


def standard_texts(file: schema.MenuFile) -> Mapping[str, Mapping[str, str]]:
    """The standard prompts that this file needs: those of a feature only when it has a node of it."""
    kinds = {kind_of(node) for node in file.nodes.values()}
    needed = [FEATURE_TEXTS[kind] for kind in FEATURE_TEXTS if kind in kinds]
    return {name: text for texts in (TEXTS, CASE_TEXTS, *needed) for name, text in texts.items()}


def _callbacks(model: schema.CallbacksModel) -> CallbackRules:
    given = _given(model)
    [span] = given.pop("hours", None) or (None,)
    countries = {name: (spans[0].opens, spans[0].closes) for name, spans in given.pop("country_hours", {}).items()}
    if span is not None:
        given |= {"opens": span.opens, "closes": span.closes}
    for name in ("delays", "regions", "denied"):
        if name in given:
            given[name] = tuple(given[name])
    return CallbackRules(**given, hours=countries)


def merged(defaults: schema.TopicDefaults, topic: schema.TopicModel) -> schema.TopicModel:
    """A topic with what it leaves to the defaults; announcements are merged one by one."""
    given = {name: getattr(defaults, name) for name in schema.TopicDefaults.model_fields}
    own = {name: getattr(topic, name) for name in topic.model_fields_set}
    announced = {**_given(defaults.announcements), **_given(topic.announcements)}
    return topic.model_copy(update={**given, **own, "announcements": schema.AnnouncementsModel(**announced)})


def _given(model: Strict) -> dict[str, Any]:
    return {name: getattr(model, name) for name in model.model_fields_set}


def _some(**values: Any) -> dict[str, Any]:
    """The values that are there: what is missing takes the core's default."""
    return {name: value for name, value in values.items() if value is not None}


def _words(words: Mapping[str, str]) -> dict[Language, str]:
    return {Language(language): text for language, text in words.items()}


def _voice(name: str, model: schema.VoiceModel) -> core.Voice:
    return core.Voice(
        language=Language(name),
        locale=model.locale,
        voice=model.voice,
        name=model.name,
        countries=tuple(model.countries),
    )


def _calendar(name: str, model: schema.CalendarModel, zone: str) -> Calendar:
    weekly = {day: spans for days, spans in model.weekly.items() for day in to_days(days)}
    return Calendar(
        name=name,
        zone=model.zone or zone,
        weekly=weekly,
        holidays=frozenset(model.holidays) | public_holidays(model.country, model.region),
        holiday_spans=model.holiday_hours,
        exceptions=dict(model.exceptions),
        always=model.always,
        says=_words(model.says),
    )


def _prompt(name: str, model: schema.PromptModel, file: schema.MenuFile) -> core.Prompt:
    def segment(language: str, said: schema.SegmentModel) -> core.Segment:
        return core.Segment(language=Language(language), text=said.text, audio=said.audio)

    if model.both is not None:
        both = tuple(segment(language, said) for entry in model.both for language, said in entry.items())
        segments = {Language(language): both for language in file.languages}
    else:
        segments = {
            Language(language): (segment(language, said),) for language, said in (model.model_extra or {}).items()
        }
    return core.Prompt(id=PromptId(name), segments=segments, interruptible=model.interruptible)


def _topic(name: str, model: schema.TopicModel) -> core.Topic:
    names = _words(model.name)
    overflow = model.overflow
    return core.Topic(
        id=TopicId(name),
        names=names,
        short_names={**names, **_words(model.short)},
        skills=dict(model.skills),
        announcements=core.Announcements(
            **{field: PromptId(prompt) for field, prompt in _given(model.announcements).items() if prompt is not None}
        ),
        calendar=None if model.calendar == "always" else model.calendar,
        **_some(
            language_level=model.language_level,
            priority=model.priority,
            relax=tuple(core.Relaxation(**dict(step)) for step in model.relax) if model.relax is not None else None,
            ring_time=model.ring_time,
            wrap_up=model.wrap_up,
            recording=core.Recording(model.recording) if model.recording else None,
            turn=model.turn,
            music=model.music,
            options=model.options,
            options_after=model.options_after,
            overflow_after=overflow.after if overflow else None,
            overflow=NodeId(overflow.goto) if overflow else None,
            ceiling=model.ceiling,
            closing=NodeId(model.closing) if model.closing else None,
            night=model.night,
            service_level=model.service_level,
            short_abandon=model.short_abandon,
            **_dispositions(model.dispositions),
            steps=PromptId(model.steps) if model.steps else None,
            listening=model.listening,
            survey=NodeId(model.survey) if model.survey else None,
            reply_within=model.reply_within,
        ),
    )


def _dispositions(given: list[schema.DispositionModel] | None) -> dict[str, Any]:
    """Left out, the core's own results stand."""
    if not given:
        return {}
    reasons = {one.result: tuple(one.reasons) for one in given if one.reasons}
    return {"dispositions": tuple(one.result for one in given), "disposition_reasons": reasons}


def _node(name: str, model: schema.NodeModel, problems: Problems) -> core.Node:
    kind = kind_of(model)
    body = getattr(model, kind)
    path: Path = ("nodes", name)
    made = _some(**{field: getattr(body, field) for field in type(body).model_fields})
    made |= {"id": NodeId(name), "line": problems.line(path)}
    node: core.Node = MAKERS[kind](**made)
    return node


def kind_of(model: schema.NodeModel) -> str:
    return next(kind for kind in schema.KINDS if getattr(model, kind) is not None)


def _menu(*, choices: Mapping[str, schema.ChoiceModel], **given: Any) -> core.Node:
    given.pop("free")  # a note for the check
    return core.Menu(choices={key: _choice(choice) for key, choice in choices.items()}, **given)


def _choice(model: schema.ChoiceModel) -> core.Choice:
    return core.Choice(
        goto=NodeId(model.goto),
        label=_words(model.label),
        path=model.path,
        sets=dict(model.sets),
        language=Language(model.language) if model.language else None,
        other_language=model.other_language,
        recording=model.recording,
    )


def _collect(*, digits: int | None = None, **given: Any) -> core.Node:
    if digits is not None:
        given |= {"min_digits": digits, "max_digits": digits}
    return core.Collect(**given)


def _say(*, prompts: list[str], **given: Any) -> core.Node:
    return core.Say(prompts=tuple(PromptId(prompt) for prompt in prompts), **given)


def _queue(*, prompts: list[str], overflow: schema.OverflowModel | None = None, **given: Any) -> core.Node:
    if overflow is not None:
        given |= {"overflow_after": overflow.after, "overflow": NodeId(overflow.goto)}
    return core.Queue(prompts=tuple(PromptId(prompt) for prompt in prompts), **given)


def _callback(*, dial: str, **given: Any) -> core.Node:
    return core.Callback(dial=Dial(dial), **given)


def _lookup(*, sets: dict[str, str], send: list[str] | None = None, by: str | None = None, **given: Any) -> core.Node:
    if send is not None:
        given["send"] = tuple(send)
    return core.Lookup(sets=sets, by=by or next(iter(sets), ""), **given)


MAKERS: Mapping[str, Any] = {
    "menu": _menu,
    "collect": _collect,
    "say": _say,
    "hours": core.Hours,
    "queue": _queue,
    "voicemail": core.Voicemail,
    "sms": core.Sms,
    "callback": _callback,
    "incident": core.Incident,
    "survey": core.Survey,
    "verify": core.Verify,
    "evidence": core.Evidence,
    "lookup": _lookup,
    "returning": core.Returning,
    "progress": core.Progress,
    "goto": core.Goto,
    "transfer": core.Transfer,
    "hangup": core.Hangup,
}
"""How each kind becomes a node of the core. A new kind needs a model in `schema`, a line here, and its edges in `graph`."""
