"""Both walk-throughs of `DOMAIN.md` 2.3 on the shipped menu, word for word and second for second.

The walk-throughs name the stations of a call; what the rules of 2.1, C5, C11, C12, C25 and C31 add on the way is in the lists
below as well, in the order in which it is heard. One thing differs from the table on purpose: with nine minutes expected the options
are heard on joining already (C12: over the limit the next caller hears the offer), and again after sixty seconds, where the
walk-through has its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.core import facts
from ivr.core.agents import Presence
from ivr.core.ids import Language
from ivr.core.intervals import Step
from ivr.core.speech import spell
from ivr.simulator import Call
from ivr.simulator.legs import Heard
from ivr.workflows.reports import ReportQuery
from tests.stories.callbacks import ANA_CALLS, every_text, promises
from tests.stories.cases import case_of
from tests.stories.past import handled
from tests.stories.town import Desk, Town

Towns = Callable[..., Town]
ZONE = ZoneInfo("Asia/Shanghai")
LONG = timedelta(seconds=30)
EVENING = datetime.fromisoformat("2026-03-01T23:30:00+08:00")
NIGHT = datetime.fromisoformat("2026-03-02T03:10:00+08:00")
BEFORE_THE_PEAK = datetime.fromisoformat("2026-03-02T10:58:00+08:00")
PEAK = datetime.fromisoformat("2026-03-02T11:05:00+08:00")


def words(call: Call) -> list[str]:
    """Everything that was said on this line, prompt by prompt."""
    return [heard.text for heard in call.transcript if heard.kind == "say"]


def last(call: Call) -> Heard:
    return [heard for heard in call.transcript if heard.kind == "say"][-1]


def at(town: Town, then: datetime) -> None:
    """Time passes until then."""
    assert town.now <= then, (town.now, then)
    while then - town.now > LONG:
        town.network.clock.advance(10)
        town.settle()
    town.passes((then - town.now).total_seconds())


def hears(town: Town, call: Call, text: str, *, within_s: float = 40) -> None:
    """These very words begin now, or soon."""
    town.until(lambda: words(call)[-1:] == [text], within_s=within_s, what=f"{text!r}; heard {words(call)}")


def panel(town: Town, desk: Desk) -> Any:
    """What the agent's page shows."""
    return town.switchboard.desk.view(desk.id, Language("en"))


def talks(town: Town, call: Call, desk: Desk) -> None:
    """The agent accepts; when the caller has been told whom they talk to, the two hear each other."""
    leg = desk.accepts()
    town.passes(4)
    call.meets(leg)


# ---- stolen funds at night, Mandarin -----------------------------------------------------------------------------------

GREETING = ["您好，欢迎致电tpWallet客服热线。中文服务请按1。", "For English, press 2."]
NOTICE = "本次通话可能录音或由主管旁听，不希望录音请按7。人工客服绝不会索要您的密码、助记词、私钥或验证码。"
MAIN = (
    "账户被盗或资金安全问题，请按1。转账与交易，请按2。充值与提现，请按3。退款，请按4。其他问题，请按5。"
    "人工服务请按0，重听请按9。"
)
ACCOUNT = (
    "资金正在被盗或刚被转走，请按1。异常登录或账户被锁，请按2。重置密码或双重验证，请按3。返回请按星号键，人工请按0。"
)
URGENT = "已按紧急资金安全处理，优先为您接通。请同时打开App，在安全中心冻结转出。"
URGENT_SENT = "冻结步骤的短信已发送到您的来电号码。"
IN_LINE = "已进入账户安全队列，客服会尽快接听，请保持电话畅通。"
AT_NIGHT = "夜间客服人员较少，等待可能稍长，感谢您的理解。"
NEXT = "您是下一位，请稍候。"
PREPARE = "等待时请准备好：账户邮箱、问题发生时间、交易编号和截图。"
CONNECTING = "正在为您接通三零零七号客服。"
RATE = "请为本次服务评分：非常满意请按5，非常不满意请按1。"
SOLVED = "问题解决了吗？已解决请按1，未解决请按2。"
BYE = "感谢来电，再见。"


