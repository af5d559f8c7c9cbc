"""The incident banner: one notice that a supervisor switches on, heard by callers until it is switched off.

The menu says where a banner is heard: an `incident` node with a topic speaks the banners about that topic, one without a
topic those about everything. What is switched on is no part of the menu: it comes with the event, looked up for the
steps that may lead to such a node. Without that knowledge (the stores are away) the walk goes on in silence, so a
banner never delays anybody. A caller hears each banner once; keys cut it off, and who pressed ahead has not heard it.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.exits import exits
from ivr.core.ids import NodeId, PromptId, TopicId
from ivr.core.instructions import Spoken
from ivr.core.menus import Evidence, Goto, Hours, Incident, Menu, MenuTree, Returning, Say, Sms
from ivr.core.speech import clean

BANNER = PromptId("incident_banner")
PASSED = (Say, Goto, Hours, Returning, Sms, Evidence)
"""Nodes that a walk may leave in the request that enters them; from any other the leg comes back first."""


def pass_by(draft: Draft, node: Incident) -> NodeId:
    """Speak the banner if one is on, is about this place and was not heard in this call; go on."""
    banner, session = draft.banner, draft.session
    if banner is None or banner.id in session.incidents or not banner.on(draft.at) or not banner.about(node.topic):
        return node.goto
    if own := banner.words.get(session.language):
        draft.held.append(Spoken(language=session.language, text=clean(own), slow=session.slow))
    elif BANNER in draft.tree.prompts:
        draft.say(BANNER, **banner.slots)
    else:
        return node.goto
    draft.set(incidents=(*session.incidents, banner.id))
    draft.fact(facts.IncidentHeard(at=draft.at, call=session.call, incident=banner.id))
    return node.goto


def unheard(draft: Draft, before: tuple[str, ...]) -> None:
    """A key pressed ahead dropped the words that were held back: the banner among them was not heard."""
    draft.facts = [fact for fact in draft.facts if not isinstance(fact, facts.IncidentHeard)]
    draft.session = replace(draft.session, incidents=before)


def may_follow(tree: MenuTree, node: NodeId) -> bool:
    """Whether what a caller does at this node, or silence there, may lead to an `incident` node before the next request."""
    here = tree.nodes.get(node)
    if here is None or isinstance(here, Incident):
        return here is not None
    waiting = [way.target for way in exits(tree, here)]
    seen: set[NodeId] = set()
    while waiting:
        name = waiting.pop()
        following = tree.nodes.get(name)
        if following is None or name in seen:
            continue
        seen.add(name)
        if isinstance(following, Incident):
            return True
        if isinstance(following, PASSED) or (isinstance(here, Menu) and name == here.others):
            # A key that is pressed ahead is taken by the next menu in the same breath.
            waiting.extend(way.target for way in exits(tree, following))
    return False


def topics_heard(tree: MenuTree) -> tuple[TopicId, ...]:
    """The topics that have a place for a banner, in the order of the menu's topics."""
    placed = {node.topic for node in tree.nodes.values() if isinstance(node, Incident)}
    return tuple(topic for topic in tree.topics if topic in placed)


def has_place(tree: MenuTree) -> bool:
    """Whether the menu has a place for a banner at all."""
    return any(isinstance(node, Incident) for node in tree.nodes.values())
