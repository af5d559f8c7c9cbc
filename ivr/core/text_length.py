"""How many messages a text takes: one character outside the plain alphabet makes all of them wide."""

from __future__ import annotations

import re

PLAIN_SMS, PLAIN_JOINED, OTHER_SMS, OTHER_JOINED = 160, 153, 70, 67
"""Characters that one text message holds, alone and as a part of several."""
GSM = re.compile(r"[\n\r !-Z_a-z£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]*")


def sms_segments(text: str) -> int:
    """Messages that the carrier counts."""
    if GSM.fullmatch(text):
        return 1 if len(text) <= PLAIN_SMS else -(-len(text) // PLAIN_JOINED)
    size = len(text.encode("utf-16-le")) // 2
    return 1 if size <= OTHER_SMS else -(-size // OTHER_JOINED)
