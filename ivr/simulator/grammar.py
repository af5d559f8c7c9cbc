"""What TwiML may say: elements, attributes, values, and which verb is allowed where. Source: Twilio's verb pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Check = Callable[[str], bool]


def _any(_value: str) -> bool:
    return True


def _yes_no(value: str) -> bool:
    return value in {"true", "false"}


def _method(value: str) -> bool:
    return value in {"GET", "POST"}


def one_of(*words: str) -> Check:
    return frozenset(words).__contains__


def several_of(*words: str) -> Check:
    known = frozenset(words)
    return lambda value: bool(value.split()) and set(value.split()) <= known


def between(least: int, most: int) -> Check:
    return lambda value: value.isascii() and value.isdigit() and least <= int(value) <= most


def matching(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


LANGUAGES = frozenset(
    [
        "af-ZA",
        "am-ET",
        "ar-AE",
        "ar-XA",
        "arb",
        "bg-BG",
        "bn-IN",
        "ca-ES",
        "cmn-CN",
        "cmn-TW",
        "cs-CZ",
        "cy-GB",
        "da-DK",
        "de-AT",
        "de-DE",
        "el-GR",
        "en-AU",
        "en-CA",
        "en-GB",
        "en-GB-WLS",
        "en-IE",
        "en-IN",
        "en-NZ",
        "en-US",
        "en-ZA",
        "es-ES",
        "es-MX",
        "es-US",
        "fi-FI",
        "fil-PH",
        "fr-BE",
        "fr-CA",
        "fr-FR",
        "gu-IN",
        "he-IL",
        "hi-IN",
        "hu-HU",
        "id-ID",
        "is-IS",
        "it-IT",
        "ja-JP",
        "kn-IN",
        "ko-KR",
        "lv-LV",
        "ml-IN",
        "mr-IN",
        "ms-MY",
        "nb-NO",
        "nl-BE",
        "nl-NL",
        "pa-IN",
        "pl-PL",
        "pt-BR",
        "pt-PT",
        "ro-RO",
        "ru-RU",
        "sk-SK",
        "sr-RS",
        "sv-SE",
        "ta-IN",
        "te-IN",
        "th-TH",
        "tr-TR",
        "uk-UA",
        "vi-VN",
        "yue-HK",
        "zh-CN",
        "zh-HK",
        "zh-TW",
    ]
)
POLLY = {
    "cmn-CN": {"Zhiyu", "Zhiyu-Neural"},
    "yue-HK": {"Hiujin-Neural"},
    "en-US": {
        *(
            f"{name}{kind}"
            for name in ["Joanna", "Matthew", "Salli", "Kendra", "Kimberly", "Ivy", "Justin", "Joey", "Kevin"]
            for kind in ("", "-Neural")
        ),
        *(f"{name}-Neural" for name in ("Ruth", "Stephen", "Danielle")),
        *(f"{name}-Generative" for name in ("Joanna", "Matthew", "Ruth", "Stephen", "Danielle")),
    },
}
"""Voices of the languages this network is used with; those of other languages are taken as they come."""
_KNOWN_POLLY = {name: language for language, names in POLLY.items() for name in names}
_GOOGLE = re.compile(r"Google\.([a-z]{2,3}-[A-Z]{2})-(Standard|Wavenet|Neural2|Chirp3-HD)-([A-Z][A-Za-z]*)")
BASIC_VOICES = frozenset({"man", "woman", "alice"})


def language_of_voice(voice: str) -> str | None:
    """The language a named voice brings; "" for one that speaks any; None when there is no such voice."""
    if voice in BASIC_VOICES:
        return ""
    if voice.startswith("Polly."):
        name = voice.removeprefix("Polly.")
        if name in _KNOWN_POLLY:
            return _KNOWN_POLLY[name]
        return "" if re.fullmatch(r"[A-Z][a-z]+(-Neural|-Generative)?", name) else None
    found = _GOOGLE.fullmatch(voice)
    return found.group(1) if found and found.group(1) in LANGUAGES else None


CALL_EVENTS = several_of("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS = several_of("in-progress", "completed", "absent")
ROOM_EVENTS = several_of("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")
DIGITS = matching(r"[0-9A-Da-d#*wW]+")
SECONDS = between(0, 86_400)
RECORD_WORDS = one_of(
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
    "true",
    "false",
)
TRIM = one_of("trim-silence", "do-not-trim")

_recording: Mapping[str, Check] = {
    "recordingStatusCallback": _any,
    "recordingStatusCallbackMethod": _method,
    "recordingStatusCallbackEvent": RECORDING_EVENTS,
}
_noun: Mapping[str, Check] = {
    "url": _any,
    "method": _method,
    "statusCallback": _any,
    "statusCallbackMethod": _method,
    "statusCallbackEvent": CALL_EVENTS,
}
_amd: Mapping[str, Check] = {
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "machineDetectionTimeout": between(3, 60),
    "machineDetectionSpeechThreshold": between(1000, 6000),
    "machineDetectionSpeechEndThreshold": between(500, 5000),
    "machineDetectionSilenceTimeout": between(2000, 10_000),
    "amdStatusCallback": _any,
    "amdStatusCallbackMethod": _method,
}


@dataclass(frozen=True, kw_only=True)
class Element:
    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    text: bool = False


SSML = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})
_SSML_ATTRIBUTES: Mapping[str, Check] = dict.fromkeys(
    (
        "strength",
        "time",
        "level",
        "xml:lang",
        "alphabet",
        "ph",
        "volume",
        "rate",
        "pitch",
        "interpret-as",
        "format",
        "alias",
        "role",
    ),
    _any,
)
VERBS = frozenset({"Say", "Play", "Pause", "Gather", "Record", "Dial", "Redirect", "Reject", "Hangup"})
NOT_HERE = frozenset(
    {
        "Enqueue",
        "Leave",
        "Pay",
        "Refer",
        "Start",
        "Stop",
        "Connect",
        "Echo",
        "Queue",
        "Application",
        "Sim",
        "WhatsApp",
        "Task",
    }
)
"""Real TwiML which this network does not carry; it says so instead of calling it unknown."""

ELEMENTS: Mapping[str, Element] = {
    "Response": Element(children=VERBS),
    "Say": Element(
        attributes={
            "voice": lambda voice: language_of_voice(voice) is not None,
            "language": LANGUAGES.__contains__,
            "loop": between(0, 1000),
        },
        children=SSML,
        text=True,
    ),
    **{name: Element(attributes=_SSML_ATTRIBUTES, children=SSML, text=True) for name in SSML},
    "Play": Element(attributes={"loop": between(0, 1000), "digits": DIGITS}, text=True),
    "Pause": Element(attributes={"length": between(1, 86_400)}),
    "Gather": Element(
        attributes={
            "action": _any,
            "method": _method,
            "input": several_of("dtmf", "speech"),
            "timeout": SECONDS,
            "speechTimeout": matching(r"auto|\d+"),
            "maxSpeechTime": SECONDS,
            "numDigits": between(1, 1000),
            "finishOnKey": matching(r"[0-9#*]?"),
            "actionOnEmptyResult": _yes_no,
            "language": matching(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*"),
            "hints": _any,
            "speechModel": _any,
            "enhanced": _yes_no,
            "profanityFilter": _yes_no,
            "partialResultCallback": _any,
            "partialResultCallbackMethod": _method,
            "bargeIn": _yes_no,
            "debug": _yes_no,
        },
        children=frozenset({"Say", "Play", "Pause"}),
    ),
    "Record": Element(
        attributes={
            **_recording,
            "action": _any,
            "method": _method,
            "timeout": SECONDS,
            "finishOnKey": matching(r"[0-9#*]*"),
            "maxLength": between(1, 86_400),
            "playBeep": _yes_no,
            "trim": TRIM,
            "transcribe": _yes_no,
            "transcribeCallback": _any,
            "recordingConfigurationId": _any,
        }
    ),
    "Dial": Element(
        attributes={
            **_recording,
            "action": _any,
            "method": _method,
            "timeout": between(5, 600),
            "timeLimit": between(1, 86_400),
            "hangupOnStar": _yes_no,
            "callerId": _any,
            "record": RECORD_WORDS,
            "recordingTrack": one_of("inbound", "outbound", "both"),
            "trim": TRIM,
            "answerOnBridge": _yes_no,
            "ringTone": matching(r"[a-z]{2}(-old)?"),
            "sequential": _yes_no,
            "referUrl": _any,
            "referMethod": _method,
            "callReason": lambda value: len(value) <= 50,
            "events": _any,
        },
        children=frozenset({"Number", "Client", "Sip", "Conference"}),
        text=True,
    ),
    "Number": Element(attributes={**_noun, **_amd, "sendDigits": DIGITS, "byoc": _any}, text=True),
    "Client": Element(
        attributes={**_noun, "clientNotificationUrl": _any}, children=frozenset({"Identity", "Parameter"}), text=True
    ),
    "Identity": Element(text=True),
    "Parameter": Element(attributes={"name": _any, "value": _any}),
    "Sip": Element(attributes={**_noun, **_amd, "username": _any, "password": _any}, text=True),
    "Conference": Element(
        attributes={
            **_recording,
            "muted": _yes_no,
            "beep": one_of("true", "false", "onEnter", "onExit"),
            "startConferenceOnEnter": _yes_no,
            "endConferenceOnExit": _yes_no,
            "participantLabel": matching(r"(?!CA[0-9a-f]{32}$).{1,128}"),
            "coach": _any,
            "maxParticipants": between(1, 250),
            "jitterBufferSize": one_of("small", "medium", "large", "off"),
            "waitUrl": _any,
            "waitMethod": _method,
            "record": one_of("do-not-record", "record-from-start", "true", "false"),
            "trim": TRIM,
            "region": one_of("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"),
            "statusCallback": _any,
            "statusCallbackMethod": _method,
            "statusCallbackEvent": ROOM_EVENTS,
            "eventCallbackUrl": _any,
        },
        text=True,
    ),
    "Redirect": Element(attributes={"method": _method}, text=True),
    "Reject": Element(attributes={"reason": one_of("rejected", "busy")}),
    "Hangup": Element(),
}

ALLOWED: Mapping[str, frozenset[str]] = {
    "call": VERBS,
    "whisper": VERBS - {"Dial", "Reject"},
    "room": frozenset({"Say", "Play", "Pause", "Redirect"}),
}
"""Verbs by where a document runs: the call itself, the called party before the bridge, a conference's wait, hold or
announcement document."""
REFUSED: Mapping[str, int] = {"call": 12200, "whisper": 13201, "room": 13238}
"""Error code for a verb that is not allowed there."""
