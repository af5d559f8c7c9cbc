"""A report on paper: A4 across, headings on every page.

Helvetica, which every reader has, is named; the Chinese letters that a report needs are cut out of a font and put into the file
(`pdf_font`), so that they look the same on every machine. Where that font was not fetched, STSong-Light is named instead (Adobe-GB1,
`UniGB-UCS2-H`) and readers take a Chinese font of their own. Each piece of a text is written in Helvetica where that has its
characters, else in the other.
Columns are as wide as what stands in them; where a table is too wide for the page its letters get smaller, and then its longest texts are cut.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ivr.core.metrics import Share
from ivr.workflows.pdf_font import cut
from ivr.workflows.report_output import Sheet, Value, shown_value

PDF = "application/pdf"
WIDE, HIGH = 842, 595
"""A4 across, in points."""
EDGE = 34
LARGEST, SMALLEST = 8.0, 5.0
TITLE, NOTE = 15.0, 7.5
LEAD = 1.45
GAP = 1.1
"""Between columns, in letters' heights."""
LONGEST = 46
"""Letters of a cell that count for the width of its column."""
LOWER = (
    556,
    556,
    500,
    556,
    556,
    278,
    556,
    556,
    222,
    222,
    500,
    222,
    833,
    556,
    556,
    556,
    556,
    333,
    500,
    278,
    556,
    500,
    722,
    500,
    500,
    500,
)
UPPER = (
    667,
    667,
    722,
    722,
    667,
    611,
    778,
    722,
    278,
    500,
    667,
    556,
    833,
    722,
    778,
    667,
    778,
    722,
    667,
    611,
    722,
    667,
    944,
    667,
    667,
    611,
)
"""Widths of Helvetica's letters, a to z and A to Z, in thousandths of their height."""
WIDTHS = {
    **{chr(ord("a") + at): width / 1000 for at, width in enumerate(LOWER)},
    **{chr(ord("A") + at): width / 1000 for at, width in enumerate(UPPER)},
    **dict.fromkeys(".,:;'|! /", 0.278),
    **dict.fromkeys("()-", 0.333),
    "%": 0.889,
    "@": 1.015,
    "…": 1.0,
}
"""The other characters are as wide as its digits."""
DIGIT = 0.556
HEAD_LINES = 3


@dataclass(frozen=True)
class _Han:
    """A piece of text that Helvetica lacks; written once it is known which letters the file needs."""

    x: float
    y: float
    size: float
    words: str


@dataclass
class _Page:
    """What is drawn on one page, as operators."""

    parts: list[str | _Han] = field(default_factory=list)

    def text(self, x: float, y: float, size: float, words: str, *, bold: bool = False) -> None:
        for piece, plain in _runs(words):
            if plain:
                self.parts.append(_written("F2" if bold else "F1", x, y, size, piece.encode("cp1252").hex()))
            else:
                self.parts.append(_Han(x, y, size, piece))
            x += _width(piece) * size

    def line(self, y: float, grey: float = 0.75) -> None:
        self.parts.append(f"{grey} G 0.5 w {EDGE} {y:.2f} m {WIDE - EDGE} {y:.2f} l S 0 G")


@dataclass
class _Paper:
    """Pages, and where the pen stands."""

    pages: list[_Page] = field(default_factory=list)
    y: float = 0.0

    @property
    def page(self) -> _Page:
        return self.pages[-1]

    def turn(self) -> None:
        self.pages.append(_Page())
        self.y = HIGH - EDGE

    def down(self, by: float) -> None:
        self.y -= by


