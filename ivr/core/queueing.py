"""Waiting for an agent: joining a queue, keeping the place in it, leaving it.

A caller waits in our own loop (`waiting`). Joining sets the alarms that end every wait: wider terms step by step, the
ceiling after which the call moves to the critical lane, and the limit after which the topic's overflow takes it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.events import Event, TimeUp, TurnAsked
from ivr.core.hours import is_open, next_change
from ivr.core.ids import Language, NodeId, PromptId, TopicId
from ivr.core.instructions import Alarm, Gather, GoOn
from ivr.core.menus import Callback, MenuTree, Queue, Topic
from ivr.core.queues import CRITICAL_PRIORITY, Demand, Lane, Terms
from ivr.core.repeats import points
from ivr.core.session import State
from ivr.core.speech import wait_words

PULSE = timedelta(seconds=45)
"""A waiting leg is heard every turn; after three missed ones the carrier is asked."""
WAITING_ALARMS = (Alarm.RELAX, Alarm.OVERFLOW, Alarm.CEILING, Alarm.CLOSING, Alarm.OFFER, Alarm.JOIN)
"""What may wake a call that waits; off when the wait is over."""
SOON = timedelta(seconds=20)
PIECES = 4
"""Pieces of music, each about one turn long."""


def topic_of(draft: Draft) -> Topic:
    """The topic of the call. A menu that no longer has it gives the topic of its way to a person."""
    tree, topic = draft.tree, draft.session.topic
    if topic is not None and topic in tree.topics:
        return tree.topics[topic]
    person = tree.nodes.get(tree.person)
    return tree.topics[person.topic] if isinstance(person, Queue) else next(iter(tree.topics.values()))


def terms_of(topic: Topic, language: Language) -> tuple[Terms, ...]:
    """What is wanted at first, and what will do later, step by step."""
    first = Terms(after=timedelta(0), skills=dict(topic.skills), language=language, language_level=topic.language_level)
    terms = [first]
    for step in sorted(topic.relax, key=lambda step: step.after):
        last = terms[-1]
        skills = last.skills
        if step.level is not None:
            skills = {skill: min(level, step.level) for skill, level in last.skills.items()}
        level = last.language_level if step.language_level is None else step.language_level
        terms.append(
            Terms(
                after=step.after,
                skills=skills,
                language=None if level == 0 else language,
                language_level=level,
            )
        )
    return tuple(terms)


def demand_of(topic: Topic, language: Language, *, priority: int, lane: Lane | None = None) -> Demand:
    """What a call about this topic needs. Without a lane of its own the priority tells it: 100 is critical."""
    if lane is None:
        lane = Lane.CRITICAL if priority >= CRITICAL_PRIORITY else Lane.ORDINARY
    return Demand(topic=topic.id, lane=lane, priority=priority, terms=terms_of(topic, language))


def priority_of(node: Queue | Callback, topic: Topic) -> int:
    """The node's own, else the topic's."""
    return topic.priority if node.priority is None else node.priority


def urgent_topics(tree: MenuTree) -> set[TopicId]:
    """Those that a caller may join in the critical lane."""
    queues = (node for node in tree.nodes.values() if isinstance(node, Queue))
    joined = {node.topic for node in queues if priority_of(node, tree.topic(node.topic)) >= CRITICAL_PRIORITY}
    return joined | {topic.id for topic in tree.topics.values() if topic.priority >= CRITICAL_PRIORITY}


def join(draft: Draft, node: Queue) -> None:
    """Take a place in the queue of the node's topic. The first queue time of the call is kept."""
    topic = draft.tree.topic(node.topic)
    priority = priority_of(node, topic)
    for prompt in node.prompts:
        draft.say(prompt)
    raised = points(draft.tree.repeat, calls=draft.session.calls_before + 1, priority=priority)
    enrol(draft, topic, priority=priority + raised)
    draft.set(raised=raised)
    if raised:
        draft.fact(facts.Reranked(at=draft.at, call=draft.session.call, segment=draft.session.segment, reason="repeat"))
    # The first turn is asked for at once: it knows the place in line and what may be said of the wait.
    draft.then(GoOn(link=draft.link("wait")))


def enrol(draft: Draft, topic: Topic, *, priority: int, lane: Lane | None = None, cause: str = "") -> None:
    """The caller is in line from now on: session, facts, alarms."""
    session = draft.session
    demand = demand_of(topic, session.language, priority=priority, lane=lane)
    draft.set(
        state=State.QUEUED,
        topic=topic.id,
        demand=demand,
        queued_at=session.queued_at or draft.at,
        entered_at=draft.at,
        segment=session.segment + 1,
        cause=cause,
        turns=0,
        updates=0,
        offers=0,
        announced_s=None,
        announced_at=None,
        spoken_at=draft.at,
        prepared=session.prepared,
        offer=None,
        agent=None,
        agent_leg=None,
        connected_at=None,
        caller_in_room=False,
    )
    draft.tell_segment(draft.at)
    set_alarms(draft, topic)
    draft.seek = True


