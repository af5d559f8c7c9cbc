"""Password hashes: Argon2id (RFC 9106), never less than 19 MiB and two passes (`RELIABILITY.md` S-21)."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the characters people confuse when they copy them by hand: i l o 0 1."""


def hash_password(password: str) -> str:
    return HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(stored)


def new_password() -> str:
    """A password to print once: four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@cache
def decoy() -> str:
    """A hash nobody knows the password of: an unknown login costs the same time as a wrong password."""
    return hash_password(secrets.token_urlsafe(32))