def to_pdf(title: str, notes: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """The file. Rows first, then the totals in bold, as in the other files."""
    paper = _Paper()
    paper.turn()
    paper.down(TITLE)
    paper.page.text(EDGE, paper.y, TITLE, title, bold=True)
    paper.down(6)
    for note in notes:
        for line in _wrapped(note, NOTE, WIDE - 2 * EDGE):
            paper.down(NOTE * LEAD)
            paper.page.text(EDGE, paper.y, NOTE, line)
    for sheet in sheets:
        _table(paper, sheet)
    return _file([page.parts for page in paper.pages])


def _table(paper: _Paper, sheet: Sheet) -> None:
    rows = [[_shown(value) for value in row] for row in (*sheet.rows, *sheet.totals)]
    left = [all(isinstance(row[at], str) or row[at] is None for row in sheet.rows) and bool(sheet.rows) for at in range(len(sheet.columns))]  # fmt: skip
    room = WIDE - 2 * EDGE
    natural = [
        max([_width(row[at][:LONGEST]) for row in rows] + [max(map(_width, column.heading.split() or [""]))])
        for at, column in enumerate(sheet.columns)
    ]
    size = max(SMALLEST, min(LARGEST, room / (sum(natural) + GAP * len(natural))))
    widths = [one * size for one in natural]
    spare = room - sum(widths) - GAP * size * len(widths)
    if spare < 0:
        longest = sum(widths)
        widths = [one + spare * one / longest for one in widths]
    heads = [
        _wrapped(column.heading, size, width)[:HEAD_LINES] for column, width in zip(sheet.columns, widths, strict=True)
    ]
    head_high = max(map(len, heads), default=1) * size * LEAD

    def head() -> None:
        y = paper.y
        for at, lines in enumerate(heads):
            for number, line in enumerate(lines):
                _cell(paper, at, line, y - (number + 1) * size * LEAD, bold=True)
        paper.down(head_high + 3)
        paper.page.line(paper.y, 0.4)

    def _cell(paper: _Paper, at: int, words: str, y: float, *, bold: bool) -> None:
        x = EDGE + sum(widths[:at]) + GAP * size * at
        words = _cut(words, widths[at] / size)
        x = x if left[at] or at == 0 else x + widths[at] - _width(words) * size
        paper.page.text(x, y, size, words, bold=bold)

    if paper.y < EDGE + 5 * head_high + 40:
        paper.turn()
    paper.down(22)
    paper.page.text(EDGE, paper.y, 10, sheet.title, bold=True)
    paper.down(4)
    head()
    for number, row in enumerate(rows):
        if paper.y < EDGE + size * LEAD:
            paper.turn()
            head()
        paper.down(size * LEAD)
        for at, words in enumerate(row):
            _cell(paper, at, words, paper.y, bold=number >= len(sheet.rows))


def _shown(value: Value) -> str:
    """A share of few as its fraction, without a word of any language."""
    few = isinstance(value, Share) and value.small and value.value is not None
    return f"{value.part} / {value.whole}" if isinstance(value, Share) and few else shown_value(value)


def _runs(words: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces of one font each, and whether it is Helvetica."""
    for plain, piece in groupby(words.replace("\u2212", "-"), _plain):
        yield "".join(piece), plain


def _plain(char: str) -> bool:
    """Helvetica has it."""
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _written(font: str, x: float, y: float, size: float, code: str) -> str:
    return f"BT /{font} {size:.2f} Tf {x:.2f} {y:.2f} Td <{code}> Tj ET"


def _width(words: str) -> float:
    """In heights of its letters."""
    return sum(WIDTHS.get(char, DIGIT) if plain else 1.0 for piece, plain in _runs(words) for char in piece)


def _cut(words: str, room: float) -> str:
    if _width(words) <= room + 0.05:
        return words
    while words and _width(f"{words}…") > room:
        words = words[:-1]
    return f"{words}…"


def _wrapped(words: str, size: float, room: float) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(words):
        if line and _width(line + piece) * size > room:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def _pieces(words: str) -> Iterator[str]:
    """Where a line may break: after a space, and around every Chinese character."""
    piece = ""
    for char in words:
        if char > "\u2e7f":
            if piece:
                yield piece
            yield char
            piece = ""
            continue
        piece += char
        if char == " ":
            yield piece
            piece = ""
    if piece:
        yield piece


PLAIN_FONTS = (
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
)
"""Objects 3 and 4."""
HAN_FONT = 5
NAMED_FONTS = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
    (
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) "
        "/Supplement 4 >> /DW 1000 /W [1 95 500 814 939 500] /FontDescriptor 7 0 R >>"
    ),
    (
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 "
        "/Descent -120 /CapHeight 880 /StemV 93 >>"
    ),
)
"""Objects 5 to 7 where no letters are put into the file."""


def _file(pages: Sequence[Sequence[str | _Han]]) -> bytes:
    """The objects one after the other, and where each begins."""
    letters = frozenset(char for parts in pages for part in parts if isinstance(part, _Han) for char in part.words)
    han = cut(letters) if letters else None
    fonts = han.objects(HAN_FONT) if han else [font.encode() for font in NAMED_FONTS]
    first_page = HAN_FONT + len(fonts)

    def operators(part: str | _Han) -> str:
        if isinstance(part, str):
            return part
        code = han.code(part.words) if han else part.words.encode("utf-16-be", "replace").hex()
        return _written("F3", part.x, part.y, part.size, code)

    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        *(font.encode() for font in PLAIN_FONTS),
        *fonts,
    ]
    for number, parts in enumerate(pages):
        foot = f"BT /F1 7 Tf {WIDE - EDGE - 30} 18 Td <{f'{number + 1} / {len(pages)}'.encode().hex()}> Tj ET"
        drawn = zlib.compress("\n".join([*map(operators, parts), foot]).encode("ascii"))
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDE} {HIGH}] /Contents {first_page + 2 * number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> >>".encode()
        )
        bodies.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    starts = []
    for number, body in enumerate(bodies, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    return bytes(out)