def set_alarms(draft: Draft, topic: Topic, *, waited: timedelta = timedelta(0)) -> None:
    """`waited`: of this stay already; a limit that is over by then is met soon."""

    def left(span: timedelta | None) -> timedelta | None:
        return None if span is None else max(span - waited, SOON)

    ref = str(draft.session.segment)
    _wake_to_relax(draft)
    after, target = overflow_of(draft, topic)
    draft.wake(Alarm.OVERFLOW, left(after) if target else None, ref)
    draft.wake(Alarm.CLOSING, _until_closing(draft, topic), ref)
    draft.wake(Alarm.CEILING, left(topic.ceiling), ref)
    draft.wake(Alarm.PULSE, PULSE)


def overflow_of(draft: Draft, topic: Topic) -> tuple[timedelta | None, NodeId | None]:
    """After how long without an agent the caller goes where: the queue node's own overflow, else the topic's."""
    node = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if isinstance(node, Queue) and node.topic == topic.id and node.overflow is not None:
        return node.overflow_after, node.overflow
    return topic.overflow_after, topic.overflow


def _until_closing(draft: Draft, topic: Topic) -> timedelta | None:
    """How long the desk is still open; None: it is not open, never closes, or serves those who wait all the same."""
    calendar = draft.tree.calendars.get(topic.calendar or "")
    if calendar is None or topic.closing is None or not is_open(calendar, draft.at):
        return None
    closes = next_change(calendar, draft.at)
    return closes - draft.at if closes else None


def _wake_to_relax(draft: Draft) -> None:
    """Wake at the next step of relaxation that still lies ahead."""
    session = draft.session
    if session.demand is None or session.queued_at is None:
        return
    waited = draft.at - session.queued_at
    ahead = [terms.after - waited for terms in session.demand.terms if terms.after > waited]
    draft.wake(Alarm.RELAX, min(ahead) if ahead else None, str(session.segment))


def announce_entry(draft: Draft, topic: Topic, asked: TurnAsked | None) -> None:
    """The first words: the topic by name, and the wait when it is honestly known."""
    words = topic.announcements
    estimate = asked.estimate_s if asked else None
    name = topic.names.get(draft.session.language, topic.id)
    if estimate is not None and words.enter is not None:
        draft.say(words.enter, topic=name, wait=wait_words(estimate, draft.session.language, draft.tree))
        note_announced(draft, words.enter, round(estimate), asked)
    else:
        draft.say(words.enter_unknown, topic=name)
        if words.enter_unknown is not None:
            note_announced(draft, words.enter_unknown, None, asked)
    night = draft.tree.calendars.get(topic.night) if topic.night else None
    if night is not None and is_open(night, draft.at):
        draft.say(words.night)


def note_announced(draft: Draft, prompt: PromptId, seconds: int | None, asked: TurnAsked | None) -> None:
    draft.set(spoken_at=draft.at)
    if seconds is not None:
        draft.set(announced_s=seconds, announced_at=draft.at)
    draft.fact(
        facts.WaitAnnounced(
            at=draft.at,
            call=draft.session.call,
            segment=draft.session.segment,
            seconds=seconds,
            estimator=asked.estimator if asked and seconds is not None else "",
            prompt=prompt,
            estimates=dict(asked.estimates) if asked else {},
        )
    )


def turn(draft: Draft, topic: Topic | None, *, door: str = "wait") -> None:
    """One turn of the loop: what is held back, then music, with keys heard throughout."""
    music, length = (topic.music, topic.turn) if topic else (None, timedelta(seconds=15))
    draft.instructions.append(
        Gather(
            sounds=draft.take_held(),
            link=draft.link(door),
            timeout_s=1 if music else max(1, round(length.total_seconds())),
            digits=1,
            finish="",
            music=piece(music, draft.session.turns),
        )
    )


def piece(music: str | None, turn_number: int) -> str | None:
    """Music comes in pieces of one turn each (`music-1.wav` … `music-4.wav`); a turn plays the next."""
    if music is None:
        return None
    stem, dot, ending = music.rpartition(".")
    return f"{stem}-{turn_number % PIECES + 1}{dot}{ending}"


def leave(draft: Draft, outcome: facts.Outcome, *, reason: str = "") -> None:
    """Out of the queue, with the segment's outcome; alarms off."""
    draft.fact(
        facts.SegmentEnded(
            at=draft.at,
            call=draft.session.call,
            segment=draft.session.segment,
            outcome=outcome,
            reason=reason,
        )
    )
    draft.set(state=State.MENU, demand=None)
    for alarm in WAITING_ALARMS:
        draft.wake(alarm, None)


def relax(draft: Draft, event: Event) -> None:
    """More agents will do from now on: look again."""
    assert isinstance(event, TimeUp)
    if event.ref == str(draft.session.segment):
        _wake_to_relax(draft)
        draft.seek = True


def raise_lane(draft: Draft, event: Event) -> None:
    """Waited past the ceiling: into the critical lane, once, with the first queue time kept."""
    assert isinstance(event, TimeUp)
    session = draft.session
    if event.ref != str(session.segment) or session.demand is None or session.demand.lane is Lane.CRITICAL:
        return
    draft.set(demand=replace(session.demand, lane=Lane.CRITICAL))
    draft.fact(facts.Reranked(at=draft.at, call=session.call, segment=session.segment, reason="ceiling"))
    draft.seek = True
