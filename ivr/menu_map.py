"""The printable map of a menu: one A3 page with every node, its words in both languages, its keys, hours and queue.

An outline, not a graph: each node stands once, below the key that leads there first, and every other way to it is named
with an arrow. A drawn graph of a real menu is mostly lines crossing between long texts, and a layout program that knows
nothing of text cannot fill one page; so the outline is broken into columns, and the largest letters that fit are taken.
Kinds differ by frame and shade, not by colour, so that a grey print loses nothing.
"""

from __future__ import annotations

import dataclasses
import typing
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import escape

from ivr.core import facts
from ivr.core.exits import exits
from ivr.core.facts import Fact
from ivr.core.hours import describe
from ivr.core.ids import Language, NodeId, PromptId, TopicId
from ivr.core.menus import Menu, MenuTree, Node, Prompt, Queue
from ivr.core.speech import is_chinese, plain_text, slots_of

WIDTH, HEIGHT, EDGE, HEAD = 420.0, 297.0, 8.0, 13.0
"""A3 landscape in millimetres."""
LARGEST, SMALLEST, STEP = 3.2, 0.9, 0.04
GAP, INDENT, LEADING, PAD = 3.0, 1.4, 1.24, 0.45
"""Between columns in mm; the others in letter heights."""
CLOSING = "。，、；：？！）】》"
"""Does not begin a line."""
DEEPEST, NARROWEST = 7, 12
KEPT_DEPTH = 3
"""A column that begins deep in the tree begins no further in than so many steps."""
WIDE = 0.5
"""Mean width of a Latin letter, in letter heights; a Chinese character is one high and one wide."""
FONTS = "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',Arial,sans-serif"
KINDS: Mapping[str, tuple[str, str]] = {
    "Menu": ("菜单", "menu"),
    "Collect": ("输入", "digits"),
    "Say": ("播报", "words"),
    "Hours": ("时间", "hours"),
    "Queue": ("排队", "queue"),
    "Voicemail": ("留言", "message"),
    "Callback": ("回电", "callback"),
    "Sms": ("短信", "text"),
    "Transfer": ("转接", "transfer"),
    "Goto": ("转到", "on to"),
    "Hangup": ("结束", "end"),
    "Incident": ("公告", "incident"),
    "Verify": ("验证", "verification"),
    "Survey": ("评价", "survey"),
    "Evidence": ("资料", "evidence"),
    "Lookup": ("查询", "look-up"),
    "Returning": ("老来电", "open case?"),
    "Progress": ("进度", "progress"),
}
SHADES = {"Queue": "#d9d9d9", "Menu": "#ffffff", "Collect": "#ffffff", "Hangup": "#f4f4f4"}
LABELS: Mapping[str, tuple[str, str]] = {
    "goto": ("继续", "then"),
    "silence": ("无按键", "silence"),
    "others": ("其他键", "other keys"),
    "person": ("人工", "person"),
    "open": ("营业", "open"),
    "found": ("有工单", "has a case"),
    "closed": ("关闭", "closed"),
    "unable": ("无法办理", "unable"),
    "failed": ("未成功", "failed"),
    "skip": ("跳过 #", "skip #"),
    "overflow": ("久等", "after"),
    "closing": ("下班", "at closing"),
    "back": ("返回 *", "back *"),
    "unverified": ("未验证", "not verified"),
    "default": ("无结果", "no answer"),
}


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What the records know of a node on one day."""

    calls: int
    left: int
    """Of these, callers who hung up there."""


def traffic_of(calls: Iterable[Iterable[Fact]]) -> dict[str, Traffic]:
    """Per node the calls that came there, and those whose caller hung up there in the menu."""
    came: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for noted in calls:
        known = list(noted)
        came.update({fact.node for fact in known if isinstance(fact, facts.NodeEntered)})
        left.update(
            fact.left for fact in known if isinstance(fact, facts.CallEnded) and fact.end is facts.CallEnd.LEFT_MENU
        )
    return {node: Traffic(calls=count, left=left[node]) for node, count in came.items()}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One node of the map."""

    depth: int
    key: str
    """What leads here."""
    title: str
    kind: str
    lines: tuple[str, ...]
    ways: tuple[str, ...] = ()
    """Ways on to nodes that stand elsewhere."""


