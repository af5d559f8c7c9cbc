"""Who was free when a caller gave up, and what they would have needed to take the call (`DOMAIN.md` 7, item 13).

For each abandoned stay: the agents who were available for long enough within the wait to answer a ring, and what each lacked, a
skill of the topic or the caller's language, even at the widest terms. Sums are what one more skill would have saved at
most: one free agent could have taken only one of the callers who left at the same time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.ids import AgentId, CallId
from ivr.core.queues import Terms

LONG_ENOUGH = timedelta(seconds=10)
"""Time in which a ring is answered. A shorter wait: all of it."""


@dataclass(frozen=True, kw_only=True)
class GaveUp:
    """A caller who left the queue unanswered."""

    call: CallId
    segment: int
    topic: str
    language: str
    entered_at: datetime
    left_at: datetime

    @property
    def wait(self) -> timedelta:
        return self.left_at - self.entered_at


@dataclass(frozen=True, kw_only=True)
class Available:
    """One time in which an agent was available; `end` None: still."""

    agent: AgentId
    start: datetime
    end: datetime | None


@dataclass(frozen=True, kw_only=True)
class Knew:
    """What an agent could do from `since` on."""

    agent: AgentId
    since: datetime
    skills: Mapping[str, int]
    languages: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, order=True)
class Free:
    """An agent who was free, and what was missing; nothing: the call was theirs to take."""

    agent: AgentId
    skills: tuple[str, ...] = ()
    language: str = ""

    @property
    def able(self) -> bool:
        return not self.skills and not self.language


@dataclass(frozen=True, kw_only=True)
class Verdict:
    stay: GaveUp
    free: tuple[Free, ...]
    """Nobody: everybody was on a call, on a break or away."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Teach this agent what was missing: so many callers might have been answered."""

    agent: AgentId
    topic: str
    language: str
    lacks: Free
    callers: int


def judge(
    gone: Iterable[GaveUp],
    available: Iterable[Available],
    known: Iterable[Knew],
    terms: Mapping[tuple[str, str], Terms],
) -> Iterator[Verdict]:
    """In the order in which they came. `terms`: the widest of each topic and language; a stay without them is passed over."""
    spans = sorted(available, key=lambda span: span.start)
    versions: dict[AgentId, list[Knew]] = defaultdict(list)
    for one in sorted(known, key=lambda one: one.since):
        versions[one.agent].append(one)
    running: list[Available] = []
    following = 0
    for stay in sorted(gone, key=lambda stay: (stay.entered_at, stay.call)):
        wanted = terms.get((stay.topic, stay.language))
        if wanted is None:
            continue
        running = [span for span in running if span.end is None or span.end > stay.entered_at]
        while following < len(spans) and spans[following].start < stay.left_at:
            running.append(spans[following])
            following += 1
        free = {
            span.agent: _lacking(wanted, stay, knew)
            for span in running
            if _long_enough(span, stay) and (knew := _then(versions.get(span.agent, ()), stay.left_at)) is not None
        }
        yield Verdict(stay=stay, free=tuple(sorted(free.values())))


def lessons(verdicts: Iterable[Verdict]) -> list[Lesson]:
    """What would have saved most comes first. Callers whom somebody free could have taken anyway teach nothing."""
    found: Counter[tuple[str, str, Free]] = Counter()
    for verdict in verdicts:
        if not any(one.able for one in verdict.free):
            for one in verdict.free:
                found[verdict.stay.topic, verdict.stay.language, one] += 1
    return [
        Lesson(agent=lacks.agent, topic=topic, language=language, lacks=lacks, callers=callers)
        for (topic, language, lacks), callers in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _long_enough(span: Available, stay: GaveUp) -> bool:
    start, end = max(span.start, stay.entered_at), min(span.end or stay.left_at, stay.left_at)
    return start < end and end - start >= min(LONG_ENOUGH, stay.wait)


def _then(versions: Sequence[Knew], at: datetime) -> Knew | None:
    """What was known of the agent then; the oldest that is known, for a time before."""
    before = [one for one in versions if one.since <= at]
    return before[-1] if before else next(iter(versions), None)


def _lacking(terms: Terms, stay: GaveUp, knew: Knew) -> Free:
    skills = tuple(sorted(skill for skill, level in terms.skills.items() if knew.skills.get(skill, 0) < level))
    speaks = terms.language is None or knew.languages.get(terms.language, 0) >= terms.language_level
    return Free(agent=knew.agent, skills=skills, language="" if speaks else stay.language)
