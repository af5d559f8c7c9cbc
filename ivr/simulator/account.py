"""Who the customer of this network is: credentials, numbers, applications, limits."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

E164 = re.compile(r"^\+[1-9]\d{6,14}$")
DEFAULT_NUMBER = "+861052728000"


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def fixed_sid(prefix: str, name: str) -> str:
    """The same SID for the same name, so a number keeps its PN… over restarts."""
    return prefix + hashlib.sha256(f"{prefix}:{name}".encode()).hexdigest()[:32]


@dataclass(kw_only=True)
class Application:
    """A TwiML application, and the same settings on a number."""

    sid: str
    friendly_name: str = ""
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    created_s: float = 0.0
    updated_s: float = 0.0


@dataclass(kw_only=True)
class Number(Application):
    phone_number: str
    voice_application_sid: str = ""


@dataclass(kw_only=True)
class Account:
    sid: str = field(default_factory=lambda: new_sid("AC"))
    auth_token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    api_key: str = field(default_factory=lambda: new_sid("SK"))
    api_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    numbers: dict[str, Number] = field(default_factory=dict)
    """By E.164."""
    applications: dict[str, Application] = field(default_factory=dict)
    app_sid: str = field(default_factory=lambda: new_sid("AP"))
    calls_per_second: float = 1.0
    """Legs created by REST; more wait in line."""

    def add_number(self, phone_number: str, **settings: Any) -> Number:
        number = Number(
            sid=fixed_sid("PN", phone_number), phone_number=phone_number, friendly_name=phone_number, **settings
        )
        self.numbers[phone_number] = number
        return number

    def add_application(self, sid: str, **settings: Any) -> Application:
        application = Application(sid=sid, **settings)
        self.applications[sid] = application
        return application

    def knows(self, user: str, password: str) -> bool:
        pairs = {self.sid: self.auth_token, self.api_key: self.api_secret}
        return user in pairs and secrets.compare_digest(pairs[user].encode(), password.encode())

    def voice_of(self, number: Number) -> Application:
        """A number with an application uses the application's settings alone."""
        return self.applications.get(number.voice_application_sid, number)