@dataclass
class Outline:
    """The nodes of a tree in reading order."""

    tree: MenuTree
    languages: tuple[Language, ...]
    traffic: Mapping[str, Traffic] = field(default_factory=dict)
    _placed: set[NodeId] = field(default_factory=set)
    _spoken: set[PromptId] = field(default_factory=set)

    def entries(self) -> list[Entry]:
        above = self._above()
        found = list(self._below(self.tree.start, self._word(("开始", "start")), 0, above))
        for node in [self.tree.person, *self.tree.nodes]:
            found += self._below(node, "", 0, above)
        return found

    def _above(self) -> Mapping[NodeId, NodeId]:
        """For each node the one below which it stands: the nearest to the start that leads there."""
        above: dict[NodeId, NodeId] = {}
        for root in (self.tree.start, self.tree.person, *self.tree.nodes):
            waiting = deque([] if root in above else [root])
            above.setdefault(root, root)
            while waiting:
                here = waiting.popleft()
                for label, target in self._ways(self.tree.nodes[here]):
                    if target not in above and label not in self._backs():
                        above[target] = here
                        waiting.append(target)
        return above

    def _below(self, name: NodeId, key: str, depth: int, above: Mapping[NodeId, NodeId]) -> Iterator[Entry]:
        if name in self._placed:
            return
        self._placed.add(name)
        node = self.tree.nodes[name]
        ways, mine = list(self._ways(node)), dict[NodeId, str]()
        for label, target in ways:
            if above[target] == name and target not in self._placed:
                mine.setdefault(target, label)
        kind = type(node).__name__
        words = self._word(KINDS.get(kind, (kind.lower(), kind.lower())))
        yield Entry(
            depth=depth,
            key=key,
            title=f"{name} · {words}{self._about(node)}",
            kind=kind,
            lines=tuple(self._lines(node)),
            ways=tuple(f"{label} → {target}" for label, target in ways if mine.get(target) != label),
        )
        # What follows without a choice stands on the same step.
        deeper = depth + (1 if isinstance(node, Menu) or len(mine) > 1 else 0)
        for target, label in mine.items():
            yield from self._below(target, label, min(deeper, DEEPEST), above)

    def _backs(self) -> tuple[str, ...]:
        return (self._word(LABELS["back"]), self._word(LABELS["person"]))

    def _ways(self, node: Node) -> Iterator[tuple[str, NodeId]]:
        for way in exits(self.tree, node):
            if way.assumed or way.name == "survey":
                continue  # the person is a key of every menu, and a rating follows on every talk
            if way.key:
                yield way.key, way.target
                continue
            label = self._word(LABELS.get(way.name, (way.name, way.name)))
            if way.name == "overflow" and isinstance(node, Queue):
                after = node.overflow_after or self.tree.topic(node.topic).overflow_after
                label = f"{label} {_span(after)}".rstrip()
            yield label, way.target

    def _about(self, node: Node) -> str:
        parts = []
        topic = getattr(node, "topic", None)
        if topic is not None and (known := self.tree.topics.get(TopicId(topic))) is not None:
            parts.append(" / ".join(known.names.get(language, topic) for language in self.languages))
            priority = getattr(node, "priority", None)
            if isinstance(node, Queue):
                parts.append(f"↑{known.priority if priority is None else priority}")
        calendar = getattr(node, "calendar", None) or (self._hours_of(topic) if isinstance(node, Queue) else None)
        if calendar is not None and calendar in self.tree.calendars:
            found = self.tree.calendars[calendar]
            parts += [found.says.get(one) or describe(found, chinese=is_chinese(one)) for one in self.languages]
        if (number := getattr(node, "number", None)) is not None:
            parts.append(str(number))
        if node.id in self.traffic:
            seen = self.traffic[node.id]
            parts.append(f"☎{seen.calls} ⏏{seen.left} ({100 * seen.left // max(1, seen.calls)}%)")
        return "".join(f" · {part}" for part in parts if part)

    def _hours_of(self, topic: str | None) -> str | None:
        found = self.tree.topics.get(TopicId(topic)) if topic else None
        return found.calendar if found else None

    def _lines(self, node: Node) -> Iterator[str]:
        for _, prompt in _named(node, PromptId):
            known = self.tree.prompts.get(PromptId(prompt))
            if known is None:
                continue
            if known.id in self._spoken:
                yield f"“{prompt}” {self._word(('同上', 'as above'))}"
                continue
            self._spoken.add(known.id)
            said = [plain_text(known, language, _slots(known, self.tree), self.tree) for language in self.languages]
            yield from dict.fromkeys(said)

    def _word(self, pair: tuple[str, str]) -> str:
        chosen = [pair[0] if is_chinese(language) else pair[1] for language in self.languages]
        return " ".join(dict.fromkeys(chosen))


