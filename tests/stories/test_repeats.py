"""Who rings again within a day is served sooner, and the panel says why (`DOMAIN.md` C27)."""

from __future__ import annotations

from ivr.core.ids import AgentId, Language
from tests.stories.callbacks import ANA_CALLS, ANY
from tests.stories.town import Town

DAY_S = 24 * 3600


def rings_and_gives_up(town: Town) -> None:
    call = town.queues(ANA_CALLS)
    call.hangs_up()
    town.settle()
    town.record()


def test_c27_the_third_call_within_a_day_goes_up_the_queue_and_the_panel_says_why(town):
    for _ in range(2):
        rings_and_gives_up(town)
    town.network.clock.advance(DAY_S)
    for _ in range(2):
        rings_and_gives_up(town)  # of the calls of the day before none counts
    longer = town.queues("+8613900139000")
    town.passes(100)
    third = town.queues(ANA_CALLS)
    assert town.session(longer).demand.priority == 30
    assert town.session(third).demand.priority == 50
    ana = town.agent("ana", skills=ANY).available()
    assert ana.state.call == third.sid
    view = town.switchboard.desk.view(AgentId("ana"), Language("en"))
    assert view.offer.card.urgent
    assert (view.matter.why, view.matter.calls_24h) == (("repeat",), 3)
    third.meets(ana.accepts())
    [stay] = town.ended(third).segments
    assert stay.priority == 50
    third.hangs_up()
    town.settle()
    ana.finishes()
    longer.hangs_up()
    town.settle()


def test_a_menu_without_the_rule_raises_nobody(towns):
    town = towns(change=lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("repeat:")))
    for _ in range(3):
        rings_and_gives_up(town)
    call = town.queues(ANA_CALLS)
    assert town.session(call).demand.priority == 30
    call.hangs_up()
    town.settle()
