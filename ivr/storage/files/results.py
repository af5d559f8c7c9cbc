"""What agents may say became of a call: results, the reasons beneath them, and the words for both."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.storage.files import schema
from ivr.storage.files.problems import Path, Problems, did_you_mean, quoted

Given = list[schema.DispositionModel]


def check(file: schema.MenuFile, problems: Problems) -> None:
    for path, given in _lists(file):
        _once(given, path, problems)
    if problems.whole:
        known = {name for _, given in _lists(file) for one in given for name in (one.result, *one.reasons)}
        for name in sorted(set(file.results) - known):
            hint = did_you_mean(name, known)
            problems.refuse(("results", name), f"is no result of a topic, and no reason of one{hint}")


def _lists(file: schema.MenuFile) -> Iterator[tuple[Path, Given]]:
    """Every list of results, and where it stands."""
    yield ("topic_defaults", "dispositions"), file.topic_defaults.dispositions or []
    for name, topic in file.topics.items():
        yield ("topics", name, "dispositions"), topic.dispositions or []


def _once(given: Given, path: Path, problems: Problems) -> None:
    seen: set[str] = set()
    for place, one in enumerate(given):
        here: Path = (*path, str(place))
        if one.result in seen:
            problems.refuse(here, f"names the result {quoted(one.result)} again")
        seen.add(one.result)
        for number, reason in enumerate(one.reasons):
            if reason in one.reasons[:number]:
                problems.refuse((*here, one.result, str(number)), f"names the reason {quoted(reason)} again")
