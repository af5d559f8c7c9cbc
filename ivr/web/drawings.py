"""Pictures of reports as values for SVG: numbers and classes, no style and no script in them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

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
    return scatter(drawing) if isinstance(drawing, Scatter) else None


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