def test_stolen_funds_at_night_in_mandarin(towns: Towns) -> None:
    town = towns(start=EVENING, instant_speech=False)
    night, other = at_ten_past_three(town)
    call = town.caller(ANA_CALLS)
    joined = says_that_money_is_leaving(town, call)
    other.hangs_up()
    town.settle()
    at(town, joined + timedelta(seconds=41))
    night.finishes()
    assert night.state.call == call.sid, "priority 100 puts the caller before the one who waited longer"
    talks(town, call, night)
    town.record()
    reads_the_panel(town, night)
    number = rates_and_hears_the_number(town, call, night)
    hears(town, call, BYE)
    town.until(lambda: call.over, what="the end")

    spelled = spell(number, Language("zh"))
    assert words(call) == [
        *(*GREETING, NOTICE, MAIN, ACCOUNT, URGENT, URGENT_SENT, IN_LINE, AT_NIGHT, NEXT, PREPARE, CONNECTING),
        *(RATE, SOLVED, f"您的工单号是{spelled}，再说一遍，{spelled}。同时会发送短信。", BYE),
    ]
    assert every_text(town, ANA_CALLS) == [
        "【tpWallet】紧急冻结：打开App>安全中心>冻结转出。客服正在接入。",
        f"【tpWallet】工单{number}，账户安全。我们不会索要密码、助记词、私钥或验证码。",
    ]
    record = town.ended(call)
    [stay] = record.segments
    assert (stay.priority, stay.wait, stay.outcome) == (100, timedelta(seconds=41), facts.Outcome.ANSWERED)
    assert (record.score, record.solved, record.end) == (5, "yes", facts.CallEnd.ANSWERED)


def at_ten_past_three(town: Town) -> tuple[Desk, Call]:
    """The night agent is on a call, somebody else waits, and the caller has rung in the evening already."""
    earlier = town.caller(ANA_CALLS)  # hung up before the line was chosen: the first of two calls in 24 hours
    earlier.hangs_up()
    town.settle()
    town.network.clock.advance(3.6 * 3600)
    night = town.agent("3007", skills={"account_security": 5, "other": 5}).available()
    other = town.caller("+8613800138001")
    town.presses(other, "1")
    hears(town, other, MAIN)
    town.presses(other, "0")
    town.passes(1)
    talks(town, other, night)
    assert night.presence is Presence.ON_CALL, "the night agent is on a call"
    waiting = town.caller("+8613800138002")
    town.presses(waiting, "1")
    hears(town, waiting, MAIN)
    town.presses(waiting, "0")
    at(town, NIGHT)
    return night, other


def says_that_money_is_leaving(town: Town, call: Call) -> datetime:
    """From the greeting to the place in line. When that was taken."""
    hears(town, call, GREETING[1])
    town.presses(call, "1")
    hears(town, call, NOTICE)
    hears(town, call, MAIN)
    town.passes(0.5)  # three words of it
    town.presses(call, "1")
    hears(town, call, ACCOUNT, within_s=0)
    assert [heard.interrupted for heard in call.transcript if heard.text == MAIN] == [True]
    town.passes(2)
    town.presses(call, "1")
    hears(town, call, URGENT, within_s=0)
    town.until(lambda: len(every_text(town, ANA_CALLS)) == 1, what="the freeze steps")
    hears(town, call, NEXT)
    joined = town.session(call).entered_at
    assert joined is not None
    return joined


def reads_the_panel(town: Town, night: Desk) -> None:
    """account security > money leaving now, zh, urgent, waited 0:41, unverified, 2 calls in 24 h."""
    view = panel(town, night)
    card = view.call.card
    assert card.path == ("Account security", "Money leaving now")
    assert (card.language, card.urgent, card.verified, view.matter.why) == ("zh", True, "", ("menu",))
    assert view.call.connected_at - card.queued_at == timedelta(seconds=41)
    assert view.matter.calls_24h == 2


