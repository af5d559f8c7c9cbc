"""What the desk says about its keys."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.web.i18n import gettext
from ivr.web.texts import N_

KEY_TEXTS: Mapping[str, str] = {
    "key_space": N_("Space"),
    "key_accept": N_("Accept"),
    "key_decline": N_("Decline"),
    "key_silence": N_("Silence this ring"),
    "key_mute": N_("Mute or speak again"),
    "key_hold": N_("Hold or take back"),
    "key_keypad": N_("Keypad"),
    "key_transfer": N_("Transfer"),
    "key_texts": N_("Text message"),
    "key_pause-recording": N_("Pause recording, or go on"),
    "key_end": N_("End the call"),
    "key_call": N_("Give the call the focus"),
    "key_finish": N_("Finish wrap-up"),
    "key_more-time": N_("60 s more of wrap-up"),
    "key_ready": N_("Go ready"),
    "key_break": N_("Break"),
    "key_call-out": N_("Call somebody"),
    "key_keys": N_("This list"),
    "keys_ringing": N_("While it rings"),
    "keys_call": N_("In the call"),
    "keys_wrap_up": N_("In wrap-up"),
    "keys_always": N_("At any time"),
    "keys_key": N_("Key"),
    "keys_chord": N_("Chord"),
    "keys_none": N_("none"),
    "keys_change": N_("{action}, {kind}: {key}. Change"),
    "keys_press_key": N_("{action}: press the new key. Esc leaves it as it is, the backspace key takes it away."),
    "keys_press_chord": N_(
        "{action}: press the new chord, such as Ctrl Alt and a letter. Esc leaves it as it is, the backspace key takes it away."
    ),
    "keys_kept": N_("{key} is now: {action}"),
    "keys_taken_away": N_("{action} has no such key any more"),
    "keys_left": N_("Left as it was."),
    "keys_defaults": N_("All keys are as they were at first."),
    "keys_refused_taken": N_("{key} is taken already: {action}. Press another one."),
    "keys_refused_browser": N_(
        "{key} belongs to the browser or the system. Take Ctrl Alt and a letter, F2, F4, F8 or F9."
    ),
    "keys_refused_no_chord": N_("A chord begins with Ctrl Alt. Press another one."),
    "keys_refused_no_key": N_("Take one letter, digit or sign, without Ctrl or Alt."),
}


def key_texts() -> dict[str, str]:
    return {key: gettext(text) for key, text in KEY_TEXTS.items()}
