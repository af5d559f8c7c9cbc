"""A busy stretch in the town: callers who go through menus, wait, give up, leave messages, are called back and talk; agents of
every temper who take calls, hold, ask colleagues, transfer, take breaks, sign out and miss calls. Drawn from a seed.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field

from ivr.core.agents import Presence
from ivr.core.errors import RequestError
from ivr.core.ids import Language
from ivr.simulator import Call
from tests.stories.town import Desk, Town

PATHS = ("10", "20", "152", "252", "1211#2", "2212", "1311#2", "1411#2", "153", "2111", "1541")
"""Keys to a queue; the fourth digit of some answers a question on the way."""
SKILLS = ("other", "transfers", "refunds", "account_security", "deposits_withdrawals", "complaints")
TEMPERS = ("answer", "answer", "answer", "no-answer", "busy", "voicemail")
AWAY = (Presence.SIGNED_OUT, Presence.BREAK, Presence.MISSED, Presence.AWAY)
BREATH_S = 5


@dataclass
class Person:
    """A caller, with what is still to be done on the telephone: (second, deed)."""

    call: Call
    deeds: list[tuple[int, str]]


@dataclass
class Busy:
    town: Town
    dice: random.Random
    callers: int
    every_s: float = 3.0
    """A caller comes so often, on average."""
    desks: list[Desk] = field(default_factory=list)
    skills: dict[str, dict[str, int]] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    came: int = 0

    def opens(self, agents: int) -> None:
        for place in range(agents):
            known = self.dice.sample(SKILLS, self.dice.choice((2, 3, 6)))
            skills = {skill: self.dice.choice((3, 5)) for skill in known}
            desk = self.town.agent(f"agent_{place:02}", skills=skills).available()
            self.desks.append(desk)
            self.skills[desk.id] = skills

    @property
    def over(self) -> bool:
        return self.came >= self.callers and all(one.call.over for one in self.people)

    def second(self, at: int) -> None:
        """All that people do in this second, before it passes."""
        crowd = 3.0 if at % 600 < 60 else 1.0  # now and then many come at once
        while self.came < self.callers and self.dice.random() < crowd / self.every_s / 2:
            self._calls(at)
        for person in self.people:
            while person.deeds and person.deeds[0][0] <= at and not person.call.over:
                self._does(person, person.deeds.pop(0)[1])
        self.people = [one for one in self.people if not one.call.over]
        for place, desk in enumerate(self.desks):
            if at % BREATH_S == place % BREATH_S:
                desk.breathes()
            with suppress(RequestError):  # somebody was faster
                self._works(desk)

    # ---- callers -------------------------------------------------------------------------------------------------

    def _calls(self, at: int) -> None:
        number = f"+86138{self.came:08}"
        self.came += 1
        phone = self.town.network.phone(number)
        phone.behaves(self.dice.choice(TEMPERS), keys="1", keys_after_s=3.0, talk_s=self.dice.choice((10.0, 40.0)))
        keys, at = self.dice.choice(PATHS), at + 1
        deeds = [(at + place, key) for place, key in enumerate(keys)]
        there, temper = at + len(keys), self.dice.random()
        if temper < 0.08:
            deeds = [*deeds[: self.dice.randrange(len(deeds))], (there, "leave")]
        elif temper < 0.14:
            deeds += [(there + self.dice.randrange(4), "leave")]
        elif temper < 0.24:
            deeds += [(there + 70 + place, "1") for place in range(3)]
        elif temper < 0.32:
            deeds += [(there + 65, "2"), (there + 66, "speak"), (there + 76, "#"), (there + 77, "#")]
        if temper < 0.9:
            deeds.append((there + 20 + round(self.dice.expovariate(1 / 150)), "leave"))
        self.people.append(Person(self.town.caller(number), sorted(deeds, key=lambda deed: deed[0])))

    def _does(self, person: Person, deed: str) -> None:
        waits = self.town.switchboard.sessions.find(person.call.sid)
        if waits is not None and waits.agent_in_room and deed != "leave":
            return  # talks already
        if deed == "leave":
            person.call.hangs_up()
        elif deed == "speak":
            person.call.speaks(8)
        else:
            person.call.presses(deed)
        self.town.settle()

    # ---- agents --------------------------------------------------------------------------------------------------

    def _works(self, desk: Desk) -> None:
        state, dice = desk.state, self.dice
        if state.presence in AWAY:
            if dice.random() < 0.05:
                desk.available()
        elif state.presence is Presence.AVAILABLE:
            if (chance := dice.random()) < 0.004:
                desk.takes_a_break() if chance < 0.003 else desk.signs_out()
        elif state.presence is Presence.WRAP_UP:
            if state.offer is not None and dice.random() < 0.15:
                desk.finishes(dice.choice(("solved", "pending")))
        elif state.offer is not None:
            self._rung(desk) if state.presence is Presence.RESERVED else self._talks(desk)

    def _rung(self, desk: Desk) -> None:
        offer = self.town.switchboard.desk.view(desk.id, Language("en")).offer
        if offer is None or (offer.card.callback is not None and offer.card.callback.calling):
            return
        if desk.id.endswith("0") and offer.card.callback is None and self.dice.random() < 0.5:
            return  # seldom looks up
        if (chance := self.dice.random()) < 0.35:
            desk.accepts()
        elif chance < 0.37:
            desk.declines()

    def _talks(self, desk: Desk) -> None:
        view, dice, moves = (
            self.town.switchboard.desk.view(desk.id, Language("en")).call,
            self.dice,
            self.town.switchboard.transfer,
        )
        offer = desk.offer
        if view is None or offer is None:
            return
        if view.phase == "connecting" and (desk.leg is None or desk.leg.over):
            desk.joins()
        elif view.phase == "connected" and (chance := dice.random()) < 0.1:
            if chance < 0.035:
                desk.ends()
            elif chance < 0.06:
                moves.hold(desk.id, offer, on=view.held_at is None)
            elif chance < 0.065:
                moves.transfer(desk.id, offer, topic=dice.choice(SKILLS), note="looked up")
            elif chance < 0.075:
                moves.consult(desk.id, offer, topic=dice.choice(SKILLS), note="what do you say")
            elif chance < 0.085:
                moves.alone(desk.id, offer)
            elif chance < 0.095:
                moves.hand_over(desk.id, offer)
            else:
                desk.takes_a_break()  # afterwards
            self.town.settle()
