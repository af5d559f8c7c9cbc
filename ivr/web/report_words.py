"""Headings of report columns in the page's language. A figure keeps its formula beside its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from ivr.core.intervals import Step
from ivr.core.metrics import ServiceLevel
from ivr.web.i18n import gettext
from ivr.web.texts import N_, TEXTS
from ivr.workflows.dispositions import readable
from ivr.workflows.report_hours import THIN
from ivr.workflows.reports import PERCENTILES, ReportQuery

HEADINGS: Mapping[str, str] = {
    "interval": N_("Interval"),
    "left_at": N_("Gave up"),
    "language": N_("Language"),
    "wait_s": N_("Wait"),
    "could": N_("Free and able"),
    "free": N_("Free, with another skill or language"),
    "missing": N_("What was missing"),
    "callers": N_("Callers"),
    "menu_topic": N_("Menu topic"),
    "agent_topic": N_("Agent topic"),
    "calls": N_("Calls"),
    "share": N_("Share"),
    "unsaid": N_("Agent did not say"),
    "topic": N_("Topic"),
    "offered": N_("Offered"),
    "answered": N_("Answered"),
    "abandoned": N_("Abandoned"),
    "short_abandoned": N_("of them short"),
    "flow_out": N_("Flow-out"),
    "dropped": N_("Dropped by us"),
    "waiting": N_("Still waiting"),
    "within_s": N_("Target T"),
    "service_level": N_("Service level"),
    "abandon_rate": N_("Abandon rate (b)"),
    "figure": N_("Figure"),
    "formula": N_("Formula"),
    "letters": N_("In letters"),
    "part": N_("Numerator"),
    "whole": N_("Denominator"),
    "value": N_("Share"),
    "asa_s": N_("ASA"),
    "longest_s": N_("Longest, answered"),
    "longest_any_s": N_("Longest of all"),
    "handle_time_s": N_("AHT"),
    "requested": N_("Requested"),
    "pending": N_("Pending"),
    "completed": N_("Completed"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Expired"),
    "reached_by_phone": N_("Reached by phone"),
    "merged": N_("Merged duplicates"),
    "attempts": N_("Attempts"),
    "attempt_results": N_("Attempt results"),
    "first_attempt_success": N_("First-attempt success"),
    "success_of_requested": N_("Success of requested"),
    "success_of_attempted": N_("Success of attempted"),
    "to_first_attempt_s": N_("Request to first attempt"),
    "to_connected_s": N_("Request to connected"),
    "lateness_s": N_("Lateness"),
    "promise_kept": N_("Promised window kept"),
    "agent_idle_s": N_("Agent time without caller"),
    "promise": N_("Promise"),
    "verdict": N_("State"),
    "promised_at": N_("Promised"),
    "due_at": N_("Due"),
    "done_at": N_("Done"),
    "share_kept": N_("Share kept"),
    "call": N_("Call"),
    "result": N_("Result"),
    "reason": N_("Reason"),
    "share_of_results": N_("Share"),
    "by_time_out": N_("Set by time-out"),
    "no_result_yet": N_("No result yet"),
    "hour": N_("Hour"),
    "staffing": N_("Staffing"),
    "staffed": N_("Agents at work"),
    "handled": N_("Handled"),
    "legal_answer": N_("Answered within 180 s"),
    "transferred_in": N_("Transferred in"),
    "transferred_out": N_("Transferred out"),
    "to_abandon_s": N_("Time to abandon"),
    "to_abandon_long_s": N_("… without short ones"),
    "p50_any_s": N_("P50, all who left"),
    "p90_any_s": N_("P90, all who left"),
    "longest_abandoned_s": N_("Longest, abandoned"),
    "talk_s": N_("Talk"),
    "hold_s": N_("Hold, over handled"),
    "hold_of_held_s": N_("Hold, over held"),
    "wrap_s": N_("Wrap-up"),
    "counted": N_("Counted"),
    "expected": N_("By hand"),
    "computed": N_("By this version"),
}

EXPLAINED: Mapping[str, str] = {
    "share_of_results": N_(
        "of the topic's calls with a result; in the line of a reason: of the calls with that result"
    ),
    "by_time_out": N_(
        "wrap-up ran out before result and reason were said, and the topic's default was taken / these calls"
    ),
    "hour": N_("what the wall clock shows, over all days of the report; an hour that came twice counts twice"),
    "staffed": N_("agents' time available, rung, on a call or in wrap-up / time that passed, whatever the topic"),
    "handled": N_("answered, and the wrap-up is over"),
    "legal_answer": N_("answered within 180 seconds / offered; target 95 %"),
    "to_abandon_s": N_("waits of the abandoned / abandoned"),
    "hold_s": N_("all hold / handled"),
    "hold_of_held_s": N_("all hold / handled calls that were on hold"),
    "staffing": N_("▼ fewer than two agents at work, on average over the hour"),
    "share": N_("of the topic's calls whose agent said what it was about; in the totals: those that differ"),
    "unsaid": N_("wrap-up ran out, or was finished without a word on the topic"),
    "abandon_rate": N_("abandoned without short ones / (offered − short ones)"),
    "asa_s": N_("average speed of answer: waits of the answered / answered"),
    "handle_time_s": N_("average handle time: talk, hold and wrap-up of the handled"),
    "flow_out": N_("left by message, callback or overflow"),
    "short_abandoned": N_("gone before the topic's limit, 5 s unless set"),
    "within_s": N_("time within which an answer counts for the service level"),
    "requested": N_("unique requests: pending + completed + failed + cancelled + expired + reached by phone"),
    "merged": N_("a second request of the same number and topic; its promise lives on in the first"),
    "reached_by_phone": N_("the caller got through on their own before the callback"),
    "first_attempt_success": N_("connected at the first attempt / attempted"),
    "success_of_requested": N_("completed / requested"),
    "success_of_attempted": N_("completed / attempted"),
    "lateness_s": N_("first attempt after the promised window, 0 when in time; mean of those attempted"),
    "verdict": N_("kept: done by the time named; late: after it, or open after it; broken: given up"),
    "share_kept": N_("kept / (kept + late + broken)"),
    "promise_kept": N_("first attempt inside the promised window / promises attempted or over"),
}

TOO_MANY_ROWS = N_("This report has too many rows: take a longer interval.")
"""The sentence of `workflows/reports.py`, which is translated when it is shown."""

TOO_LONG = N_("This report covers at most 1000 days: take a shorter time.")
"""The sentence of `workflows/report_hours.py`."""

HOURS: Mapping[str, str] = {THIN: N_("fewer than 2")}
"""Marks of an hour of the day."""

STEPS: Mapping[Step, str] = {
    Step.QUARTER: N_("15 minutes"),
    Step.HALF: N_("30 minutes"),
    Step.HOUR: N_("1 hour"),
    Step.DAY: N_("1 day"),
    Step.WEEK: N_("1 week"),
    Step.MONTH: N_("1 month"),
}


DAYS: Mapping[str, str] = {
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}
GAVE_UP: Mapping[str, str] = {"nobody": N_("nobody was free"), "teach": N_("teach")}
HEAT: Mapping[str, str] = {
    "offered": N_("Offered"),
    "service_level_v4": N_("Service level v4"),
    "abandon_rate": N_("Abandon rate (b)"),
    "asa": N_("ASA"),
}
CHECKED: Mapping[str, str] = {
    "from the calls": N_("from the calls"),
    "from kept cells": N_("from kept cells"),
    "equal": N_("equal"),
    "DIFFERS": N_("DIFFERS"),
    "(all topics)": N_("(all topics)"),
    "on the day": N_("on the day"),
    "on the day, by event": N_("on the day, by answer or leaving"),
    "hours of the day": N_("Hours of the day"),
}
"""Words of the self-check; its figures are named as in files."""


def word_of(word: str, *tables: Mapping[str, str]) -> str:
    """The word in the page's language; itself where no table has it."""
    return next((gettext(table[word]) for table in tables if word in table), word)


