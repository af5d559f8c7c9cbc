"""Phrases that no caller should hear, in both languages, and why (`DOMAIN.md` 2.1: blame words; C5: secrets)."""

from __future__ import annotations

import re

BLAMES = "blames the caller: say what to do next"
EMPTY = "is an empty phrase: say how long it takes, or nothing"
SECRETS = "asks for a secret: no honest hotline does, and fraudsters copy what they hear"

BANNED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), why)
    for pattern, why in (
        (r"you (have )?(pressed|entered|dialled|dialed|made|chose) (a|an|the) (wrong|invalid|incorrect)", BLAMES),
        (r"you (have )?failed to", BLAMES),
        (r"you did ?n[o']t (press|enter|choose|respond|answer)", BLAMES),
        (r"\b(invalid|illegal|incorrect|wrong) (key|entry|input|choice|option|selection|response)", BLAMES),
        (r"your (mistake|error)\b", BLAMES),
        (r"您?(按错|按键错误|输错|选错|操作错误|输入错误|输入有误|输入无效|操作有误)", BLAMES),
        (r"(无效|非法|错误)的?(按键|输入|选择|操作)", BLAMES),
        (r"您(没有|未能|未)(按|输入|选择|回答)", BLAMES),
        (r"your call is (very )?important to us", EMPTY),
        (r"(higher|unusually high) than (normal|usual) call volume", EMPTY),
        (r"您的来电对我们(很|非常|十分)?重要", EMPTY),
        (
            r"(enter|key in|type|say|tell us|provide) your (password|pin\b|passcode|recovery phrase|private key|card number)",
            SECRETS,
        ),
        (r"(输入|说出|告诉我们|提供)您?的?(密码|助记词|私钥|银行卡号)", SECRETS),
    )
)


def banned(text: str) -> tuple[str, str] | None:
    """The first banned phrase of a text, as it stands there, and why; None when there is none."""
    for pattern, why in BANNED:
        if match := pattern.search(text):
            return match.group(0), why
    return None
