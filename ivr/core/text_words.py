"""What somebody means by a text message: a rating, the wish to cancel, or something that a person would have to read.

People write `5`, `5!`, `５分`, `五` or `2 waited too long`; the first mark decides, what follows a low mark is a comment.
`STOP` and its kin are the carrier's own words too: it sends nothing more to a number that wrote one of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

CHINESE = str.maketrans("一二三四五", "12345")
SCORE = re.compile(r"([1-5])(?![0-9\u2044])[\s.,:;!。，：；！、]*(.*)", re.DOTALL)
UNITS = frozenset({"分", "星", "STARS", "STAR", "POINTS"})
"""Words after a mark that say nothing more."""
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
CANCELS = frozenset({"QX", "取消", "取消回电"})
STARTS = frozenset({"START", "UNSTOP"})
LONGEST_COMMENT = 500


class Means(StrEnum):
    SCORE = "score"
    CANCEL = "cancel"
    STOP = "stop"
    """Cancel, and the carrier sends nothing more."""
    START = "start"
    """The carrier sends again; it answers that itself."""
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Meaning:
    what: Means
    score: int = 0
    comment: str = ""


def meaning(body: str) -> Meaning:
    """What this text is about."""
    text = unicodedata.normalize("NFKC", body).strip()
    word = text.upper().strip(" \t\r\n.,!?\"'。，！？“”")
    if word in STOPS:
        return Meaning(what=Means.STOP)
    if word in CANCELS:
        return Meaning(what=Means.CANCEL)
    if word in STARTS:
        return Meaning(what=Means.START)
    found = SCORE.fullmatch(text[:1].translate(CHINESE) + text[1:])
    if found is None:
        return Meaning(what=Means.OTHER)
    comment = "" if found[2].strip().upper() in UNITS else found[2].strip()
    return Meaning(what=Means.SCORE, score=int(found[1]), comment=comment[:LONGEST_COMMENT])