def rates_and_hears_the_number(town: Town, call: Call, night: Desk) -> str:
    """The agent ends the talk. The number of the case."""
    case = case_of(town, call)
    town.passes(60)
    night.ends()
    night.finishes()
    hears(town, call, RATE, within_s=2)
    town.presses(call, "5")
    hears(town, call, SOLVED, within_s=0)
    town.presses(call, "1")
    spelled = spell(case.number, Language("zh"))
    hears(town, call, f"您的工单号是{spelled}，再说一遍，{spelled}。同时会发送短信。", within_s=0)
    return case.number


# ---- late transfer at the peak, English --------------------------------------------------------------------------------

CODE = "4817"
LATE_TRANSFER = [
    "您好，欢迎致电tpWallet客服热线。中文服务请按1。",
    "For English, press 2.",
    "This call may be recorded or heard by a supervisor. To opt out of recording, press 7. Our agents will never ask for your password, recovery phrase, private key or passcode.",
    (
        "If your account or money is at risk, press 1. Transfers and transactions, press 2. Deposits and withdrawals, press 3. "
        "Refunds, press 4. Anything else, press 5. For an agent, press 0. To repeat, press 9."
    ),
    (
        "Transfer late or not received, press 1. Wrong amount or wrong recipient, press 2. Check a transaction, press 3. "
        "To go back, press star. For an agent, press 0."
    ),
    "When did it happen? Today, press 1. In the last seven days, press 2. Earlier, press 3. Not sure, press 4.",
    "If you have a case number, enter its 8 digits and press pound. If not, just press pound.",
    "To send screenshots or type your account e-mail, press 1 and we text you a secure link. Otherwise press 2.",
    "The text message is on its way. The link works for 24 hours.",
    "You are in line for transfers. The expected wait is about 9 minutes. Please stay on the line.",
]
OPTIONS = "To keep your place and be called back, press 1. To leave a message, press 2. To keep waiting, do nothing."
WAITING = [
    OPTIONS,
    "While you wait, please have ready: your account e-mail, the time it happened, the transaction number and any screenshots.",
    "The expected wait is now about 6 minutes.",
    OPTIONS,
]
REGISTRATION = [
    "We will call the number you are calling from, ending in 8 0 0 0. To confirm, press 1. For another number, press 2.",
    "To be called as soon as it is your turn, press 1. To choose a time, press 2.",
    (
        "You are registered. We expect to call today between 11 and 11:30 a.m. We will open with the four-digit code 4 8 1 7. "
        "Again, 4 8 1 7. If the code is wrong, hang up."
    ),
]
CALL_OUT = [
    (
        "Hello, this is tpWallet support calling back as you asked. The code is 4 8 1 7. To talk now, press 1. "
        "To be called later, press 2. If you no longer need it, press 3."
    ),
    "An agent will be with you in a moment.",
    "Connecting you to agent 3 0 0 1.",
]


