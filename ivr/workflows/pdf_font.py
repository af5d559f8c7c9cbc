"""The Chinese letters of a printed report, cut out of a font so that they can be put into the file.

The font (Noto Sans Hans, SIL Open Font License) is fetched with the front-end files and has thirty thousand characters in 8 MB; a report
needs a few hundred, which are some ten kilobytes. Where it was not fetched, nothing is embedded and readers take a font of their machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

FONT = Path(__file__).parents[1] / "web" / "static" / "vendor" / "fonts" / "NotoSansHans-Regular.otf"
NAME = "NotoSansHans-Regular"
KEPT = 16
"""Cuts in one process: the same report is often asked for again."""
BLOCK = 100
"""Entries of one table of a character map, at most."""
FULL = 1000
"""As wide as high."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """The letters of one file."""

    places: Mapping[str, int]
    """Of each character in the font; one that the font lacks has none."""
    widths: Mapping[int, int]
    """In thousandths of the height, of letters that are not as wide as high."""
    box: tuple[int, int, int, int]
    program: bytes

    def code(self, words: str) -> str:
        """The text as this font reads it; an empty frame for what it lacks."""
        return "".join(f"{self.places.get(char, 0):04x}" for char in words)

    def objects(self, first: int) -> Sequence[bytes]:
        """As objects of a file, from this number on; the first of them is the font that pages name."""
        tag = "".join(chr(ord("A") + byte % 26) for byte in sha256(self.program).digest()[:6])
        widths = " ".join(f"{place} [{width}]" for place, width in sorted(self.widths.items()))
        box = " ".join(map(str, self.box))
        return (
            (
                f"<< /Type /Font /Subtype /Type0 /BaseFont /{tag}+{NAME}-Identity-H /Encoding /Identity-H "
                f"/DescendantFonts [{first + 1} 0 R] /ToUnicode {first + 4} 0 R >>"
            ).encode(),
            (
                f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{tag}+{NAME} /CIDSystemInfo << /Registry (Adobe) "
                f"/Ordering (Identity) /Supplement 0 >> /DW {FULL} /W [{widths}] /FontDescriptor {first + 2} 0 R >>"
            ).encode(),
            (
                f"<< /Type /FontDescriptor /FontName /{tag}+{NAME} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 /Ascent 880 "
                f"/Descent -120 /CapHeight 733 /StemV 80 /FontFile3 {first + 3} 0 R >>"
            ).encode(),
            _stream(self.program, "/Subtype /CIDFontType0C "),
            _stream(self._to_unicode().encode()),
        )

    def _to_unicode(self) -> str:
        """So that what is read can be searched and copied."""
        pairs = sorted((place, char.encode("utf-16-be").hex()) for char, place in self.places.items())
        blocks = [pairs[at : at + BLOCK] for at in range(0, len(pairs), BLOCK)]
        body = "".join(
            f"{len(block)} beginbfchar\n"
            + "".join(f"<{place:04x}> <{char}>\n" for place, char in block)
            + "endbfchar\n"
            for block in blocks
        )
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapName /Letters def /CMapType 2 def\n"
            f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{body}"
            "endcmap CMapName currentdict /CMap defineresource pop end end"
        )


@lru_cache(maxsize=KEPT)
def cut(chars: frozenset[str]) -> Cut | None:
    """These characters out of the font; None where it was not fetched."""
    if not FONT.is_file():
        return None
    from fontTools import subset
    from fontTools.ttLib import TTFont

    with TTFont(FONT, lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        known = {char: name for char in chars if (name := font.getBestCmap().get(ord(char)))}
        options = subset.Options(layout_features=[], hinting=False, desubroutinize=True, notdef_outline=True)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(char) for char in known])
        cutter.subset(font)
        places = {char: int(name.removeprefix("cid")) for char, name in known.items()}
        widths = {places[char]: font["hmtx"][name][0] for char, name in known.items()}
        head = font["head"]
        return Cut(
            places=places,
            widths={place: width for place, width in widths.items() if width != FULL},
            box=(head.xMin, head.yMin, head.xMax, head.yMax),
            program=font["CFF "].compile(font),
        )


def _stream(body: bytes, more: str = "") -> bytes:
    small = zlib.compress(body)
    return b"<< %s/Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (more.encode(), len(small), small)
