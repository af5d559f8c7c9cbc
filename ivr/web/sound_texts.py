"""What the desk says about microphone, loudspeakers and line."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.web.i18n import gettext
from ivr.web.texts import N_

SOUND_TEXTS: Mapping[str, str] = {
    "check_wait": N_("connecting"),
    "check_weak": N_("weak"),
    "check_line_bad": N_("not connected"),
    "check_line_fair": N_("sounds fair"),
    "check_line_poor": N_("sounds poor"),
    "check_mic_denied": N_("not allowed"),
    "check_mic_missing": N_("missing"),
    "check_mic_busy": N_("in use elsewhere"),
    "check_mic_listen": N_("listen only"),
    "check_sound_silent": N_("no ring"),
    "check_sound_bad": N_("blocked"),
    "need_network": N_("Not ready: this computer has no network. Reconnect it, then try again."),
    "need_line": N_("Not ready: the line is not connected yet. Check the network, then try again."),
    "need_sound": N_("Not ready: the browser does not play sound. Allow sound for this page, then try again."),
    "need_mic_denied": N_(
        "Not ready: the browser does not allow the microphone. Allow it beside the address of this page, then try again."
    ),
    "need_mic_missing": N_("Not ready: there is no microphone. Plug in the headset, then try again."),
    "need_mic_busy": N_("Not ready: the microphone cannot be opened. Close the program that uses it, then try again."),
    "line_gone": N_("Your line was away for too long, so you are on a break. Go ready when it is connected again."),
    "mic_gone": N_(
        "Your microphone is gone, so you are on a break: callers would not hear you. Plug it in, then go ready again."
    ),
    "mic_gone_after": N_(
        "Your microphone is gone. After this call you are on a break; plug it in, then go ready again."
    ),
    "mic_unknown": N_("Not tried yet."),
    "mic_good": N_("Speak: the bar moves with your voice."),
    "mic_silent": N_("Nothing is heard from this microphone. Is it muted at the headset?"),
    "mic_denied": N_("The browser does not allow the microphone. Allow it beside the address of this page."),
    "mic_missing": N_("There is no microphone. Plug one in."),
    "mic_busy": N_("The microphone cannot be opened. Does another program use it?"),
    "device_usual": N_("The usual one"),
    "device_as_speaker": N_("Where callers are heard"),
    "quality_none": N_("No call"),
    "quality_good": N_("Sounds good"),
    "quality_fair": N_("Sounds fair"),
    "quality_poor": N_("Sounds poor: speak slowly, or ask the caller to ring again"),
    "quality_figures": N_("{rtt} ms there and back · {jitter} ms jitter · {lost} % lost"),
}


def sound_texts() -> dict[str, str]:
    return {key: gettext(text) for key, text in SOUND_TEXTS.items()}
