"""The wallet hotline, walked through the same rules as a live call."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr import menu_tools
from ivr.core.ids import Language, PromptId, TopicId
from ivr.core.session import State
from ivr.storage.files.menus import load_menu
from ivr.storage.files.wording import spoken_seconds
from ivr.telephony.numbers import caller_of

ROOT = Path(__file__).parents[2]
WALLET = load_menu(ROOT / "menus" / "wallet.yaml")
NOW = datetime(2026, 11, 24, 3, 5, tzinfo=UTC)
MOBILE = "+8613812345678"
GOOD_CASE = "12345674"
"""Eight digits that pass the check digit."""


class Heard:
    """What one walk printed, asked, and came to."""

    def __init__(self, *answers, at="11:05", caller=MOBILE, tree=WALLET):
        self.lines: list[str] = []
        left = list(answers)
        walk = menu_tools.Walk(
            tree=tree,
            at=menu_tools.time_of(at, tree.zone, NOW),
            out=self.lines.append,
            ask=lambda _: left.pop(0) if left else "q",
            caller=caller_of(caller),
        )
        self.session = walk.run()
        self.unused = left

    @property
    def text(self):
        return "\n".join(self.lines)

    def queue(self):
        return [line for line in self.lines if line.startswith("-- queue")]


@pytest.mark.parametrize(
    ("keys", "queue"),
    [
        (("1", "1", "1", "1"), "account_security, priority 100"),
        (("1", "1", "1", "2", "#"), "account_security, priority 60"),
        (("1", "1", "2", "1", "1", "#", "2"), "transfers, priority 30"),
        (("1", "1", "2", "1", "1", "#", "1"), "transfers, priority 30"),
        (("1", "1", "2", "2", "1"), "transfers, priority 50"),
        (("1", "1", "2", "3", "#", "#", "2"), "transfers, priority 30"),
        (("1", "1", "3", "1", "4", "#", "1"), "deposits_withdrawals, priority 30"),
        (("1", "1", "3", "2", "482106#", "2", f"{GOOD_CASE}#", "1", "1"), "deposits_withdrawals, priority 40"),
        (("1", "1", "3", "3", "0"), "deposits_withdrawals, priority 30"),
        (("1", "1", "4", "1", "3", "#", "1"), "refunds, priority 30"),
        (("1", "1", "4", "2", f"{GOOD_CASE}#", "1", "0"), "refunds, priority 30"),
        (("1", "1", "5", "2"), "other, priority 20"),
        (("1", "1", "5", "3"), "complaints, priority 20"),
        (("1", "1", "5", "4", "2"), "other, priority 20"),
        (("1", "1", "0"), "other, priority 30"),
    ],
)
@pytest.mark.parametrize("language", ["1", "2"])
def test_every_way_through_the_menu_ends_in_its_queue(keys, queue, language):
    # The second key is passed on by the notice: pressed ahead, as regular callers do.
    heard = Heard(language, *keys[2:] if keys[1] == "1" else keys[1:])
    [line] = heard.queue()
    assert queue in line
    assert f", {'zh' if language == '1' else 'en'}," in line
    assert heard.unused == []


def test_late_transfer_keeps_path_answers_and_case_number():
    heard = Heard("2", "", "2", "1", "1", f"{GOOD_CASE}#", "1", "2")
    assert heard.session.path == ("transfers", "late")
    assert heard.session.answers == {"when": "today", "case": GOOD_CASE}
    assert "You entered 1 2 3 4, 5 6 7 4. If that is right, press 1." in heard.text


def test_a_wrong_case_number_is_said_at_once_and_never_traps_the_caller():
    heard = Heard("2", "", "2", "3", "#", "12345675#", "12345675#", "12345675#", "2")
    assert heard.text.count("That case number is not valid.") == 2
    assert "transfers, priority 30" in heard.queue()[0]


def test_stolen_funds_at_night_send_the_freeze_steps_and_go_to_the_critical_lane():
    heard = Heard("1", "1", "1", at="03:10")
    assert "[text message] 【tpWallet】紧急冻结" in heard.text
    assert "priority 100, zh, path: account_security > money_leaving" in heard.text
    assert "夜间客服人员较少" in heard.text
    assert heard.text.index("优先为您接通") < heard.text.index("短信已发送")


def test_a_caller_without_a_mobile_number_is_not_told_of_a_text():
    heard = Heard("2", "1", "1", caller="anonymous")
    assert "text message" not in heard.text
    assert "priority 100" in heard.queue()[0]


@pytest.mark.parametrize(
    ("caller", "said"), [(MOBILE, "人工客服"), ("+12025550147", "Our agents"), ("anonymous", "人工客服")]
)
def test_without_a_key_the_language_is_guessed_from_the_country(caller, said):
    heard = Heard("", caller=caller)
    assert said in heard.text


def test_zero_at_the_very_first_prompt_reaches_a_person_who_is_preceded_by_the_warning():
    heard = Heard("0")
    assert "other, priority 30" in heard.queue()[0]
    assert "人工客服绝不会索要您的密码" in heard.text


def test_nine_repeats_star_goes_back_eight_changes_language_sharp_slows_down():
    heard = Heard("1", "", "9", "2", "*", "8", "*", "#")
    mains = [line for line in heard.lines if "重听请按9" in line or "To repeat, press 9" in line]
    assert [line.split(":")[0] for line in mains] == ["zh", "zh", "zh", "en", "en", "en (slow)"]
    assert "en: You are at the main menu." in heard.lines


def test_two_silences_or_two_unknown_keys_lead_to_a_person():
    silent = Heard("1", "", "", "")
    assert "没有听到您的按键" in silent.text
    assert "如果不方便按键" in silent.text
    lost = Heard("1", "", "7", "7")
    assert "这个按键没有对应的服务" in lost.text
    assert "没关系，我直接为您转接人工" in lost.text
    assert len(silent.queue()) == len(lost.queue()) == 1


def test_a_closed_desk_says_its_hours_and_offers_message_and_urgent_lane():
    heard = Heard("1", "5", "3", "1", "20", "#", at="2026-11-22T03:10")
    assert "投诉与建议的服务时间是工作日9点到18点，现在已下班" in heard.text
    assert heard.queue() == []
    assert "留言已收到。我们会在周二9点前答复。" in heard.text
    assert heard.session.state is State.ENDED
    assert heard.session.recorded_s == 20
    urgent = Heard("1", "5", "3", "3", at="2026-11-22T03:10")
    assert "account_security, priority 100" in urgent.queue()[0]


def test_a_long_wait_offers_a_message_and_keeps_the_urgent_lane():
    heard = Heard("2", "1", "1", "+61s", "n", "+31m", "")
    assert "the security officer on call" in heard.text
    assert "We are sorry that you have waited so long." in heard.text
    assert [line.split(", ")[1] for line in heard.queue()] == ["priority 100", "priority 100", "priority 100"]
    message = Heard("2", "4", "2", "#", "+31m", "2", "", "#")
    assert "We have your message" in message.text


def test_a_link_for_evidence_is_texted_only_to_a_mobile_number():
    heard = Heard("2", "2", "2", "1")
    assert "[text message] tpWallet case 25061607: add details or files at https://" in heard.text
    assert "The text message is on its way. The link works for 24 hours." in heard.text
    withheld = Heard("2", "2", "2", "1", caller="anonymous")
    assert "text message]" not in withheld.text
    assert "That is fine, an agent will ask you." in withheld.text
    assert len(withheld.queue()) == 1


def test_two_while_waiting_leaves_a_message():
    heard = Heard("2", "2", "2", "2", "", "", "2", "", "#")
    assert "After the tone" in heard.text
    assert heard.session.recorded_s == menu_tools.MESSAGE_S


def test_self_service_answers_by_text_and_goes_on():
    heard = Heard("2", "5", "1", "1", "1", "3", "3", "1")
    assert "https://help.tpwallet.example/chat" in heard.text
    assert "support@help.tpwallet.example" in heard.text
    assert "https://help.tpwallet.example/fees" in heard.text


@pytest.mark.parametrize("prompt", ["greet_language", "main", "account", "queue_enter", "info_channels"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_prompts_are_short_enough_to_listen_to(prompt, language):
    assert 1 < spoken_seconds(WALLET.prompts[PromptId(prompt)], Language(language), WALLET) <= 20


def test_security_widens_to_everybody_within_a_minute():
    security = WALLET.topic(TopicId("account_security"))
    assert [(step.after.total_seconds(), step.level) for step in security.relax] == [(30, 1), (60, 0), (120, 0)]


@pytest.mark.parametrize("name", ["whisper", "accept_key", "offer_over", "cut_off", "bye", "no_input_1", "already_top"])
def test_every_prompt_that_the_rules_say_by_name_is_there_in_both_languages(name):
    assert set(WALLET.prompts[PromptId(name)].segments) == {"zh", "en"}


def test_a_walk_tries_out_a_callback_from_the_queue_to_the_promise():
    heard = Heard("2", "0", "+2m", "", "1", "1", "1")
    assert "To keep your place and be called back, press 1" in heard.text
    assert "4 8 2 1" in heard.text, heard.text
    assert heard.unused == []
    assert heard.session.state is State.ENDED
    assert "goes round" not in heard.text


def test_a_walk_with_a_number_that_may_not_be_called_asks_for_another():
    heard = Heard("2", "0", "+2m", "", "1", "13812345678#", "1", "1", caller="+12425550123")
    assert "4 8 2 1" in heard.text, heard.text
    assert heard.unused == []
