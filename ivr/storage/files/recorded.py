"""Whether a menu may have talks recorded, or listened to: nobody who was not told in full, or had no key to say no (or yes)."""

from __future__ import annotations

from ivr.storage.files import schema
from ivr.storage.files.build import merged
from ivr.storage.files.problems import Path, Problems


def check(file: schema.MenuFile, problems: Problems) -> None:
    for field in ("recording_notice", "listening_notice"):
        name = getattr(file, field)
        notice = file.prompts.get(name or "")
        if name is not None and (notice is None or notice.interruptible):
            problems.refuse((field,), "must be a prompt of this file with `interruptible: false`")
    choices = [choice for model in file.nodes.values() if model.menu for choice in model.menu.choices.values()]
    for topic, own in file.topics.items():
        rule = merged(file.topic_defaults, own).recording
        if rule not in ("opt_out", "opt_in"):
            continue
        path: Path = ("topics", topic, "recording")
        if file.recording_notice is None:
            problems.refuse(path, "needs `recording_notice`: who is not told is not recorded")
        wanted = rule == "opt_in"
        if not any(choice.recording is wanted for choice in choices):
            problems.refuse(path, f"needs a key with `recording: {str(wanted).lower()}` in a menu")
