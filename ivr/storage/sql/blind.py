"""Find a number again without storing it: HMAC-SHA-256 under a key of the installation (`RELIABILITY.md` S-90)."""

from __future__ import annotations

import hashlib
import hmac


def number_key(secret: bytes) -> bytes:
    """The key of the index, apart from every other use of the secret."""
    return hmac.new(secret, b"ivr number index", hashlib.sha256).digest()


def number_index(key: bytes, number: str) -> str:
    """64 hex digits; empty for no number."""
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest() if number else ""
