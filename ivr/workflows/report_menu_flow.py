"""Menu flow: where callers go, what they press, how soon, and where they give up; what the figures say about the menu itself (`DOMAIN.md` 3.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core.facts import CallEnd
from ivr.core.menu_flow import (
    LAST,
    Contained,
    Ended,
    Flow,
    FlowStop,
    NodeFigures,
    Walked,
    choice_label,
    columns,
    label_of,
    node_figures,
    proposed_order,
    stops,
    without_effect,
)
from ivr.core.menus import Callback, Menu, MenuTree, Queue, Voicemail
from ivr.core.metrics import Share
from ivr.core.repeat_figures import NOTHING, Returns
from ivr.core.rollups import Limits
from ivr.workflows.ports import Clock
from ivr.workflows.report_agents import RepeatRows
from ivr.workflows.report_book import Asked, Book, Field, Option, Row, Table
from ivr.workflows.report_contained import contained_table
from ivr.workflows.report_output import DASH, Names
from ivr.workflows.reports import ReportQuery

MOST_STOPS = 28
MOST_PATHS = 20
Spoken = Callable[[MenuTree], Mapping[tuple[str, str], float]]
"""Seconds of the words of each node in each language, estimated."""


class MenuFlowRows(Protocol):
    """Raises Unavailable."""

    def walked(self, query: ReportQuery, hotline: str, stops: Sequence[str]) -> Walked: ...

    def contained(self, query: ReportQuery, hotline: str, at: datetime) -> Contained: ...

    def paths(self, query: ReportQuery, hotline: str, most: int) -> Iterable[tuple[Ended, float | None]]: ...


@dataclass(frozen=True)
class ReportMenuFlow:
    stored: MenuFlowRows
    repeats: RepeatRows
    clock: Clock
    trees: Callable[[], Sequence[MenuTree]]
    spoken: Spoken
    limits: Callable[[], Mapping[str, Limits]]

    def __call__(self, asked: Asked) -> Book:
        words, query, now = asked.words, asked.query, self.clock.now()
        trees = self.trees()
        wanted = query.hotline or asked.option("hotline")
        tree = next((one for one in trees if one.hotline == wanted), trees[0])
        walked = self.stored.walked(query, tree.hotline, stops(tree))
        figures = list(node_figures(tree, walked, self.spoken(tree)))
        short = {topic: limits.short for topic, limits in self.limits().items()}
        here = replace(query, hotline=tree.hotline, topics=())
        returns = {path: one for (path,), one in self.repeats.returns(here, by=("path",), at=now, short=short)}
        return Book(
            name="menu-flow",
            title=words("Menu flow"),
            asked=asked,
            as_of=now,
            tables=(
                _nodes(asked, tree, figures),
                _choices(asked, tree, figures),
                _ways(asked, tree, walked),
                _paths(asked, list(self.stored.paths(query, tree.hotline, MOST_PATHS)), returns),
                contained_table(asked, tree.hotline, self.stored.contained(query, tree.hotline, now)),
                _advice(asked, tree, figures),
            ),
            drawing=_flow(asked, tree, walked),
            options=(Option(key="hotline", label=words("Hotline"), choices=tuple((one.hotline, one.hotline) for one in trees)),)
            if len(trees) > 1
            else (),
            remarks=(
                words("Counted are the calls of the time, whatever version of the menu they heard; names, order and length of the words are those of the menu in use."),
                words("Before the words ended: the words' length is an estimate for synthetic speech, without what was said before the question."),
            ),
        )  # fmt: skip


def _nodes(asked: Asked, tree: MenuTree, figures: Sequence[NodeFigures]) -> Table:
    words = asked.words
    return Table(
        key="nodes",
        title=words("Questions of the menu"),
        labels=2,
        fields=(
            Field(key="node", heading=words("Node"), meaning=words("as the menu file names it")),
            Field(key="label", heading=words("Reached by")),
            Field(key="visits", heading=words("Visits")),
            Field(key="calls", heading=words("Calls"), meaning=words("different calls that came by")),
            Field(key="chosen", heading=words("Choice made")),
            Field(key="silence", heading=words("No key")),
            Field(key="wrong", heading=words("Wrong key")),
            Field(key="repeat", heading=words("Repeat")),
            Field(key="back", heading=words("Back")),
            Field(key="person", heading=words("Asked for a person")),
            Field(key="hung_up", heading=words("Hung up")),
            Field(key="drop_off", heading=words("Drop-off"), meaning=words("hung up here / calls")),
            Field(key="first_key_s", heading=words("Median to first key"), meaning=words("seconds from the beginning of the question, nearest rank")),
            Field(key="early", heading=words("Before the words ended"), meaning=words("first keys pressed before the question would have been said in full / first keys")),
        ),
        rows=tuple(
            Row(
                cells=(
                    one.node,
                    label_of(tree, one.node, asked.language),
                    one.visits,
                    one.calls,
                    one.taken("choice", "entry"),
                    one.taken("silence"),
                    one.taken("wrong"),
                    one.taken("repeat", "slower"),
                    one.taken("back"),
                    one.taken("person"),
                    one.hung_up,
                    one.drop_off,
                    None if one.median_s is None else timedelta(seconds=one.median_s),
                    one.early,
                ),
                calls={"hotline": tree.hotline, "by": "call", "made": "1"},
                behind={
                    "calls": {"menu": one.node},
                    "hung_up": {"left": one.node, "end": "left_menu", "hung_up": "caller"},
                },
            )
            for one in sorted(figures, key=lambda one: -one.visits)
        ),
        empty=words("Nobody heard a menu in this time."),
    )  # fmt: skip


def _choices(asked: Asked, tree: MenuTree, figures: Sequence[NodeFigures]) -> Table:
    words = asked.words
    rows = []
    for one in sorted(figures, key=lambda one: -one.visits):
        node = tree.nodes.get(one.node)  # type: ignore[call-overload]
        chosen, whole = one.chosen, sum(one.chosen.values())
        if not isinstance(node, Menu):
            continue
        for key in dict.fromkeys([*node.choices, *sorted(chosen)]):
            choice = node.choices.get(key)
            label = choice_label(choice, asked.language) if choice else words("not in the menu any more")
            share = Share(part=chosen.get(key, 0), whole=whole)
            rows.append(Row(cells=(one.node, key, label, chosen.get(key, 0), share)))
    return Table(
        key="choices",
        title=words("What is chosen"),
        labels=3,
        fields=(
            Field(key="node", heading=words("Node")),
            Field(key="key", heading=words("Key")),
            Field(key="label", heading=words("Leads to")),
            Field(key="chosen", heading=words("Chosen")),
            Field(key="share", heading=words("Share"), meaning=words("of the choices made at this node")),
        ),
        rows=tuple(rows),
        empty=words("Nobody chose anything in this time."),
    )


def _ways(asked: Asked, tree: MenuTree, walked: Walked) -> Table:
    """The picture in words."""
    words = asked.words
    leaving: dict[str, int] = {}
    for (before, _), count in walked.ways.items():
        leaving[before] = leaving.get(before, 0) + count
    return Table(
        key="ways",
        title=words("Ways between them"),
        about=words("The picture above in figures."),
        labels=2,
        fields=(
            Field(key="from", heading=words("From")),
            Field(key="to", heading=words("To")),
            Field(key="times", heading=words("Times")),
            Field(key="share", heading=words("Share"), meaning=words("of those who went on from there")),
        ),
        rows=tuple(
            Row(cells=(_shown(asked, tree, before), _shown(asked, tree, after), count, Share(part=count, whole=leaving[before])))
            for (before, after), count in sorted(walked.ways.items(), key=lambda way: (-way[1], way[0]))
        ),
        empty=words("Nobody went from one question to another in this time."),
    )  # fmt: skip


def _label(asked: Asked, tree: MenuTree, node: str) -> str:
    """What a stop is called in the picture: queues and the like by their topic."""
    words = asked.words
    match next((one for one in tree.nodes.values() if one.id == node), None):
        case Queue(topic=topic):
            return words("queue: {topic}").format(topic=asked.topics(topic))
        case Voicemail(topic=topic):
            return words("message: {topic}").format(topic=asked.topics(topic))
        case Callback(topic=topic):
            return words("callback: {topic}").format(topic=asked.topics(topic))
    return label_of(tree, node, asked.language)


def _shown(asked: Asked, tree: MenuTree, node: str) -> str:
    label = _label(asked, tree, node)
    return node if label == node else f"{label} ({node})"


def end_word(words: Names, end: str) -> str:
    """How a call ended, in the reader's words."""
    said = {
        CallEnd.ANSWERED: words("answered"),
        CallEnd.ABANDONED: words("abandoned"),
        CallEnd.VOICEMAIL: words("left a message"),
        CallEnd.TRANSFERRED: words("sent on"),
        CallEnd.SELF_SERVED: words("served by the menu"),
        CallEnd.LEFT_MENU: words("hung up in the menu"),
        CallEnd.CALLBACK: words("took a callback"),
        CallEnd.FAILED: words("failed"),
    }
    return {one.value: word for one, word in said.items()}.get(end, end or words("not over"))