def heading(key: str, fallback: str) -> dict[str, str]:
    """`text`, `variant` (name of a formula), `note` (the formula itself); `group` stands for all percentiles, of
    which those after the first are marked `same`.
    """
    if key.startswith("service_level_"):
        variant = key.removeprefix("service_level_")
        name = HEADINGS["service_level"]
        return {"text": gettext(name), "variant": variant, "note": ServiceLevel(variant).letters}
    if key.startswith("p") and key.endswith("_s") and key[1:-2].isdigit():
        note = gettext("percentile of the waits of the answered, nearest rank")
        same = "" if key == f"p{PERCENTILES[0]}_s" else "same"
        group = ", ".join(f"P{percent}" for percent in PERCENTILES)
        return {"text": f"P{key[1:-2]}", "variant": "", "note": note, "same": same, "group": group}
    name, note = HEADINGS.get(key, fallback), EXPLAINED.get(key, "")
    return {"text": gettext(name), "variant": "", "note": gettext(note) if note else ""}


def covered(query: ReportQuery, as_of: datetime) -> str:
    """The line under a report: from when to when, in which zone, in which steps, and as of when."""

    def local(at: datetime) -> str:
        return f"{at.astimezone(query.zone):%Y-%m-%d %H:%M}"

    return gettext("{start} to {end} ({zone}), in steps of {step}. As of {at}.").format(
        start=local(query.start),
        end=local(query.end),
        zone=query.zone.key,
        step=shown_step(query.step),
        at=as_of.astimezone(query.zone).isoformat(sep=" ", timespec="seconds"),
    )


def result_words(own: Mapping[str, str]) -> Callable[[str], str]:
    """Results and reasons as agents choose them: in the menu's `own` words, else in ours, else the name as it reads."""

    def words(name: str) -> str:
        said = TEXTS.get(f"disposition_{name}")
        return own.get(name) or (gettext(said) if said else readable(name))

    return words


def hour_words(word: str) -> str:
    return gettext(HOURS[word])


def shown_step(step: Step) -> str:
    return gettext(STEPS[step])
