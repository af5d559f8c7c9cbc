"""What the page shows at wrap-up: what the call may have been about, the results to choose from, and what each makes of the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.core.agents import Agent, Presence
from ivr.core.cases import RESULTS, CaseStatus
from ivr.core.ids import CallId, Language, OfferId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.offering import DECLINED
from ivr.workflows.dispositions import reasons_shown, results_of, words_of
from ivr.workflows.menu_labels import named


@dataclass(frozen=True, kw_only=True)
class WrapUpView:
    until: datetime
    call: CallId | None
    offer: OfferId | None
    topic_name: str
    verified: str
    """How the caller proved who they are; empty: not at all, so nothing may have been changed in the account."""
    declined: bool
    """True: the agent passed the call on; a short pause, and no result to give."""
    topic: TopicId
    topics: tuple[tuple[str, str], ...]
    """What the call may have been about: the topics of the hotline, then its reasons; name and words."""
    dispositions: tuple[str, ...]
    labels: Mapping[str, str]
    """The menu's own words for results, where it has some."""
    reasons: Mapping[str, tuple[tuple[str, str], ...]]
    """Results that need a reason, and what there is to choose from; name and words."""
    default: str
    standings: Mapping[str, CaseStatus]
    """What each result makes of the case when the agent names no other standing."""


def wrap_up_view(agent: Agent, tree: MenuTree, language: Language, *, verified: str = "") -> WrapUpView | None:
    if agent.presence is not Presence.WRAP_UP or agent.wrap_up_until is None:
        return None
    topic = tree.topics.get(TopicId(agent.topic))
    declined = agent.reason == DECLINED
    results = () if declined else results_of(topic)
    return WrapUpView(
        until=agent.wrap_up_until,
        call=agent.call,
        offer=agent.offer,
        topic_name=named(topic.names, language) if topic else agent.topic,
        topic=TopicId(agent.topic),
        topics=subjects(tree, language),
        verified=verified,
        declined=declined,
        dispositions=results,
        labels={name: words for name in results if (words := words_of(tree, name, language))},
        reasons={} if declined else reasons_shown(tree, topic, language),
        default=results[-1] if results else "",
        standings={name: RESULTS.get(name, CaseStatus.OPEN) for name in results},
    )


def subjects(tree: MenuTree, language: Language) -> tuple[tuple[str, str], ...]:
    """What a call can have been about, with its words."""
    topics = ((str(topic.id), named(topic.names, language)) for topic in tree.topics.values())
    return (*topics, *((reason, named(words, language)) for reason, words in tree.reasons.items()))
