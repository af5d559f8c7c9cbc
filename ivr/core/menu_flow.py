"""Where callers go in a menu and where they give up (`DOMAIN.md` 3.7): counts per node, the ways between them, and what the tree itself says.

A *stop* is a node at which a caller has a say or at which the menu ends: menus, entries, queues, messages, callbacks, other houses. What
is only passed (an announcement, opening hours) is no stop. Drop-off is hang-ups over the different calls that came by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ivr.core.exits import exits
from ivr.core.ids import Language, NodeId
from ivr.core.kinds import SMALL
from ivr.core.menus import Callback, Choice, Collect, Hangup, Menu, MenuTree, Node, Queue, Transfer, Verify, Voicemail
from ivr.core.metrics import Share

STOPS = (Menu, Collect, Queue, Voicemail, Callback, Transfer, Hangup, Verify)
LAST = (Queue, Voicemail, Callback, Transfer, Hangup)
"""Here the walk through the tree ends."""
NO_CHOICE = frozenset({"back", "silence", "others", "person"})
"""Exits that are nobody's answer to the question."""
TENTHS = 10
SETTLED = timedelta(days=1)
"""Who does not call again within it got what they wanted (`DOMAIN.md` 3.7)."""


@dataclass(frozen=True, kw_only=True)
class Presses:
    """How one key was taken at one node."""

    node: str
    key: str
    result: str
    count: int


