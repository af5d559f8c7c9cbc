"""The acceptance sentences about verification (`DOMAIN.md` C20, C29, C41 and 2.3), word for word where there are words."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from ivr.core import facts
from ivr.core.errors import RequestError, Unavailable
from ivr.core.session import State
from ivr.simulator import Call
from ivr.storage.sql.engine import reading
from ivr.storage.sql.schema import metadata
from ivr.storage.sql.tables import codes
from tests.stories.callbacks import texts
from tests.stories.town import Town

ENGLISH = "+14155550123"
MANDARIN = "+8613800138000"
LANDLINE = "+861065551234"
SENT = (
    "To protect your account: if this number is linked to an account, we have just sent it a 6-digit code. "
    "Key it in and press pound. To skip, just press pound."
)
SENT_ZH = "为保护账户：如果来电号码已绑定账户，我们已发送6位验证码。请用键盘输入，按井号键结束；跳过请直接按井号键。"
SKIPPED = "That is fine. An agent can still help you but cannot change anything in the account."
SKIPPED_ZH = "没有关系。客服仍会解答您的问题，但不能操作账户。"
UNABLE = "We cannot verify this call by text message."
SIGN_IN = "12"
"""Keys from the main menu to "unknown sign-in or locked account"."""


def at_the_code(town: Town, number: str = ENGLISH, language: str = "2") -> Call:
    """Somebody who is asked for a code."""
    call = town.caller(number)
    town.presses(call, language + SIGN_IN)
    return call


def code_of(town: Town, number: str = ENGLISH) -> str:
    """As the caller reads it in the last text message."""
    [digits] = re.findall(r"(?<!\d)\d{6}(?!\d)", texts(town, number)[-1])
    return str(digits)


def keys(town: Town, call: Call, digits: str) -> None:
    call.presses(digits + "#")
    town.settle()


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def proofs(town: Town, call: Call) -> list[tuple[str, str]]:
    return [(fact.result, fact.reason) for fact in town.facts_of(call) if isinstance(fact, facts.Verified)]


def ends(town: Town, call: Call) -> None:
    call.hangs_up()
    town.settle()


def test_the_code_that_was_sent_verifies_the_caller_before_the_queue(town):
    call = at_the_code(town)
    call.hears(SENT)
    keys(town, call, code_of(town))
    call.hears("Thank you. You are verified.")
    session = town.session(call)
    assert (session.state, session.verified, session.topic) == (State.QUEUED, "code", "account_security")
    assert proofs(town, call) == [("verified", "")]
    assert texts(town, ENGLISH) == [
        f"tpWallet code {code_of(town)}, good for 10 minutes. Key it in on the phone and tell nobody, not even our agents."
    ]
    ends(town, call)
    assert town.ended(call).verified == "verified"


def test_pound_alone_skips_and_the_agent_is_told_that_nothing_is_verified(town):
    call = at_the_code(town, MANDARIN, "1")
    call.hears(SENT_ZH)
    call.presses("#")
    town.settle()
    call.hears(SKIPPED_ZH)
    session = town.session(call)
    assert (session.state, session.verified) == (State.QUEUED, "")
    assert proofs(town, call) == [("skipped", "")]


def test_c41_three_wrong_tries_end_verification_but_not_the_call(town):
    call = at_the_code(town)
    wrong = other_than(code_of(town))
    keys(town, call, wrong)
    call.hears("That code does not match. You have 2 more tries.")
    keys(town, call, wrong)
    call.hears("That code does not match. You have 1 more tries.")
    keys(town, call, wrong)
    call.hears("An agent can still help you but cannot change anything in the account.")
    assert town.session(call).state is State.QUEUED
    assert call.state == "in-progress"
    assert proofs(town, call) == [("failed", "")]
    ends(town, call)
    again = at_the_code(town)
    keys(town, again, wrong)
    again.hears("You have 2 more tries.")


def test_a_code_is_good_once_for_its_own_call_and_for_ten_minutes(town):
    first = at_the_code(town)
    used = code_of(town)
    keys(town, first, used)
    assert town.session(first).verified
    ends(town, first)
    second = at_the_code(town)
    keys(town, second, used)
    assert not town.session(second).verified
    second.hears("You have 2 more tries.")
    fresh = code_of(town)
    for _ in range(2):  # the time of a text message that is long in coming
        town.passes(15)
        keys(town, second, "000000" if fresh != "000000" else "111111")
    ends(town, second)
    old = at_the_code(town)
    late = code_of(town)
    with town.switchboard.engine.begin() as connection:  # nobody stays silent for ten minutes: the house asks sooner
        connection.execute(codes.update().where(codes.c.code_hash != "").values(expires_at=town.now))
    keys(town, old, late)
    assert not town.session(old).verified


@pytest.mark.parametrize("claimed", [LANDLINE, "anonymous"])
def test_a_caller_whom_no_text_message_reaches_goes_on_to_the_same_people(town, claimed):
    call = town.caller(claimed)
    town.presses(call, "2" + SIGN_IN)
    call.hears(UNABLE)
    assert SENT not in call.text
    assert town.session(call).state is State.QUEUED
    assert proofs(town, call) == [("unable", "")]
    assert not town.network.rest.messages.made


def test_silence_asks_again_and_then_goes_on_unverified(town):
    call = at_the_code(town)
    town.passes(21)
    call.hears("When the text message arrives, key in its 6-digit code")
    town.until(lambda: town.session(call).state is State.QUEUED, within_s=60, what="the queue")
    call.hears(SKIPPED)
    assert proofs(town, call) == [("silent", "")]
    assert len(texts(town, ENGLISH)) == 1


def test_zero_reaches_a_person_from_the_code(town):
    call = at_the_code(town)
    keys(town, call, "0")
    assert (town.session(call).state, town.session(call).topic) == (State.QUEUED, "other")


def test_lock_out_six_codes_a_day_of_one_number_are_one_too_many(town):
    for _ in range(5):
        call = at_the_code(town)
        call.presses("#")
        town.settle()
        ends(town, call)
        town.passes(60)
    sixth = at_the_code(town)
    sixth.hears(UNABLE)
    assert town.session(sixth).state is State.QUEUED
    assert proofs(town, sixth) == [("locked", "codes")]
    assert len(texts(town, ENGLISH)) == 5
    other = at_the_code(town, MANDARIN, "1")
    other.hears(SENT_ZH)


def test_lock_out_three_failed_verifications_in_an_hour_pass_the_step_over_and_raise_an_alert(town):
    for _ in range(3):
        call = at_the_code(town)
        for _ in range(3):
            keys(town, call, other_than(code_of(town)))
        ends(town, call)
    fourth = at_the_code(town)
    fourth.hears(UNABLE)
    assert town.session(fourth).state is State.QUEUED
    assert proofs(town, fourth) == [("locked", "failures")]
    ends(town, fourth)
    town.record()
    assert town.switchboard.alert_counts.all()["code_guessing"] == 4  # three failed, one turned away
    town.network.clock.advance(3601)  # nobody is on the line meanwhile
    town.settle()
    fifth = at_the_code(town)
    fifth.hears(SENT)


def test_a_number_that_is_not_linked_hears_and_may_do_the_same_and_gets_no_code(towns):
    def linked_only(text: str) -> str:
        return text.replace("verify: {goto: queue_account}", "verify: {goto: queue_account, only_if: {linked: 'yes'}}")

    town = towns(change=linked_only)
    call = at_the_code(town)
    call.hears(SENT)
    assert texts(town, ENGLISH) == []
    for left in (2, 1):
        keys(town, call, "123456")
        call.hears(f"You have {left} more tries.")
    keys(town, call, "123456")
    assert town.session(call).state is State.QUEUED
    assert proofs(town, call) == [("failed", "")]


def test_a_code_that_the_carrier_refused_once_is_drawn_anew_and_the_last_one_is_good(town):
    town.network.faults.add("refuse", match="Messages", status=503, times=1)
    call = at_the_code(town)
    town.passes(3)
    keys(town, call, code_of(town))
    assert town.session(call).verified == "code"


def test_without_sql_nobody_is_verified_and_nobody_is_lost(town, monkeypatch):
    def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("the database is away")

    monkeypatch.setattr(type(town.switchboard.ledger), "commit", away)
    call = at_the_code(town)
    call.hears(UNABLE)
    assert SENT not in call.text
    assert town.session(call).state is State.QUEUED
    assert proofs(town, call) == [("trouble", "")]


# ---- C41: the code is nowhere ----------------------------------------------------------------------------------


def everything_in_redis(redis: Any) -> str:
    readers = {
        "hash": redis.hgetall,
        "stream": redis.xrange,
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        "set": redis.smembers,
        "string": redis.get,
        "list": lambda key: redis.lrange(key, 0, -1),
    }
    return "\n".join(f"{key!r} {readers[redis.type(key).decode()](key)!r}" for key in redis.scan_iter("*"))


def everything_in_sql(town: Town) -> str:
    with reading(town.switchboard.engine) as connection:
        return "\n".join(
            f"{table.name} {row!r}"
            for table in metadata.tables.values()
            for row in connection.execute(sa.select(table))
        )


def answers_given(town: Town) -> str:
    """Every document and every address of the carrier's conversation with us, but what the two sides of a text said."""
    return "\n".join(
        f"{entry.get('url', '')} {entry.get('path', '')} {entry.get('answer', '')}"
        for kind in ("webhook", "callback", "rest")
        for entry in town.network.ledger.entries(kind)
    )


