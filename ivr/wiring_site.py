"""What the pages are given: everything behind them in one value. Part of the switchboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.core.ids import AgentId, Language
from ivr.core.menus import Topic
from ivr.storage.redis.tallies import Tallies
from ivr.web.doors import Site, Softphone
from ivr.wiring_shelf import ShelfParts
from ivr.workflows.dispositions import own_names
from ivr.workflows.wrap_up_view import subjects

if TYPE_CHECKING:
    from ivr.wiring import Switchboard


def make_site(of: Switchboard) -> Site:
    first = of.menus.trees[0]
    return Site(
        people=of.people,
        desk=of.desk,
        transfer=of.transfer,
        reveal=of.after.reveal,
        text_caller=of.text_caller,
        call_somebody=of.calling.call_somebody,
        my_day=of.after.my_day,
        breaks=of.after.breaks,
        board=of.board,
        room=of.room.doors,
        waits=of.reports.waits,
        figures=of.reports.doors,
        callbacks=of.reports.callbacks,
        follow_ups=of.after.follow_ups,
        messages=of.after.messages,
        hear_message=of.after.hear_message,
        incident=of.incident,
        cases=of.after.cases,
        own_follow_ups=of.after.own_follow_ups,
        topics_report=of.reports.topics,
        results=of.reports.results,
        hours=of.reports.hours,
        carrier=of.at_carrier.doors,
        shelf=ShelfParts(of).doors,
        evidence=of.evidence.receive,
        open_file=of.evidence.open_file,
        hand_over=of.evidence.hand_over,
        hotline=of.evidence.hotline,
        open_matter=of.after.open_matter,
        tickets=of.tickets,
        tokens=of.tokens,
        tallies=Tallies(of.link, of.settings.secret),
        softphone=lambda agent: softphone(of, agent),
        feed=of.feed_hub.feed,
        now=of.clock.now,
        secret=of.settings.secret_key.get_secret_value(),
        public_url=of.settings.public_url,
        zone=first.zone,
        topics=lambda language: _topic_names(of, language),
        reasons=lambda language: _reason_names(of, language),
        result_names=lambda language: own_names(of.menus.trees, Language(language)),
        story=of.story.doors,
        rules=of.rules.doors,
        simulator=of.simulator_origin,
        embed_origins=of.settings.embed_origins_listed,
        streams=of.settings.streams_cap,
        uploads=max(1, min(4, of.settings.web_threads // 4)),
        closing=of.closing,
    )


def _topic_names(of: Switchboard, language: str) -> dict[str, str]:
    return {topic.id: _name(topic, language) for topic in of.topics()}


def _reason_names(of: Switchboard, language: str) -> dict[str, str]:
    trees = of.menus.trees
    return {name: words for tree in trees for name, words in subjects(tree, Language(language)) if name in tree.reasons}


def _name(topic: Topic, language: str) -> str:
    return next((name for key, name in topic.names.items() if key == language), topic.id)


def softphone(of: Switchboard, agent: AgentId) -> Softphone:
    from ivr.telephony.twilio.tokens import TOKEN_LIFE, softphone_token  # only who needs one loads the library

    settings = of.settings
    token = softphone_token(
        account=settings.twilio_account_sid,
        key=settings.twilio_api_key,
        secret=settings.twilio_api_secret.get_secret_value(),
        app=settings.twilio_app_sid,
        agent=agent,
    )
    return Softphone(
        kind="simulator" if of.simulator_origin else "twilio",
        token=token,
        base=of.simulator_origin,
        expires_s=int(TOKEN_LIFE.total_seconds()),
    )