def test_late_transfer_at_the_peak_in_english(towns: Towns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its customer is called back within decent hours, so is at home in Shanghai."""
    monkeypatch.setattr("ivr.wiring.draw_code", lambda: CODE)
    town = towns(start=BEFORE_THE_PEAK, instant_speech=False)
    handled(town, "transfers", at=PEAK)  # six minutes each, yesterday
    first, second = two_who_talk(town)
    at(town, PEAK)
    call = town.caller(ANA_CALLS)
    keeps_the_place(town, call, first)
    asked_at = town.now
    hears(town, call, REGISTRATION[2], within_s=0)
    town.until(lambda: call.over, what="the end of the call")
    number = case_of(town, call).number
    spelled = spell(number, Language("en"))
    read = f"Your case number is {spelled}. Again, {spelled}. We also send it by text message."
    assert words(call) == [*LATE_TRANSFER, *WAITING, *REGISTRATION, read]
    link, *texts = every_text(town, ANA_CALLS)
    assert re.fullmatch(rf"tpWallet case {number}: add details or files at http\S+ \. Valid 24 hours\.", link)
    assert texts == [
        f"tpWallet case {number}, transfers. We never ask for passwords, recovery phrases, private keys or codes.",
        (
            "tpWallet callback booked for today between 11 and 11:30 a.m. Code 4817. Reply STOP to cancel. "
            "Please have ready: account e-mail, time it happened, transaction number, screenshots."
        ),
    ]

    next_one(first)  # who stood ahead is served meanwhile; then it is the promise's turn
    is_called_back(town, first, connected_at=asked_at + timedelta(minutes=7, seconds=40))
    assert second.presence is Presence.ON_CALL
    told(town, call)


def keeps_the_place(town: Town, call: Call, first: Desk) -> None:
    """From the greeting to the key that asks for a call as soon as it is the caller's turn."""
    for text, key in zip(LATE_TRANSFER[1:8], ("2", "", "2", "1", "1", "#", "1"), strict=True):
        hears(town, call, text)
        town.passes(1)
        town.presses(call, key)
    hears(town, call, OPTIONS)
    joined = town.session(call).entered_at
    assert joined is not None
    next_one(first)
    at(town, joined + timedelta(seconds=60))
    hears(town, call, OPTIONS, within_s=20)
    assert words(call) == [*LATE_TRANSFER, *WAITING]
    town.presses(call, "1")
    for text in REGISTRATION[:2]:
        hears(town, call, text, within_s=0)
        town.presses(call, "1")


def is_called_back(town: Town, first: Desk, *, connected_at: datetime) -> None:
    """Rings fifteen seconds, listens for fifteen, presses 1; the agent joins after six."""
    phone = town.network.phone(ANA_CALLS)
    at(town, connected_at - timedelta(seconds=36))
    assert not phone.is_ringing
    first.ends()
    first.finishes()
    assert phone.is_ringing
    assert f"{town.now.astimezone(ZONE):%H:%M}" == "11:13"
    town.passes(14)
    back = phone.answers()
    hears(town, back, CALL_OUT[0], within_s=1)
    at(town, connected_at - timedelta(seconds=6))
    town.presses(back, "1")
    hears(town, back, CALL_OUT[1], within_s=0)
    at(town, connected_at)
    first.joins()
    hears(town, back, CALL_OUT[2], within_s=1)
    town.passes(4)
    back.meets(first.leg)
    assert words(back) == CALL_OUT
    view = panel(town, first)
    assert view.call.card.path == ("Transfers", "Late or not received")

    back.hangs_up()
    town.settle()
    first.finishes()


def two_who_talk(town: Town) -> tuple[Desk, Desk]:
    """Two agents for transfers are on calls, and two more callers wait for them."""
    desks = (town.agent("3001", skills={"transfers": 5}), town.agent("3002", skills={"transfers": 5}))
    for number, desk in enumerate((*desks, None, None)):
        if desk:
            desk.available()
        caller = town.caller(f"+861380013820{number}")
        town.presses(caller, "1")
        hears(town, caller, MAIN)
        town.presses(caller, "2")
        town.passes(1)
        town.presses(caller, "22")
        if desk:
            talks(town, caller, desk)
    return desks


def next_one(desk: Desk) -> None:
    """The agent's talk is over, and the next caller in line is answered."""
    desk.ends()
    desk.finishes()
    desk.accepts()
    assert desk.presence is Presence.ON_CALL


def told(town: Town, call: Call) -> None:
    """What the reports say of the half hour in which the caller joined, and of the promise."""
    town.record()
    day = town.now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    query = ReportQuery(start=day, end=day + timedelta(days=1), zone=ZONE, step=Step.HALF)
    eleven = PEAK.replace(minute=0)
    half = next(
        row for row in town.switchboard.reports.waits(query).rows if row.interval and row.interval.start == eleven
    )
    assert (half.counts.offered, half.counts.flow_out) == (1, 1)
    assert (half.counts.answered, half.counts.abandoned, half.counts.lost) == (0, 0, 0), "not an abandon"
    figures = town.switchboard.reports.callbacks(query).totals[-1].figures
    assert (figures.requested, figures.sums.completed, figures.sums.pending) == (1, 1, 0)
    assert figures.to_connected == timedelta(minutes=7, seconds=40)
    assert figures.promise_kept.value == 1.0
    [promise] = promises(town)
    assert promise.call == call.sid