def without_clocks(text: str) -> str:
    """Six digits may stand by chance in a time or an id: those are longer runs of digits or letters."""
    return "\n".join(re.findall(r"(?<![0-9a-zA-Z.])\d{6}(?![0-9a-zA-Z.])", text))


def test_c41_the_code_is_absent_from_logs_database_redis_facts_panel_and_documents(town, redis, log_text):
    ana = town.agent("ana", skills={"account_security": 5})
    call = at_the_code(town)
    code = code_of(town)
    at_times = [everything_in_redis(redis), everything_in_sql(town)]  # sent, and awaited
    wrong = other_than(code)
    keys(town, call, wrong)
    at_times += [everything_in_redis(redis), everything_in_sql(town)]
    keys(town, call, code)
    assert town.session(call).verified == "code"
    ana.available()
    leg = ana.accepts()
    town.until(lambda: town.session(call).state is State.CONNECTED, within_s=8, what="the talk")
    call.meets(leg)
    panel = repr(town.switchboard.desk.view(ana.id, "en"))
    pressed = [fact.key for fact in town.facts_of(call) if isinstance(fact, facts.KeyPressed)]
    assert pressed[-2:] == ["••••••", "••••••"]
    at_times += [everything_in_redis(redis), everything_in_sql(town), panel, log_text.getvalue(), leg.text]
    at_times.append(answers_given(town))
    ends(town, call)
    town.record()
    at_times += [everything_in_redis(redis), everything_in_sql(town), log_text.getvalue()]
    for place, text in enumerate(at_times):
        found = without_clocks(text)
        assert code not in found, (place, "the code")
        assert wrong not in found, (place, "what was keyed in its place")
    with reading(town.switchboard.engine) as connection:
        [row] = connection.execute(sa.select(codes)).all()
    assert (row.code_hash, row.expires_at, row.result) == ("", None, "verified")
    assert call.text.count(code) == 0, "the code is never spoken"


