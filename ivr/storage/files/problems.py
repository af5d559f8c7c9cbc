"""What is wrong with a file: collected, so that one check shows everything, and placed by line and path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from ivr.core.errors import OperatorError, Problem

Path = tuple[str, ...]
WORD_CAP = 60
MOST = 100
"""Problems shown of one file: more than that is a file of another kind."""


class Problems:
    """The problems of one file. `lines` says where each path stands; a path that is not there takes its parent's."""

    def __init__(self, file: str, lines: Mapping[Path, int] | None = None) -> None:
        self.file = file
        self.lines = lines or {}
        self.found: list[Problem] = []
        self.refused_at: set[Path] = set()
        """Every place refused, shown or not."""
        self.holes: frozenset[Path] = frozenset()
        """Places left out of the judgement (`salvage`): what is refused there or around them is not shown."""

    @property
    def whole(self) -> bool:
        """True: nothing of the file was left out, so what is not found is not there."""
        return not self.holes

    def refuse(self, path: Path, message: str, *, line: int | None = None) -> None:
        self._add(path, message, line, warning=False)

    def refuse_instead(self, path: Path, message: str) -> None:
        """Refuse with better words than those found for the same place before."""
        place, line = shown(path), self.line(path)
        self.found = [one for one in self.found if (one.path, one.line) != (place, line)]
        self.refuse(path, message)

    def warn(self, path: Path, message: str, *, line: int | None = None) -> None:
        self._add(path, message, line, warning=True)

    def _add(self, path: Path, message: str, line: int | None, *, warning: bool) -> None:
        if path and not warning:
            self.refused_at.add(path)
        if any(path[: len(hole)] == hole[: len(path)] for hole in self.holes):
            return
        problem = Problem(
            file=self.file, line=line or self.line(path), path=shown(path), message=message, warning=warning
        )
        if problem not in self.found and len(self.found) < MOST:
            self.found.append(problem)

    def line(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def refused(self) -> bool:
        return any(not problem.warning for problem in self.found)

    def sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.found, key=lambda problem: (problem.warning, problem.line)))

    def raise_if_refused(self) -> None:
        """Raise with every problem when one of them makes the file unusable."""
        if self.refused():
            raise refusal(self.sorted())


def refusal(problems: Iterable[Problem]) -> OperatorError:
    """One error for all problems; its text is a line for each that refuses."""
    problems = tuple(problems)
    return OperatorError("\n".join(str(problem) for problem in problems if not problem.warning), problems)


def shown(path: Path) -> Path:
    """A path as people read it: `main > choices > 2`, without the section `nodes` and the word for the kind."""
    if len(path) > 1 and path[0] == "nodes":
        return (path[1], *path[3:])
    return path


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to the nearest known word, or nothing: `; did you mean 'billing'?`"""
    near = difflib.get_close_matches(word[:80], sorted(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def quoted(word: object) -> str:
    """A word out of the file as it may be shown: short, printable, in quotes."""
    text = "".join(c if c.isprintable() else "?" for c in str(word))
    return f"'{text[:WORD_CAP]}…'" if len(text) > WORD_CAP else f"'{text}'"
