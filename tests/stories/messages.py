"""Words of the stories in which callers leave messages."""

from __future__ import annotations

from ivr.simulator import Call
from tests.stories.callbacks import ANA_CALLS
from tests.stories.town import Town


def speaks(town: Town, call: Call, seconds: int) -> None:
    """After the tone, ended with the pound key."""
    call.speaks(seconds)
    town.passes(seconds)
    call.presses("#")
    town.settle()


def leaves_message(town: Town, number: str = ANA_CALLS, *, keys: str = "10") -> Call:
    """Somebody who waits and leaves a message instead; asked what to do with it, they send it."""
    call = town.queues(number, keys)
    town.presses(call, "2")
    speaks(town, call, 8)
    if not call.over and town.session(call).unsent:
        town.presses(call, "#")
    return call
