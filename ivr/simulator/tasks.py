"""A call's story as a generator: it yields what it waits for and is resumed with what came.

`Wait` ends with None when its time is up, or with a signal of a kind it takes. `Work` ends with the result of HTTP
work. A story that is cut short (hang-up, redirect) has `Interrupted` raised where it waits, so a verb may still ask
its `action` and then lets go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from ivr.simulator.loop import Loop, Timer

T = TypeVar("T")
log = logging.getLogger(__name__)


class Interrupted(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Wait:
    """`seconds` None: for ever. `takes`: classes of signals that end the wait; others are dropped."""

    seconds: float | None = None
    takes: tuple[type, ...] = ()


@dataclass(frozen=True)
class Work:
    job: Callable[[], Any]


Story = Generator[Wait | Work, Any, T]


class Task:
    def __init__(self, loop: Loop, story: Story[Any], *, done: Callable[[], None] | None = None) -> None:
        self._loop = loop
        self._story = story
        self._done = done
        self._timer: Timer | None = None
        self._takes: tuple[type, ...] = ()
        self._running = False
        self._turn = 0
        self._cut: Interrupted | None = None
        self.over = False

    def start(self) -> None:
        self._loop.soon(lambda: self._resume(0, None))

    def signal(self, signal: object) -> bool:
        """Whether the story was waiting for this."""
        if self.over:
            return False
        if self._running:
            self._loop.soon(lambda: self._pass_on(signal))
            return True
        if not isinstance(signal, self._takes):
            return False
        self._resume(self._turn, signal)
        return True

    def _pass_on(self, signal: object) -> None:
        self.signal(signal)

    def interrupt(self, why: str) -> None:
        if self.over:
            return
        if self._running:
            self._cut = Interrupted(why)
            return
        self._step(lambda: self._story.throw(Interrupted(why)))
        self._finish()

    def _resume(self, turn: int, value: object) -> None:
        if not self.over and turn == self._turn:
            self._step(lambda: self._story.send(value))

    def _step(self, move: Callable[[], Wait | Work]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._turn += 1
        self._takes = ()
        self._running = True
        try:
            wanted = move()
        except (StopIteration, Interrupted):
            self._finish()
            return
        except Exception:
            log.exception("a call's story broke")
            self._finish()
            return
        finally:
            self._running = False
        self._await(wanted)

    def _await(self, wanted: Wait | Work) -> None:
        turn = self._turn
        if self._cut is not None:
            self.interrupt(self._cut.why)
        elif isinstance(wanted, Work):
            self._loop.work(wanted.job, lambda result: self._resume(turn, result))
        else:
            self._takes = wanted.takes
            if wanted.seconds is not None:
                self._timer = self._loop.later(wanted.seconds, lambda: self._resume(turn, None))

    def _finish(self) -> None:
        if self.over:
            return
        self.over = True
        self._story.close()
        if self._done is not None:
            self._done()