def _named(node: Node, kind: object) -> Iterator[tuple[str, str]]:
    """The fields of a node that name a node or a prompt, by their type: kinds to come are drawn without a word here."""
    hints = typing.get_type_hints(type(node))
    for one in dataclasses.fields(node):
        value = getattr(node, one.name)
        if one.name == "id" or value is None:
            continue
        hint = hints[one.name]
        if hint is kind or kind in typing.get_args(hint):
            for item in value if isinstance(value, tuple) else (value,):
                yield one.name, item


def _slots(prompt: Prompt, tree: MenuTree) -> Mapping[str, str]:
    """Slots that are filled in the call are shown by name."""
    named = {slot for segments in prompt.segments.values() for segment in segments for slot in slots_of(segment.text)}
    return {name: f"{{{name}}}" for name in named if name not in tree.texts} | {"menu": ""}


def _span(span: timedelta | None) -> str:
    return f"{round(span.total_seconds()) // 60}m" if span else ""


def wrapped(text: str, room: float) -> list[str]:
    """Lines of at most `room` letter heights; Chinese may be broken anywhere, words are kept whole."""
    lines, line, used = [], "", 0.0
    longest = max(1, int(room / WIDE) - 1)  # an address may be longer than a line
    pieces = (part[at : at + longest] for part in _parts(text) for at in range(0, len(part), longest))
    for part in pieces:
        width = measured(part)
        if line and used + width > room and part not in CLOSING:
            lines.append(line.rstrip())
            line, used = "", 0.0
            part = part.lstrip()  # noqa: PLW2901 - a blank does not begin a line
            width = measured(part)
        line += part
        used += width
    return [*lines, line.rstrip()] if line.strip() else lines


