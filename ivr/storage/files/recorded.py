"""Whether a menu may have talks recorded: nobody who was not told in full, or had no key to say no (or yes)."""

from __future__ import annotations

from ivr.storage.files import schema
from ivr.storage.files.build import merged
from ivr.storage.files.problems import Path, Problems


def check(file: schema.MenuFile, problems: Problems) -> None:
    notice = file.prompts.get(file.recording_notice or "")
    if file.recording_notice is not None and (notice is None or notice.interruptible):
        problems.refuse(("recording_notice",), "must be a prompt of this file with `interruptible: false`")
    choices = [choice for model in file.nodes.values() if model.menu for choice in model.menu.choices.values()]
    for name, own in file.topics.items():
        rule = merged(file.topic_defaults, own).recording
        if rule not in ("opt_out", "opt_in"):
            continue
        path: Path = ("topics", name, "recording")
        if file.recording_notice is None:
            problems.refuse(path, "needs `recording_notice`: who is not told is not recorded")
        wanted = rule == "opt_in"
        if not any(choice.recording is wanted for choice in choices):
            problems.refuse(path, f"needs a key with `recording: {str(wanted).lower()}` in a menu")
