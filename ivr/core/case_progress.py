"""How a case stands, told without an agent (`DOMAIN.md` C17).

A `progress` node looks a case up (at a door of its own, so that the step is told what SQL knows), says its public status and
offers an agent. The number looked up is the one keyed before, else that of the caller's own open case. Whoever has
asked for too many numbers that do not exist goes to a person, as everybody does whom we cannot help, and is not told why.
"""

from __future__ import annotations

from ivr.core import facts
from ivr.core.case_events import CaseAsked, KnownCase
from ivr.core.case_talk import number_asked
from ivr.core.cases import ANSWER, Case, public_words
from ivr.core.draft import MENU_PULSE, Draft
from ivr.core.events import Event
from ivr.core.ids import NodeId, PromptId, TopicId
from ivr.core.instructions import Alarm
from ivr.core.menus import BACK_KEY, PERSON_KEY, REPEAT_KEY, Progress
from ivr.core.walk import enter

KEY_S = 5
TRIES = 2
STATUS, UNKNOWN, TROUBLE = PromptId("case_status"), PromptId("case_unknown"), PromptId("system_trouble")


def take(draft: Draft, event: Event) -> None:
    """One step at the node: first the look-up, then the key pressed after the status."""
    assert isinstance(event, CaseAsked)
    session = draft.session
    node = draft.tree.nodes.get(session.node or NodeId(""))
    if not isinstance(node, Progress):
        enter(draft, session.node or draft.tree.start)
        return
    target = _answered(draft, node, event.keys[:1]) if session.status_told else None
    if target is None and not _tell(draft, event.known):
        target = _person(draft, node)
    if target is not None:
        enter(draft, target)


def _tell(draft: Draft, known: KnownCase | None) -> bool:
    """Say how the case stands, or that there is none, and ask what next. False: a person has to help."""
    session = draft.session
    if known is None or known.locked or not number_asked(session):
        if known is None:
            draft.say_if_there(TROUBLE)
        return False
    if known.case is None:
        draft.say(UNKNOWN)
    else:
        _say_status(draft, known.case)
    draft.set(status_told=True)
    draft.listen("case", for_s=KEY_S)
    draft.wake(Alarm.PULSE, MENU_PULSE)
    return True


def _say_status(draft: Draft, case: Case) -> None:
    """An agent who takes the call from here sees this case, and the call joins it."""
    session = draft.session
    if session.answers.get(ANSWER) != case.number:
        draft.set(answers={**session.answers, ANSWER: case.number})
        draft.fact(facts.Answer(at=draft.at, call=session.call, name=ANSWER, value=case.number))
    topic = draft.tree.topics.get(TopicId(case.topic))
    draft.say(
        STATUS,
        digits=case.number,
        topic=topic.names.get(session.language, "") if topic else "",
        status=public_words(case.status, session.language),
    )
    draft.set(served=True)


def _answered(draft: Draft, node: Progress, key: str) -> NodeId | None:
    """Where the key leads; None: say it again."""
    target, result = None, "choice"
    if key in ("1", PERSON_KEY):
        target = _person(draft, node)
    elif key in ("2", BACK_KEY):
        # Something else: an agent met there has another matter before them.
        draft.set(answers={name: value for name, value in draft.session.answers.items() if name != ANSWER})
        target = node.goto
    elif key == REPEAT_KEY:
        result = "repeat"
    else:
        draft.set(silences=draft.session.silences + 1)
        target = _person(draft, node) if draft.session.silences >= TRIES else None
        result = "wrong" if key else "silence"
    draft.fact(facts.KeyPressed(at=draft.at, call=draft.session.call, node=node.id, key=key, result=result))
    return target


def _person(draft: Draft, node: Progress) -> NodeId:
    return node.person or draft.tree.person