def _paths(asked: Asked, ended: Sequence[tuple[Ended, float | None]], returns: Mapping[str, Returns]) -> Table:
    words = asked.words
    ends = [end.value for end in CallEnd]
    by_path: dict[tuple[str, ...], dict[str, int]] = {}
    waits: dict[tuple[str, ...], float | None] = {}
    for one, wait in ended:
        by_path.setdefault(one.path, {})[one.end] = one.calls
        waits[one.path] = wait
    known = {_plain(path): found for path, found in returns.items()}

    def row(path: tuple[str, ...]) -> Row:
        of, wait = by_path[path], waits[path]
        again = known.get(path, NOTHING)
        return Row(
            cells=(
                " › ".join(path),
                sum(of.values()),
                *(of.get(end, 0) for end in ends),
                None if wait is None else timedelta(seconds=round(wait, 1)),
                again.repeat_rate,
            ),
        )

    return Table(
        key="paths",
        title=words("Commonest paths"),
        fields=(
            Field(key="path", heading=words("Path")),
            Field(key="calls", heading=words("Calls")),
            *(Field(key=end, heading=end_word(words, end)) for end in ends),
            Field(key="wait_s", heading=words("Mean wait"), meaning=words("of the answered on this path")),
            Field(key="repeat_rate", heading=words("Repeat rate"), meaning=words("answered calls whose number called again on the topic within 7 days / answered calls with a number")),
        ),
        rows=tuple(row(path) for path in sorted(by_path, key=lambda path: (-sum(by_path[path].values()), path))),
        empty=words("No call took a path in this time."),
    )  # fmt: skip


