"""Instructions as TwiML, drawn last and checked before they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from twilio.twiml.voice_response import Dial, VoiceResponse
from twilio.twiml.voice_response import Gather as GatherVerb

from ivr.core.ids import Language
from ivr.core.instructions import (
    DialOut,
    Gather,
    GoOn,
    HangUp,
    Instruction,
    JoinRoom,
    RecordMessage,
    Speak,
    Spoken,
    Wait,
)
from ivr.core.menus import Voice
from ivr.telephony.twilio.gate import checked
from ivr.telephony.twilio.links import OVERRIDES, path_of

SLOW_RATE = "85%"
"""Slow mode speaks 15 % slower (`DOMAIN.md` 2.1)."""
ROOM_EVENTS = "start end join leave"


def draw(instructions: Sequence[Instruction], *, voices: Mapping[Language, Voice], caller_id: str = "") -> bytes:
    """The document for one leg. `caller_id` is the hotline's own number, shown when dialling out."""
    response = VoiceResponse()
    for instruction in instructions:
        _draw(response, instruction, voices, caller_id)
    return checked(str(response))


def _draw(response: VoiceResponse, instruction: Instruction, voices: Mapping[Language, Voice], caller_id: str) -> None:
    match instruction:
        case Speak(sounds=sounds):
            _sounds(response, sounds, voices)
        case Gather():
            _gather(response, instruction, voices)
        case Wait(seconds=seconds):
            response.pause(length=seconds)
        case GoOn(link=link):
            response.redirect(path_of(link) + OVERRIDES, method="POST")
        case JoinRoom():
            response.append(_room(instruction))
        case RecordMessage(link=link, max_s=max_s, finish=finish):
            response.record(
                action=path_of(link) + OVERRIDES,
                method="POST",
                max_length=max_s,
                finish_on_key=finish,
                play_beep=True,
                timeout=10,
                trim="do-not-trim",
            )
            # A silent recording asks nothing and goes on here.
            response.redirect(path_of(link) + OVERRIDES, method="POST")
        case DialOut(number=number, link=link, timeout_s=timeout_s):
            dial = Dial(
                action=path_of(link) + OVERRIDES,
                method="POST",
                timeout=timeout_s,
                caller_id=caller_id or None,
            )
            dial.number(number)
            response.append(dial)
        case HangUp():
            response.hangup()


def _gather(response: VoiceResponse, gather: Gather, voices: Mapping[Language, Voice]) -> None:
    verb = GatherVerb(
        input="dtmf",
        action=path_of(gather.link) + OVERRIDES,
        method="POST",
        timeout=gather.timeout_s,
        num_digits=gather.digits,
        finish_on_key=gather.finish,
        action_on_empty_result=True,
    )
    _sounds(verb, gather.sounds, voices)
    if gather.music is not None:
        verb.play(recording_path(gather.music))
    response.append(verb)


def _sounds(parent: Any, sounds: Sequence[Spoken], voices: Mapping[Language, Voice]) -> None:
    for sound in sounds:
        if sound.audio is not None:
            parent.play(recording_path(sound.audio))
        elif sound.path:
            parent.play(sound.path)
        elif sound.text:
            voice = voices.get(sound.language) or next(iter(voices.values()))
            if sound.slow:
                say = parent.say(voice=voice.voice, language=voice.locale)
                say.prosody(sound.text, rate=SLOW_RATE)
            else:
                parent.say(sound.text, voice=voice.voice, language=voice.locale)


def _room(join: JoinRoom) -> Dial:
    dial = Dial(action=path_of(join.link) + OVERRIDES, method="POST")
    dial.conference(
        join.room,
        participant_label=join.label,
        start_conference_on_enter=join.starts,
        end_conference_on_exit=join.ends,
        beep="false",
        wait_url="",
        status_callback=f"/voice/room-events/{quote(join.link.call, safe='')}",
        status_callback_method="POST",
        status_callback_event=ROOM_EVENTS,
        muted=join.muted or None,
        coach=join.coach,
    )
    return dial


def recording_path(name: str) -> str:
    """Prompts and music come from our own static path, by checked file name."""
    return f"/recordings/{quote(name, safe='')}"