def _parts(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        if letter == " " or ord(letter) > 0x2E80:
            yield from ([word] if word else [])
            word = letter if letter == " " else ""
            if letter != " ":
                yield letter
        else:
            word += letter
    if word:
        yield word


def measured(text: str) -> float:
    return sum(1.0 if ord(letter) > 0x2E80 else WIDE for letter in text)


@dataclass(frozen=True, kw_only=True)
class Box:
    """An entry, placed; in mm."""

    entry: Entry
    x: float
    y: float
    width: float
    height: float
    title: tuple[str, ...]
    lines: tuple[str, ...]


def placed(entries: list[Entry]) -> tuple[float, list[Box]]:
    """The largest letters with which everything fits, and where each entry stands."""
    size = LARGEST
    while size > SMALLEST:
        for columns in (4, 5, 6, 7, 8):
            boxes = _fill(entries, size, columns)
            if boxes is not None:
                return size, boxes
        size -= STEP
    return SMALLEST, _fill(entries, SMALLEST, 9) or []


def _fill(entries: list[Entry], size: float, columns: int) -> list[Box] | None:
    width = (WIDTH - 2 * EDGE - (columns - 1) * GAP) / columns
    top, bottom = EDGE + HEAD, HEIGHT - EDGE
    column, y, base = 0, top, 0
    boxes: list[Box] = []
    for entry in entries:
        box = _boxed(entry, size, width, base)
        if box is not None and y + box.height > bottom:
            column, y, base = column + 1, top, max(0, entry.depth - KEPT_DEPTH)
            box = _boxed(entry, size, width, base)
        if box is None or column >= columns or y + box.height > bottom:
            return None
        boxes.append(replace(box, x=EDGE + column * (width + GAP) + box.x, y=y))
        y += box.height + 0.45 * size
    return boxes


def _boxed(entry: Entry, size: float, width: float, base: int) -> Box | None:
    """An entry at the top of a column that begins `base` steps in; None when that leaves no room to read."""
    indent = max(0, entry.depth - base) * INDENT * size
    room = (width - indent) / size - 2 * PAD - 0.6
    if room < NARROWEST:
        return None
    title = tuple(wrapped(f"{entry.key} ▸ {entry.title}" if entry.key else entry.title, room * 0.92))
    lines = tuple(line for text in (*entry.lines, " · ".join(entry.ways)) if text for line in wrapped(text, room))
    height = (len(title) + len(lines)) * size * LEADING + 2 * PAD * size
    return Box(entry=entry, x=indent, y=0.0, width=width - indent, height=height, title=title, lines=lines)


def draw(
    tree: MenuTree, languages: Iterable[Language], *, traffic: Mapping[str, Traffic] | None = None, day: str = ""
) -> str:
    """The map as SVG, one A3 page."""
    chosen = tuple(languages)
    size, boxes = placed(Outline(tree, chosen, traffic or {}).entries())
    page = f'width="{WIDTH:g}mm" height="{HEIGHT:g}mm" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {page} font-family="{FONTS}">',
        "<style>@page{size:A3 landscape;margin:0}</style>",
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>',
        *_head(tree, chosen, day),
    ]
    for before, box in zip([None, *boxes], boxes, strict=False):
        parts += _drawn(box, size, before)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _head(tree: MenuTree, languages: tuple[Language, ...], day: str) -> Iterator[str]:
    title = " / ".join(tree.title.get(language, tree.hotline) for language in languages)
    about = f"{' '.join(tree.numbers)} · {tree.zone} · {tree.version}"
    keys = "0 人工 person · 9 重听 repeat · * 返回 back · # 放慢 slower · ↑ 优先 priority"
    traffic = f" · {day}: ☎ 来电 calls ⏏ 挂断 hung up there" if day else ""
    yield _text(EDGE, EDGE + 5, 5.0, title, bold=True)
    yield _text(EDGE, EDGE + 9.6, 2.6, f"{about} · {keys}{traffic}")


def _drawn(box: Box, size: float, before: Box | None) -> Iterator[str]:
    entry = box.entry
    dashes = ' stroke-dasharray="0.8 0.5"' if entry.kind not in ("Menu", "Collect", "Queue") else ""
    thick = 0.35 if entry.kind in ("Menu", "Queue") else 0.18
    shade = SHADES.get(entry.kind, "#f4f4f4")
    yield (
        f'<rect x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:.2f}" rx="0.6" '
        f'fill="{shade}" stroke="#000" stroke-width="{thick}"{dashes}/>'
    )
    if entry.depth and before is not None and before.y < box.y:
        left, middle = box.x - INDENT * size * 0.55, box.y + size
        yield (
            f'<path d="M{left:.2f} {before.y + before.height:.2f}V{middle:.2f}H{box.x:.2f}" fill="none" '
            'stroke="#555" stroke-width="0.2"/>'
        )
    y = box.y + PAD * size + size * 0.92
    for line in box.title:
        yield _text(box.x + PAD * size, y, size, line, bold=True)
        y += size * LEADING
    for line in box.lines:
        yield _text(box.x + PAD * size, y, size, line)
        y += size * LEADING


def _text(x: float, y: float, size: float, words: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}"{weight} xml:space="preserve">{escape(words)}</text>'
