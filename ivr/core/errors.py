"""Errors by whose fault they are. Expected outcomes are values, not exceptions."""

from __future__ import annotations

from dataclasses import dataclass


class IvrError(Exception):
    """Anything this service raises on purpose."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in one of the operator's files."""

    file: str
    line: int
    path: tuple[str, ...]
    """Where in the document: `("nodes", "main", "choices", "2")`."""
    message: str
    """What is wrong and what to do, as one sentence."""
    warning: bool = False
    """True: worth a look, but the file can be used."""

    def __str__(self) -> str:
        where = " > ".join(self.path)
        return (
            f"{self.file}:{self.line} > {where}: {self.message}"
            if where
            else f"{self.file}:{self.line}: {self.message}"
        )


class OperatorError(IvrError):
    """A file or setting of ours is wrong. Carries every problem found, not only the first."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class RequestError(IvrError):
    """Somebody asked for something that cannot be: HTTP `status` and a stable `error_id`."""

    def __init__(self, message: str, *, status: int, error_id: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_id = error_id


class CarrierError(IvrError):
    """The carrier refused or did not answer. `retry` says whether asking again is safe and useful."""

    def __init__(self, message: str, *, code: int | None = None, retry: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retry = retry
        self.unknown = unknown
        """True: the request may or may not have been carried out; look it up, never repeat it blindly."""


class Conflict(IvrError):
    """Somebody else changed the same thing first; read and decide again."""


class Unavailable(IvrError):
    """A store of ours (Redis, SQL) cannot be reached in time."""
