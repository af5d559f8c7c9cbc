"""The supervisor's room for somebody who runs the service and reads no calls (`RELIABILITY.md` 3.2)."""

from __future__ import annotations

from dataclasses import replace

from ivr.workflows.watch_room import RoomView

UNSEEN = "***"


def without_words(view: RoomView) -> RoomView:
    """For who may look after the room but reads no call: neither what callers say nor who they are."""
    silent = None if view.messages is None else tuple(replace(one, transcript="") for one in view.messages)
    promised = None if view.promises is None else tuple(replace(one, caller=UNSEEN) for one in view.promises)
    return replace(
        view,
        waiting=tuple(replace(one, caller=UNSEEN if one.caller else "") for one in view.waiting),
        talks=tuple(replace(one, caller=UNSEEN if one.caller else "") for one in view.talks),
        promises=promised,
        messages=silent,
    )
