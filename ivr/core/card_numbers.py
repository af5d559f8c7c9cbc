"""Numbers of payment cards in what people write or say: kept with their last four digits only.

We never ask for one, and an agent who types one has made a mistake that must not be stored (`DOMAIN.md` 6, card data). A run
of 13 to 19 digits, alone or in groups, is taken for a card number when its check digit fits (ISO/IEC 7812-1, annex B);
telephone numbers and our own case numbers are shorter.
"""

from __future__ import annotations

import re

RUN = re.compile(r"(?<![\d•])\d(?:[ \-.]?\d){12,18}(?!\d)")
SHOWN = 4
HIDDEN = "•"


def masked_cards(text: str) -> str:
    """The same text, every digit of a card number but the last four replaced."""
    return RUN.sub(lambda found: _masked(found.group()) if _fits(found.group()) else found.group(), text)


def _masked(run: str) -> str:
    hide = sum(char.isdigit() for char in run) - SHOWN
    shown: list[str] = []
    for char in run:
        if char.isdigit() and hide:
            hide -= 1
            shown.append(HIDDEN)
        else:
            shown.append(char)
    return "".join(shown)


def _fits(run: str) -> bool:
    total = 0
    for place, digit in enumerate(int(char) for char in reversed(run) if char.isdigit()):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