def _plain(path: str) -> tuple[str, ...]:
    import json

    return tuple(json.loads(path)) if path else ()


def _advice(asked: Asked, tree: MenuTree, figures: Sequence[NodeFigures]) -> Table:
    words = asked.words
    rows = []
    for one in figures:
        node = tree.nodes.get(one.node)  # type: ignore[call-overload]
        if not isinstance(node, Menu):
            continue
        queue = without_effect(tree, node)
        order = proposed_order(node, one.chosen)
        if queue is not None:
            said = words("question without effect: every choice leads to the queue “{queue}”").format(queue=asked.topics(queue))  # fmt: skip
            rows.append(Row(cells=(one.node, said, one.visits, DASH, DASH)))
        if order is not None:
            said = words("another order would be shorter for most: the most wanted choice first")
            rows.append(Row(cells=(one.node, said, one.visits, " ".join(node.choices), " ".join(order))))
    return Table(
        key="advice",
        title=words("What the figures say about the menu"),
        labels=2,
        fields=(
            Field(key="node", heading=words("Node")),
            Field(key="finding", heading=words("Finding")),
            Field(key="visits", heading=words("Visits")),
            Field(key="order", heading=words("Keys now")),
            Field(key="proposed", heading=words("Keys by demand"), meaning=words("from ten choices on; keys that mean the same elsewhere may be worth more than their place")),
        ),
        rows=tuple(rows),
        empty=words("Nothing to find fault with, or too few calls to say."),
    )  # fmt: skip


def _flow(asked: Asked, tree: MenuTree, walked: Walked) -> Flow | None:
    wanted = set(stops(tree))
    visits = {node: count for node, (count, _) in walked.visits.items() if node in wanted}
    placed = columns(tree.start, walked.ways, visits, most=MOST_STOPS)
    if not placed:
        return None
    return Flow(
        title=asked.words("Ways of callers through the menu"),
        stops=tuple(
            FlowStop(
                node=node,
                label=_label(asked, tree, node),
                visits=visits[node],
                hung_up=walked.hung_up.get(node, 0),
                column=column,
                kind="end" if isinstance(tree.nodes[node], LAST) else "menu",  # type: ignore[index]
            )
            for node, column in sorted(placed.items(), key=lambda one: (one[1], -visits[one[0]]))
        ),
        ways=tuple(
            (before, after, count)
            for (before, after), count in walked.ways.items()
            if before in placed and after in placed and placed[before] < placed[after]
        ),
        hung_up=asked.words("hung up here"),
    )