@dataclass(frozen=True, kw_only=True)
class FirstKeys:
    """How soon the first key came, as counts by tenths of a second; histograms add up."""

    node: str
    language: str
    tenths: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Calls of one path by how they ended."""

    path: tuple[str, ...]
    end: str
    calls: int


@dataclass(frozen=True, kw_only=True)
class Contained:
    """Calls of people by what the menu alone did for them. Who ends in the menu may be helped or may have given up: the raw share says neither."""

    calls: int = 0
    in_menu: int = 0
    """Ended without a stay in a queue."""
    served: int = 0
    """Heard the information asked for, and went."""
    known: int = 0
    """Of the served: with a number."""
    again: int = 0
    """Of these: the number called again within `SETTLED` of the end."""
    provisional: int = 0
    """Of the others with a number: that time is not over."""
    gave_up: int = 0
    """Hung up in the menu."""
    messages: int = 0
    """Left a message without a stay in a queue."""

    @property
    def settled(self) -> Share:
        return Share(part=self.known - self.again, whole=self.known)


@dataclass(frozen=True, kw_only=True)
class Walked:
    """Everything that was counted of one hotline in one time."""

    visits: Mapping[str, tuple[int, int]]
    """By node: how often it was entered, and by how many different calls."""
    presses: tuple[Presses, ...]
    hung_up: Mapping[str, int]
    first_keys: tuple[FirstKeys, ...]
    ways: Mapping[tuple[str, str], int]
    """From stop to stop."""


@dataclass(frozen=True, kw_only=True)
class NodeFigures:
    node: str
    visits: int
    calls: int
    presses: tuple[Presses, ...]
    hung_up: int
    median_s: float | None
    """Until the first key, from the moment the node was entered; None: none was pressed."""
    early: Share
    """Pressed before the words would have ended."""

    def taken(self, *results: str) -> int:
        return sum(one.count for one in self.presses if one.result in results)

    @property
    def drop_off(self) -> Share:
        return Share(part=self.hung_up, whole=self.calls)

    @property
    def chosen(self) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for one in self.presses:
            if one.result == "choice":
                found[one.key] += one.count
        return found


def stops(tree: MenuTree) -> tuple[str, ...]:
    return tuple(node.id for node in tree.nodes.values() if isinstance(node, STOPS))


def node_figures(tree: MenuTree, walked: Walked, spoken: Mapping[tuple[str, str], float]) -> Iterator[NodeFigures]:
    """One for each menu and entry that was visited. `spoken`: seconds of the words, by node and language."""
    for node in tree.nodes.values():
        visits, calls = walked.visits.get(node.id, (0, 0))
        if not isinstance(node, Menu | Collect) or not visits:
            continue
        tenths: Counter[int] = Counter()
        early = whole = 0
        for one in walked.first_keys:
            if one.node != node.id:
                continue
            tenths.update(one.tenths)
            length = spoken.get((node.id, one.language))
            if length is not None:
                whole += sum(one.tenths.values())
                early += sum(count for tenth, count in one.tenths.items() if tenth / TENTHS < length)
        yield NodeFigures(
            node=node.id,
            visits=visits,
            calls=calls,
            presses=tuple(one for one in walked.presses if one.node == node.id),
            hung_up=walked.hung_up.get(node.id, 0),
            median_s=median_of(tenths),
            early=Share(part=early, whole=whole),
        )


def median_of(tenths: Mapping[int, int]) -> float | None:
    """The middle one by nearest rank, in seconds."""
    count = sum(tenths.values())
    seen = 0
    for tenth in sorted(tenths):
        seen += tenths[tenth]
        if 2 * seen >= count:
            return tenth / TENTHS
    return None


# ---- what the tree itself says ---------------------------------------------------------------------------------


def ends_of(tree: MenuTree, start: NodeId) -> frozenset[str]:
    """Where a caller may end who goes on from here: `queue refunds`, `message refunds`, a name of another end."""
    found: set[str] = set()
    seen: set[NodeId] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        node = tree.nodes.get(here)
        if node is None or here in seen:
            continue
        seen.add(here)
        if isinstance(node, LAST):
            found.add(_end(node))
            continue
        ahead += [one.target for one in exits(tree, node) if one.target is not None and one.name not in NO_CHOICE]
    return frozenset(found)


def _end(node: Node) -> str:
    match node:
        case Queue(topic=topic):
            return f"queue {topic}"
        case Voicemail(topic=topic):
            return f"message {topic}"
        case Callback(topic=topic):
            return f"callback {topic}"
    return node.id


def without_effect(tree: MenuTree, node: Menu) -> str | None:
    """The queue to which every choice of this question leads; None: the choices lead to different ends."""
    ends = {ends_of(tree, choice.goto) for choice in node.choices.values()}
    if len(node.choices) < 2 or len(ends) != 1:
        return None
    queues = [end.removeprefix("queue ") for end in next(iter(ends)) if end.startswith("queue ")]
    return queues[0] if len(queues) == 1 else None


def proposed_order(node: Menu, chosen: Mapping[str, int]) -> tuple[str, ...] | None:
    """The keys of a menu, the most wanted first; None: they stand so already, or too few calls say anything."""
    now = tuple(node.choices)
    if sum(chosen.get(key, 0) for key in now) < SMALL:
        return None
    best = tuple(sorted(now, key=lambda key: -chosen.get(key, 0)))
    return None if best == now else best


def choice_label(choice: Choice, language: str) -> str:
    """What callers are told about a choice; where it leads when they are told nothing."""
    return choice.label.get(Language(language)) or next(iter(choice.label.values()), "") or choice.goto


def label_of(tree: MenuTree, node: str, language: str) -> str:
    """What callers are told leads here, when it is always the same; else the node's name."""
    told = {
        choice_label(choice, language)
        for other in tree.nodes.values()
        if isinstance(other, Menu)
        for choice in other.choices.values()
        if choice.goto == node and choice.label
    }
    return told.pop() if len(told) == 1 else node


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The ways of callers, to be drawn: stops in columns, ways between them as wide as they are used."""

    title: str
    stops: tuple[FlowStop, ...]
    ways: tuple[tuple[str, str, int], ...]
    hung_up: str
    """The word for it."""


@dataclass(frozen=True, kw_only=True)
class FlowStop:
    node: str
    label: str
    visits: int
    hung_up: int
    column: int
    kind: str = field(default="menu")
    """`menu`, or `end`."""


def columns(
    start: str, ways: Mapping[tuple[str, str], int], visits: Mapping[str, int], *, most: int
) -> Mapping[str, int]:
    """In which column each stop stands: how many steps it is away from the first, by the ways that were used. The most visited only."""
    wanted = set(sorted(visits, key=lambda node: -visits[node])[:most])
    found = {start: 0} if start in wanted else {}
    if not found and wanted:
        found = {max(wanted, key=lambda node: visits[node]): 0}
    ring = list(found)
    while ring:
        following = []
        for (before, after), count in sorted(ways.items(), key=lambda way: -way[1]):
            if before in ring and after in wanted and after not in found and count:
                found[after] = found[before] + 1
                following.append(after)
        ring = following
    return found
