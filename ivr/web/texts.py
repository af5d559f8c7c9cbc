"""Texts that scripts show. They live here so that one catalog holds every word of the pages.

`N_` only marks a text for the catalog; it is translated when the page is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.web.i18n import gettext


def N_(text: str) -> str:  # noqa: N802 - the customary name, known to the extractor
    return text


TEXTS: Mapping[str, str] = {
    "presence_signed_out": N_("Signed out"),
    "presence_available": N_("Ready"),
    "presence_reserved": N_("Ringing"),
    "presence_on_call": N_("On a call"),
    "presence_wrap_up": N_("Wrap-up"),
    "presence_declined": N_("Declined"),
    "presence_missed": N_("Missed a call"),
    "presence_break": N_("Break"),
    "presence_away": N_("Away"),
    "reason_lunch": N_("Meal"),
    "reason_rest": N_("Rest"),
    "reason_training": N_("Training"),
    "reason_meeting": N_("Meeting"),
    "reason_technical": N_("Technical trouble"),
    "wanted_available": N_("ready"),
    "wanted_break": N_("break"),
    "wanted_signed_out": N_("sign out"),
    "wanted_away": N_("away"),
    "reason_signed_in": N_("just signed in"),
    "reason_away": N_("was away"),
    "title_break": N_("You are on a break"),
    "title_signed_in": N_("You are signed in, and not ready yet"),
    "title_away": N_("You were away; the line is on a break"),
    "disposition_solved": N_("Solved"),
    "disposition_pending": N_("Pending"),
    "disposition_other": N_("Other"),
    "disposition_passed_on": N_("Passed on"),
    "disposition_no_result": N_("No result"),
    "value_today": N_("today"),
    "value_seven_days": N_("in the last seven days"),
    "value_earlier": N_("earlier"),
    "value_unsure": N_("not sure"),
    "answer_when": N_("When"),
    "answer_case": N_("Case"),
    "caller_withheld": N_("Number withheld"),
    "caller_sip": N_("SIP caller"),
    "caller_client": N_("Browser caller"),
    "caller_unknown": N_("Unknown number"),
    "caller_number": N_("Unknown number"),
    "ready": N_("Go ready"),
    "ready_after": N_("Ready afterwards"),
    "back": N_("I am back"),
    "break": N_("Break"),
    "break_after": N_("Break afterwards"),
    "incoming": N_("Incoming call"),
    "calling_customer": N_("Callback: calling the customer"),
    "callback": N_("Callback · code {code} · try {attempt}"),
    "announced_verified": N_("Verified in app"),
    "announced_unverified": N_("From the app, not verified"),
    "connecting": N_("Connecting …"),
    "connected": N_("Connected"),
    "rings": N_("{seconds} s of {whole} left"),
    "left": N_("{time} left"),
    "next_in": N_("Next call in {seconds} s"),
    "break_in": N_("Break in {seconds} s"),
    "announce": N_("Incoming call: {topic}. {language}. Waited {waited}."),
    "minutes_seconds": N_("{minutes} min {seconds} s"),
    "check_good": N_("good"),
    "check_bad": N_("missing"),
    "check_unknown": N_("not tried"),
    "need_line": N_("Not ready: the line is not connected yet. Check the network, then try again."),
    "need_sound": N_("Not ready: the browser does not play sound. Allow sound for this page, then try again."),
    "need_mic": N_("Not ready: no microphone. Plug in the headset and allow the microphone, then try again."),
    "line_lost": N_("Your line was lost. The caller is first in line again."),
    "offer_over": N_("This call is no longer there: the caller left, or somebody else took it."),
    "no_answer": N_("The service did not answer. Nothing was changed; try again."),
    "no_contact": N_("No contact with the service for {seconds} s. What you see may be old."),
    "live": N_("live · {seconds} s ago"),
    "stale": N_("no contact"),
    "wait": N_("Connecting …"),
    "amber": N_("look"),
    "red": N_("act"),
    "few": N_("Few calls: read the fraction"),
    "late_callbacks": N_("{count} late"),
    "of": N_("{part} of {whole}"),
    "short": N_("Short abandons"),
    "nobody": N_("Nobody signed in can take this topic"),
    "nobody_waits": N_("Nobody waits"),
    "no_agents": N_("No agent is signed in"),
    "in_one_topic": N_("in one topic"),
    "in_topics": N_("in {count} topics"),
    "of_signed_in": N_("of {count} signed in"),
    "ringing_wrapping": N_("{ringing} ringing, {wrapping} in wrap-up"),
    "then_break": N_("then break"),
    "incident_effect": N_("heard by {heard} calls, {left} of them left in the menu"),
    "red_queues": N_("Needs action: {names}"),
}


def page_texts() -> dict[str, str]:
    return {key: gettext(text) for key, text in TEXTS.items()}