def test_nothing_of_the_line_may_be_recorded_while_a_code_may_be_keyed(town):
    call = at_the_code(town)
    assert town.session(call).keys_secret
    keys(town, call, code_of(town))
    assert not town.session(call).keys_secret


# ---- C29: what an agent may do ---------------------------------------------------------------------------------


def talks(town: Town, call: Call) -> Any:
    """The caller talks with ana, who then wraps up."""
    ana = town.agent("ana", skills={"account_security": 5}).available()
    leg = ana.accepts()
    town.until(lambda: town.session(call).state is State.CONNECTED, within_s=8, what="the talk")
    call.meets(leg)
    return ana


@pytest.mark.parametrize("verified", [True, False])
def test_c29_the_field_account_change_made_demands_a_verified_flag(town, verified):
    call = at_the_code(town)
    keys(town, call, code_of(town) if verified else "")
    ana = talks(town, call)
    card = town.switchboard.desk.view(ana.id, "en").call.card
    assert card.verified == ("code" if verified else "")
    ana.ends()
    assert town.switchboard.desk.view(ana.id, "en").wrap_up.verified == card.verified
    finish = town.switchboard.desk.finish
    if not verified:
        with pytest.raises(RequestError) as refused:
            finish(ana.id, ana.offer, disposition="solved", account_changed=True)
        assert (refused.value.status, refused.value.error_id) == (422, "not_verified")
        finish(ana.id, ana.offer, disposition="solved")
    else:
        finish(ana.id, ana.offer, disposition="solved", account_changed=True)
    town.passes(3)
    [disposed] = [fact for fact in town.facts_of(call) if isinstance(fact, facts.Disposed)]
    assert disposed.account_changed is verified
    assert town.ended(call).segments[0].account_changed is verified


@pytest.mark.parametrize(("pressed", "says"), [("code", "verified."), ("", "not verified.")])
def test_an_agent_on_the_telephone_is_whispered_whether_the_caller_is_verified(town, pressed, says):
    call = at_the_code(town)
    keys(town, call, code_of(town) if pressed else "")
    ben = town.agent("ben", skills={"account_security": 5}, phone="+861058065001").available()
    leg = town.network.phone("+861058065001").rings().answers()
    town.settle()
    leg.hears(says)
    assert ("not verified" in leg.text) is not bool(pressed)
    assert ben.offer is not None


def steps_of(view) -> list[bool]:
    """Whether the steps of the topic were sent, as the agent's page has it."""
    return [one.sent for one in view.call.card.texts if one.name == "steps"]


def test_c29_the_button_send_steps_is_usable_unverified(town):
    call = at_the_code(town)
    keys(town, call, "")
    ana = talks(town, call)
    desk = town.switchboard.desk
    send = town.switchboard.text_caller
    assert steps_of(desk.view(ana.id, "en")) == [False]
    before = texts(town, ENGLISH)
    for _ in range(2):  # a second press sends nothing more
        send(ana.id, ana.offer, "steps")
        town.settle()
    assert texts(town, ENGLISH)[len(before) :] == [
        "Emergency freeze: open the app > security centre > freeze outgoing. An agent is joining."
    ]
    assert steps_of(desk.view(ana.id, "en")) == [True]
    bea = town.agent("bea", skills={"other": 1}).available()
    with pytest.raises(RequestError, match="talk is over"):
        send(bea.id, ana.offer, "steps")


def test_no_steps_are_offered_where_no_text_message_arrives(town):
    call = town.caller(LANDLINE)
    town.presses(call, "2" + SIGN_IN)
    ana = talks(town, call)
    assert town.switchboard.desk.view(ana.id, "en").call.card.texts == ()
    with pytest.raises(RequestError, match="no such text"):
        town.switchboard.text_caller(ana.id, ana.offer, "steps")
