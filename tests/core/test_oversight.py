"""What kind of access a row of the audit tells of, by the names that acts have in it."""

from __future__ import annotations

import pytest

from ivr.core.oversight import Look, kind_of_look


@pytest.mark.parametrize(
    ("kind", "acts"),
    [
        (
            Look.LISTENED,
            ("message.hear", "recording.play", "talk: listen", "talk: whisper", "talk: a minute", "talk: left"),
        ),
        (Look.REVEALED, ("number.reveal", "number.look_up")),
        (Look.EXPORTED, ("calls.export", "report.export", "report.mail")),
        (
            Look.OPENED,
            (
                "call.look",
                "calls.search",
                "callbacks listed",
                "cases listed",
                "call.link.opened",
                "evidence.open",
                "call.share",
            ),
        ),
        (
            Look.OTHER,
            (
                "agent set",
                "call moved",
                "call ended",
                "queue limits",
                "token added",
                "menu activated",
                "shift set",
                "agent told",
            ),
        ),
    ],
)
def test_each_act_is_counted_as_the_access_that_it_is(kind, acts):
    assert {act: kind_of_look(act) for act in acts} == dict.fromkeys(acts, kind)
