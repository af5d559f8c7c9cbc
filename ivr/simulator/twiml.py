"""From the bytes of an answer to a document, or to the error code Twilio would log."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from urllib.parse import quote

from ivr.simulator.grammar import ALLOWED, ELEMENTS, NOT_HERE, REFUSED, SSML, language_of_voice

LARGEST = 64 * 1024
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TWIML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
LONGEST_ENCODED = 4500
LONGEST_SAID = {"Polly": 3000, "Googl": 5000}
LONGEST_BASIC = 4096
PER_DIAL = 10


class TwimlError(Exception):
    """A document that cannot be run; `code` is Twilio's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Document:
    url: str
    """What relative addresses are relative to; "" for inline TwiML."""
    method: str = "POST"
    verbs: tuple[ET.Element, ...] = ()
    audio: str | None = None
    """The answer was audio itself: play it, hang up."""
    text: str | None = field(default=None, repr=False)


def read(body: bytes, content_type: str, *, url: str, method: str = "POST", context: str = "call") -> Document:
    """Raises TwimlError."""
    kind = content_type.split(";", 1)[0].strip().lower()
    if len(body) > LARGEST:
        raise TwimlError(11750, "TwiML response body too large")
    if kind.startswith("audio/"):
        return Document(url=url, method=method, audio=url)
    if kind not in TWIML_TYPES and kind != "text/plain":
        raise TwimlError(12300, f"Invalid Content-Type '{kind}'")
    if not body.strip():
        raise TwimlError(11770, "Empty TwiML")
    try:
        return Document(url=url, method=method, verbs=parse(body, context=context))
    except TwimlError as err:
        if kind == "text/plain" and err.code == 12100:
            spoken = ET.Element("Say")
            spoken.text = body.decode("utf-8", "replace")
            return Document(url=url, method=method, verbs=(spoken,))
        raise


def parse(body: bytes, *, context: str = "call") -> tuple[ET.Element, ...]:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise TwimlError(12100, "Document type declarations are not TwiML")
    try:
        root = ET.fromstring(body)  # noqa: S314 - declarations, and with them entities, were refused above
    except ET.ParseError as err:
        raise TwimlError(12100, f"Document parse failure: {err}") from err
    if root.tag != "Response":
        raise TwimlError(12102, f"Root element must be <Response>, not <{root.tag}>")
    if root.attrib:
        raise TwimlError(12200, "Attributes on <Response>")
    for verb in root:
        if verb.tag in ELEMENTS["Response"].children and verb.tag not in ALLOWED[context]:
            raise TwimlError(REFUSED[context], f"<{verb.tag}> is not allowed in a document of this kind ({context})")
    _check(root, "")
    return tuple(root)


def _check(element: ET.Element, path: str) -> None:
    where = f"{path}/{element.tag}"
    rule = ELEMENTS[str(element.tag)]
    for name, value in element.attrib.items():
        shown = "xml:lang" if name == XML_LANG else name
        check = rule.attributes.get(shown)
        if check is None:
            raise TwimlError(12200, f"{where}: unknown attribute '{shown}'")
        if not check(value):
            raise TwimlError(12200, f"{where}: '{value}' is no value of '{shown}'")
    _check_text(element, rule.text, where)
    for child in element:
        if child.tag not in rule.children:
            reason = "not supported by the simulator" if child.tag in NOT_HERE else "not allowed here"
            raise TwimlError(12200, f"{where}/{child.tag}: {reason}")
        _check(child, where)
    if element.tag == "Say":
        _check_say(element, where)
    elif element.tag == "Dial":
        _check_dial(element, where)


def _check_text(element: ET.Element, allowed: bool, where: str) -> None:  # noqa: FBT001
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    if not allowed and any(piece.strip() for piece in pieces):
        raise TwimlError(12200, f"{where}: text is not allowed here")


def _check_say(say: ET.Element, where: str) -> None:
    voice, language = say.get("voice", ""), say.get("language", "")
    brings = language_of_voice(voice) if voice else ""
    if brings and language and not _same_language(brings, language):
        raise TwimlError(13511, f"{where}: voice {voice} does not speak {language}")
    if any(child.tag in SSML for child in say) and voice in {"man", "woman"}:
        raise TwimlError(13511, f"{where}: voice {voice} takes no SSML")
    text = said(say)
    longest = LONGEST_SAID.get(voice[:5], LONGEST_BASIC)
    if len(text) > longest or len(quote(text, safe="")) > LONGEST_ENCODED:
        raise TwimlError(13521, f"{where}: text too long ({len(text)} characters, {len(quote(text, safe=''))} encoded)")


def _same_language(one: str, other: str) -> bool:
    mandarin = {"cmn-CN": "zh-CN", "cmn-TW": "zh-TW", "yue-HK": "zh-HK"}
    return mandarin.get(one, one) == mandarin.get(other, other)


def _check_dial(dial: ET.Element, where: str) -> None:
    nouns = [child.tag for child in dial]
    if len(nouns) > PER_DIAL:
        raise TwimlError(13000, f"{where}: more than {PER_DIAL} nouns")
    if "Conference" in nouns and (len(nouns) > 1 or (dial.text or "").strip()):
        raise TwimlError(13000, f"{where}: <Conference> stands alone")
    if not nouns and not (dial.text or "").strip():
        raise TwimlError(13223, f"{where}: nothing to dial")


def said(say: ET.Element) -> str:
    """The words of a `Say`, SSML read through."""
    if say.tag == "sub":
        return say.get("alias", "")
    parts = [say.text or ""]
    for child in say:
        parts += [said(child), child.tail or ""]
    return " ".join("".join(parts).split())
