"""Numbers by class, side by side in one large number: two such are added at once, as quickly as they can be read.

With fields of 32 bits class n stands in bits 32 n to 32 n + 31. Where many classes occur this is several times quicker than a table,
and no larger; where few do, as in a quarter of an hour or among the longest waits, a table is.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence

COUNT, SUM = "I", "Q"
"""Fields of 32 bits, enough for four thousand million stays, and of 64."""
WORD = 8
SINGLE = 32
"""What one number that stands by itself costs, in bytes of those that are added together."""
BIG = sys.byteorder == "big"

Counted = Sequence[tuple[int, int]]
"""Classes in order, and how many of each."""


def worth(counted: Counted, kind: str = COUNT) -> int:
    """How many of the first numbers to put side by side."""
    width = array(kind).itemsize
    best, found = SINGLE * len(counted), 0
    for at, (kept, _) in enumerate(counted, start=1):
        cost = width * (kept + 1) + SINGLE * (len(counted) - at)
        if cost < best:
            best, found = cost, at
    return found


def packed(counted: Counted, kind: str = COUNT) -> bytes:
    """Little end first, in whole words."""
    if not counted:
        return b""
    length = counted[-1][0] + 1
    fields = array(kind, [0]) * (length + length % 2)
    for kept, number in counted:
        fields[kept] = number
    return _little(fields).tobytes()


def number_of(body: bytes) -> int:
    return int.from_bytes(body, "little")


def unpacked(together: int, kind: str = COUNT) -> Iterator[tuple[int, int]]:
    fields = array(kind)
    bits = 8 * fields.itemsize
    fields.frombytes(together.to_bytes(-(-together.bit_length() // bits) * fields.itemsize, "little"))
    for kept, number in enumerate(_little(fields)):
        if number:
            yield kept, number


def _little(fields: array[int]) -> array[int]:
    if BIG:
        fields.byteswap()
    return fields
