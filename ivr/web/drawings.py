"""Pictures of reports as values for SVG: numbers and classes, no style and no script in them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from ivr.core.menu_flow import Flow
from ivr.workflows.report_book import Drawing
from ivr.workflows.report_calibration import Scatter, close_within

WIDTH, HEIGHT = 640, 420
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 30, 44
STEPS_MIN = (1, 2, 5, 10, 15, 30)
MOST_TICKS = 7


@dataclass(frozen=True, kw_only=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class ScatterShape:
    """Everything in pixels of the picture's own measure."""

    of: Scatter
    points: tuple[tuple[float, float], ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    agree: str
    band: str
    kind: str = "scatter"
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def drawn(drawing: Drawing | None) -> object:
    """None where there is nothing to draw."""
    if isinstance(drawing, Scatter):
        return scatter(drawing)
    return flow(drawing) if isinstance(drawing, Flow) else None


def scatter(plot: Scatter) -> ScatterShape:
    """Both axes in the same minutes, so that the line on which told and waited agree is the diagonal."""
    longest = max(max(pair) for pair in plot.points) / 60
    step = next((one for one in STEPS_MIN if longest / one < MOST_TICKS), STEPS_MIN[-1])
    most = step * max(1, ceil(longest / step))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(seconds: float) -> float:
        return round(LEFT + wide * seconds / 60 / most, 1)

    def y(seconds: float) -> float:
        return round(HEIGHT - BOTTOM - high * min(1.0, max(0.0, seconds / 60 / most)), 1)

    def close(actual: float, sign: int) -> str:
        return f"{x(actual)},{y(actual + sign * close_within(actual))}"

    ticks = range(0, most + 1, step)
    waits = [60 * most * part / 60 for part in range(61)]
    band = [close(one, 1) for one in waits] + [close(one, -1) for one in reversed(waits)]
    return ScatterShape(
        of=plot,
        points=tuple((x(actual), y(told)) for actual, told in plot.points),
        across=tuple(Tick(at=x(60 * one), text=str(one)) for one in ticks),
        up=tuple(Tick(at=y(60 * one), text=str(one)) for one in ticks),
        agree=f"{x(0)},{y(0)} {x(60 * most)},{y(60 * most)}",
        band=" ".join(band),
    )


# ---- ways through the menu -------------------------------------------------------------------------------------

COLUMN, BAR, LEAST_HIGH, GAP = 196, 12, 6, 26
TALL = 340
"""Pixels that all visits of the first column may take."""
LONGEST_LABEL = 22


@dataclass(frozen=True, kw_only=True)
class StopShape:
    x: int
    y: float
    high: float
    lost_high: float
    label: str
    count: str
    text: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class WayShape:
    path: str
    wide: float
    text: str


@dataclass(frozen=True, kw_only=True)
class FlowShape:
    of: Flow
    stops: tuple[StopShape, ...]
    ways: tuple[WayShape, ...]
    width: int
    height: int
    bar: int = BAR
    kind: str = "flow"


def flow(drawing: Flow) -> FlowShape:
    """Stops as bars in columns, as high as they are visited; ways as bands between them, as wide as they are used."""
    most = max((stop.visits for stop in drawing.stops), default=1)
    scale = TALL / most
    below: dict[int, float] = {}
    placed: dict[str, StopShape] = {}
    for stop in drawing.stops:
        y = below.get(stop.column, 12.0)
        high = round(max(LEAST_HIGH, stop.visits * scale), 1)
        below[stop.column] = y + max(high, LEAST_HIGH) + GAP
        placed[stop.node] = StopShape(
            x=8 + stop.column * COLUMN,
            y=y,
            high=high,
            lost_high=round(min(high, stop.hung_up * scale), 1),
            label=stop.label if len(stop.label) <= LONGEST_LABEL else f"{stop.label[: LONGEST_LABEL - 1]}…",
            count=str(stop.visits),
            text=f"{stop.label} ({stop.node}): {stop.visits}; {drawing.hung_up}: {stop.hung_up}",
            kind=stop.kind,
        )
    out: dict[str, float] = {}
    into: dict[str, float] = {}
    ways = []
    for before, after, count in sorted(drawing.ways, key=lambda way: (placed[way[0]].y, placed[way[1]].y)):
        first, last = placed[before], placed[after]
        wide = max(1.0, count * scale)
        start = first.y + out.get(before, 0.0) + wide / 2
        end = last.y + into.get(after, 0.0) + wide / 2
        out[before], into[after] = out.get(before, 0.0) + wide, into.get(after, 0.0) + wide
        left, right = first.x + BAR, last.x
        middle = (left + right) / 2
        ways.append(
            WayShape(
                path=f"M{left},{start:.1f} C{middle},{start:.1f} {middle},{end:.1f} {right},{end:.1f}",
                wide=round(wide, 1),
                text=f"{first.label} → {last.label}: {count}",
            )
        )
    return FlowShape(
        of=drawing,
        stops=tuple(placed.values()),
        ways=tuple(ways),
        width=8 + COLUMN * (1 + max((stop.column for stop in drawing.stops), default=0)),
        height=round(max(below.values(), default=60.0) + 12),
    )
