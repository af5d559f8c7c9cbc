"""Kinds of node that ask elsewhere: the caller for a code, another system for an answer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ivr.storage.files.fields import Duration, Hook, Name, SecretName, Strict


class VerifyModel(Strict):
    goto: Name
    unverified: Name | None = None
    only_if: dict[Name, str] = Field(default_factory=dict)
    """Answers without which no code is sent: `{linked: 'yes'}`."""
    timeout: Duration | None = None


Sendable = Literal["call", "hotline", "topic", "path", "language", "answers", "verified", "number"]


class LookupModel(Strict):
    default: Name
    url: str = Field(default="", max_length=500)
    hook: Hook | None = None
    """A function of the house instead of an address: `package.module:function`."""
    method: Literal["get", "post"] = "post"
    send: list[Sendable] | None = None
    """What is sent: call, topic and language unless others are named; the caller's number only when it is named here."""
    secret: SecretName | None = None
    """The name of a secret, never the secret."""
    timeout: Duration | None = None
    retries: int = Field(default=0, ge=0, le=1)
    sets: dict[Name, str] = Field(default_factory=dict)
    """Answers, and where in the reply they stand: `{level: $.account.level}`."""
    by: Name | None = None
    """Which of them chooses the case; may be left out when there is only one."""
    cases: dict[str, Name] = Field(default_factory=dict)
