"""What a caller gives in writing: a link by text message, the form behind it, and the files that come with it.

A menu sends the link; the form takes an account e-mail, what happened, a transaction number and a few files, once.
What may come in is decided here, by content and never by name: what calls itself a picture and is none is refused, and
nothing that a browser would run is ever taken for a picture.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.core.commitments import Commitment
from ivr.core.ids import CallId, Language, TopicId
from ivr.core.speech import FORBIDDEN

LIFETIME = timedelta(hours=24)
MOST_LINKS = 3
"""Texts with a link in one call: a text costs, and nobody needs a fourth."""

MOST_FILES = 5
LARGEST_FILE = 10 * 1024 * 1024
LARGEST_ALL = 25 * 1024 * 1024
"""Bytes of all files and words of one form."""
LIMITS: Mapping[str, int] = {"email": 254, "what": 4000, "when": 200, "transaction": 200}
"""The fields of the form, and how many characters each takes."""
NAME_LIMIT = 100
EMAIL = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+\.[^\s@<>\"(),:;\\.]{2,}")

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
TEXT_CONTROLS = frozenset(chr(code) for code in range(32)) - frozenset("\t\n\r\f")


class FileKind(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    PDF = "pdf"
    HEIC = "heic"
    TXT = "txt"


ENDINGS: Mapping[FileKind, str] = {kind: "jpg" if kind is FileKind.JPEG else kind.value for kind in FileKind}


class FileState(StrEnum):
    """What is known of a file's harm."""

    WAITING = "waiting"
    """The scanner has not looked yet; nobody opens it meanwhile."""
    CLEAN = "clean"
    NOT_SCANNED = "not_scanned"
    """There is no scanner here: whoever opens it takes care."""
    NOT_CHECKED = "not_checked"
    """The scanner could not tell; held back."""
    INFECTED = "infected"
    """Removed; only its name is left."""


OPENED = frozenset({FileState.CLEAN, FileState.NOT_SCANNED})
"""States in which a file may be opened."""


@dataclass(frozen=True, kw_only=True)
class LinkSent(Commitment):
    """A link to the form, good once: it works from the moment this is stored."""

    key: str
    """Keyed hash of the token; the token itself is only in the text message."""
    call: CallId
    case: str
    dialled: str
    language: Language
    topic: TopicId | None
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class OpenLink:
    """A link as whoever opens it finds it."""

    id: str
    hotline: str
    call: CallId
    case: str
    dialled: str
    language: Language
    topic: TopicId | None
    expires_at: datetime
    number: str = ""
    """Of the case; empty when there is none any more."""
    path: tuple[str, ...] = ()
    """Words of the menu by which the case came to be."""
    used_at: datetime | None = None
    form: str = ""
    """The page from which it was used: the same page sent twice is one form."""

    def live(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at


@dataclass(frozen=True, kw_only=True)
class GivenFile:
    """A file as it was sent."""

    name: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class GivenForm:
    """A form as it was sent. `fields` has the names of `LIMITS`."""

    fields: Mapping[str, str] = field(repr=False)
    files: tuple[GivenFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that was taken: what it is, not what it calls itself."""

    name: str
    kind: FileKind
    body: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a form is not taken: the field, and a word for the sentence that the page says."""

    field: str
    word: str
    name: str = ""
    """The file it is about."""


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    id: str
    name: str
    kind: FileKind
    size: int
    state: FileState

    @property
    def opens(self) -> bool:
        return self.state in OPENED


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One form that was sent."""

    id: str
    at: datetime
    fields: Mapping[str, str]
    files: tuple[EvidenceFile, ...] = ()


def kind_of(body: bytes) -> FileKind | None:
    """What the content is; None for everything that we do not take."""
    if body.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if body.startswith(b"%PDF-"):
        return FileKind.PDF
    if body[4:8] == b"ftyp" and body[8:12] in HEIC_BRANDS:
        return FileKind.HEIC
    return FileKind.TXT if _is_text(body) else None


def _is_text(body: bytes) -> bool:
    """Words in UTF-8, in UTF-16 with its mark, or as Chinese systems write them; nothing that steers a machine."""
    marked = next((name for mark, name in MARKS if body.startswith(mark)), None)
    for coding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = body.decode(coding)
        except UnicodeDecodeError:
            continue
        return bool(text.strip()) and TEXT_CONTROLS.isdisjoint(text)
    return False


def shown_name(given: str, kind: FileKind) -> str:
    """A file's name for people: without folders, tricks of direction or a false ending."""
    base = FORBIDDEN.sub("", given).replace("\\", "/").rpartition("/")[2]
    stem = re.sub(r"[\x00-\x1f<>:\"|?*;%]+", " ", base.rpartition(".")[0] or base)
    stem = " ".join(stem.split()).strip(". ")[:NAME_LIMIT]
    return f"{stem or 'file'}.{ENDINGS[kind]}"


def words_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields without unseen characters; lines stay lines."""
    cleaned = {}
    for name in LIMITS:
        lines = fields.get(name, "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        cleaned[name] = "\n".join(FORBIDDEN.sub("", line).rstrip() for line in lines).strip()
    return cleaned


def judge(form: GivenForm) -> tuple[dict[str, str], Sequence[KeptFile], Sequence[Fault]]:
    """The words and files of a form as they are kept, and every reason not to take it."""
    words = words_of(form.fields)
    faults = [Fault(field=name, word="too_long") for name, most in LIMITS.items() if len(words[name]) > most]
    if words["email"] and not EMAIL.fullmatch(words["email"]):
        faults.append(Fault(field="email", word="no_email"))
    if len(form.files) > MOST_FILES:
        faults.append(Fault(field="files", word="too_many"))
    kept: list[KeptFile] = []
    for given in form.files[:MOST_FILES]:
        kind = kind_of(given.body)
        name = shown_name(given.name, kind or FileKind.TXT)
        if len(given.body) > LARGEST_FILE:
            faults.append(Fault(field="files", word="too_large", name=_as_sent(given.name)))
        elif kind is None:
            faults.append(Fault(field="files", word="wrong_kind", name=_as_sent(given.name)))
        else:
            kept.append(KeptFile(name=name, kind=kind, body=given.body))
    if not faults and not kept and not any(words.values()):
        faults.append(Fault(field="what", word="empty"))
    return words, kept, faults


def _as_sent(name: str) -> str:
    return FORBIDDEN.sub("", name).strip()[:NAME_LIMIT]
