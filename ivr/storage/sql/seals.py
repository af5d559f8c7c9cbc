"""Numbers at rest: sealed with AES-256-GCM, and found again by a blind index (`RELIABILITY.md` S-90).

Both keys are derived from the installation's secret with HKDF, apart from every other use of it. A sealed text names
the key that sealed it and is bound to its place (table, column, row): copied into another row it does not open. Old
secrets go on opening what they sealed until `ivr db rekey` has sealed everything anew, so a secret can be changed
without losing a number. A text that no key opens is an alarm in the log and counts as unknown; nothing stops for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ivr.storage.sql.blind import number_index, number_key

FORM = "s1"
"""First part of every sealed text: the way it is written."""
NONCE = 12
HEAD = len(f"{FORM}.01234567.")
"""Bytes before the nonce in a sealed file."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Seals:
    """Seals texts with `secret`, opens what it or one of the `old` secrets sealed."""

    secret: bytes
    old: tuple[bytes, ...] = ()

    def seal(self, text: str, *, place: str) -> str:
        """`text`, sealed for `place` (`calls.number:<call>`). Empty stays empty; twice is never the same."""
        if not text:
            return ""
        sealed = self._sealed(text.encode(), place)
        return f"{FORM}.{_name(self.secret)}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def seal_bytes(self, body: bytes, *, place: str) -> bytes:
        """The same for a file."""
        return f"{FORM}.{_name(self.secret)}.".encode() + self._sealed(body, place)

    def _sealed(self, body: bytes, place: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(_key(self.secret)).encrypt(nonce, body, place.encode())

    def open(self, sealed: str, *, place: str) -> str | None:
        """What was sealed for this place; empty for empty, None (and an alarm) when no key of ours opens it."""
        if not sealed or sealed.startswith("+"):
            return sealed  # plain: a process of the version before wrote it during the change; `ivr db rekey` seals it
        form, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)) if form == FORM else b""
        except ValueError:
            raw = b""
        opened = self._opened(name, raw, place)
        return opened.decode() if opened is not None else None

    def open_bytes(self, sealed: bytes, *, place: str) -> bytes | None:
        form, _, rest = sealed[:HEAD].partition(b".")
        name = rest.partition(b".")[0].decode("ascii", "replace") if form == FORM.encode() else ""
        return self._opened(name, sealed[HEAD:], place)

    def _opened(self, name: str, raw: bytes, place: str) -> bytes | None:
        secret = next((one for one in (self.secret, *self.old) if _name(one) == name), None)
        if secret is not None:
            with suppress(InvalidTag, ValueError):
                return AESGCM(_key(secret)).decrypt(raw[:NONCE], raw[NONCE:], place.encode())
        log.error("seal_does_not_open", place=place, key=name)
        return None

    def fresh(self, sealed: str) -> bool:
        """Sealed with the secret of today (or empty)."""
        return not sealed or sealed.startswith(f"{FORM}.{_name(self.secret)}.")

    def fresh_bytes(self, sealed: bytes) -> bool:
        return sealed.startswith(f"{FORM}.{_name(self.secret)}.".encode())

    def token_keys(self, token: str) -> tuple[str, ...]:
        """Under which a token's link is stored: with the secret of today first, then with the old ones."""
        return tuple(_token_key(one, token) for one in (self.secret, *self.old))

    def index(self, number: str) -> str:
        """By which rows of this number are found; empty for no number."""
        return number_index(number_key(self.secret), number)

    def indexes(self, number: str) -> tuple[str, ...]:
        """The index today and under the old secrets: what to look for before `ivr db rekey` has been through."""
        return tuple(number_index(number_key(one), number) for one in (self.secret, *self.old))


def _token_key(secret: bytes, token: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ivr links").derive(secret)
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()


@cache
def _key(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ivr sealed numbers").derive(secret)


@cache
def _name(secret: bytes) -> str:
    """Tells keys apart; says nothing about them."""
    return hmac.new(_key(secret), b"name", hashlib.sha256).hexdigest()[:8]
