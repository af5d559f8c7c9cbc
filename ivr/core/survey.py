"""The rating after a talk, whoever hangs up first.

The agent ends: the caller hears the question at once, answers with a key, says whether the problem was solved, and one
who is not satisfied may ask for a supervisor. The caller ends: one text asks, and is answered by text. Either way a
number is asked at most once in the time that the menu sets (seven days): that it was asked stands in SQL before it is
asked, so that neither a second call nor a second process asks again. When SQL cannot say, nobody is asked.
"""

from __future__ import annotations

from datetime import datetime

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.events import Event, StepAsked
from ivr.core.ids import PromptId, TopicId
from ivr.core.menus import MenuTree, Survey
from ivr.core.session import CallSession
from ivr.core.survey_orders import AskByText, FollowUpPromised, NoteRating, SurveyAsking, follow_up_id, survey_id

KEY_S = 5
LOW = 2
"""A score up to here is low: the caller is offered a supervisor, and a supervisor sees it."""
SCORES = frozenset("12345")
SOLVED = {"1": "yes", "2": "no"}
STAGES = ("score", "solved", "low")
NOTED = PromptId("survey_noted")


def survey_of(tree: MenuTree, topic: TopicId | None) -> Survey | None:
    """What is asked after a talk about this topic; None: nothing."""
    found = tree.topics.get(topic) if topic else None
    node = tree.nodes.get(found.survey) if found and found.survey else None
    return node if isinstance(node, Survey) else None


def asks(draft: Draft, event: Event) -> bool:
    """Ask the next question. False: there is nothing (more) to ask, and it is time to say goodbye."""
    node = survey_of(draft.tree, draft.session.topic)
    stage = draft.session.closing
    if node is None or draft.session.called_out:
        return False
    if not isinstance(event, StepAsked):  # the leg lost its way: the question that is open once more
        return stage in STAGES and _question(draft, node, stage)
    key = event.keys[:1]
    match stage:
        case "score":
            return _take_score(draft, node, key)
        case "solved":
            return _take_solved(draft, node, key)
        case "low":
            return _take_wish(draft, node, key)
    return event.may_ask and _begin(draft, node)


def ask_by_text(draft: Draft) -> None:
    """The caller is gone before the question: it goes out as a text message."""
    session = draft.session
    node = survey_of(draft.tree, session.topic)
    if node is None or session.called_out or not session.talked or session.closing in STAGES:
        return
    if session.caller.texts_to is not None:
        draft.order(AskByText(call=session.call, agent=session.agent))


def asking(session: CallSession, node: Survey, at: datetime, *, channel: str) -> SurveyAsking:
    """The row that says that this number is asked now."""
    assert session.topic is not None
    return SurveyAsking(
        id=survey_id(session.call),
        at=at,
        hotline=session.hotline,
        call=session.call,
        number=session.caller.number,
        topic=session.topic,
        agent=session.agent,
        language=session.language,
        channel=channel,
        since=at - node.every,
    )


def _begin(draft: Draft, node: Survey) -> bool:
    session = draft.session
    draft.commit(asking(session, node, draft.at, channel="phone"))
    draft.fact(facts.SurveyAsked(at=draft.at, call=session.call, channel="phone"))
    draft.fact(facts.NodeEntered(at=draft.at, call=session.call, node=node.id))
    draft.set(wrongs=0)
    return _question(draft, node, "score")


def _question(draft: Draft, node: Survey, stage: str) -> bool:
    prompt = {"score": node.score, "solved": node.solved, "low": node.low}[stage]
    draft.set(closing=stage)
    draft.say(prompt)
    draft.listen("bye", for_s=KEY_S)
    return True


def _take_score(draft: Draft, node: Survey, key: str) -> bool:
    if key not in SCORES:
        return _once_more(draft, node, key)
    draft.set(score=int(key), wrongs=0)
    _answered(draft)
    return _question(draft, node, "solved")


def _take_solved(draft: Draft, node: Survey, key: str) -> bool:
    if key in SOLVED:
        draft.set(solved=SOLVED[key], wrongs=0)
        _answered(draft)
    elif _once_more(draft, node, key):
        return True
    reachable = draft.session.caller.number is not None
    return draft.session.score <= LOW and reachable and _question(draft, node, "low")


def _once_more(draft: Draft, node: Survey, key: str) -> bool:
    """Another key is a slip and is asked for once more; silence is an answer too."""
    if not key or draft.session.wrongs:
        return False
    draft.set(wrongs=1)
    return _question(draft, node, draft.session.closing)


def _take_wish(draft: Draft, node: Survey, key: str) -> bool:
    """Key 1 is a promise: it stands in SQL before the caller hears it."""
    session = draft.session
    if key == "1" and session.topic is not None:
        draft.commit(
            FollowUpPromised(
                id=follow_up_id(session.call),
                at=draft.at,
                hotline=session.hotline,
                call=session.call,
                topic=session.topic,
                agent=session.agent,
                score=session.score,
                solved=session.solved,
                due_at=draft.at + node.follow_up,
            )
        )
        draft.say_if_there(NOTED)
    return False


def _answered(draft: Draft) -> None:
    session = draft.session
    draft.fact(
        facts.SurveyAnswered(
            at=draft.at, call=session.call, channel="phone", score=session.score, solved=session.solved
        )
    )
    draft.order(
        NoteRating(call=session.call, at=draft.at, score=session.score, solved=session.solved, agent=session.agent)
    )
