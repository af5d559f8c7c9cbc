"""What callers can ask the menu for, in the sentences of the customer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.core.calls import advance, begin
from ivr.core.draft import Draft
from ivr.core.events import CallArrived, StepAsked
from ivr.core.ids import CallId, Language
from ivr.core.instructions import Gather, Speak
from ivr.core.menus import Collect, Menu, Queue
from ivr.core.session import State
from ivr.core.walk import enter
from ivr.menu_replay import recorded, replay
from ivr.storage.files.menus import check_menu, load_menu
from ivr.storage.files.phrases import banned
from ivr.storage.sql.key_paths import KeyPaths
from ivr.telephony.numbers import caller_of
from tests.stories.town import MORNING, ROOT

WALLET = load_menu(ROOT / "menus" / "wallet.yaml", recordings=ROOT / "recordings")
UTILITIES = load_menu(ROOT / "menus" / "examples" / "utilities.yaml", recordings=ROOT / "recordings")
STOPS = [node for node in WALLET.nodes.values() if isinstance(node, Menu | Collect)]


def goes_on(town, call):
    """Answer what is asked on the way: the first choice of a menu, and no digits."""
    for _ in range(8):
        session = town.session(call)
        if session.state is State.MENU:
            town.presses(call, "1" if isinstance(WALLET.nodes[session.node or WALLET.start], Menu) else "#")


def test_c01_one_two_one_waits_for_transfers_and_the_agent_sees_the_path_before_answering(town):
    ana = town.agent("ana", skills={"transfers": 5}).available()
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "21")
    goes_on(town, call)
    session = town.session(call)
    assert (session.topic, session.path) == ("transfers", ("transfers", "late"))
    for language, path in (("zh", ("转账与交易", "延迟或未到账")), ("en", ("Transfers", "Late or not received"))):
        view = town.switchboard.desk.view(ana.id, Language(language))
        assert view.offer is not None
        assert view.offer.card.path == path
    call.meets(ana.accepts())
    ana.ends()
    town.settle()


def test_c02_a_changed_address_is_heard_by_the_next_call_in_both_languages_and_stands_in_the_text(hotline):
    town = hotline.town
    before = town.caller("+8613800138000")
    town.presses(before, "2")
    town.passes(2)
    hotline.changes(
        ("  chat:\n    weekly: {mon-sun: '09:00-18:00'}", "  chat:\n    weekly: {mon-sun: '08:00-22:00'}"),
        ("https://help.tpwallet.example/chat", "https://help.tpwallet.example/talk-to-us"),
        ("support@help.tpwallet.example\n    within: 24h", "hello@help.tpwallet.example\n    within: 48h"),
    )
    town.presses(before, "51")
    before.hears("every day, 9 a.m. to 6 p.m. E-mail is usually answered within 24 hours.")
    before.hangs_up()
    for number, key, words, promise in (
        ("+8613800138001", "1", "每天8点到22点", "。邮箱通常48小时内回复"),
        ("+8613800138002", "2", "every day, 8 a.m. to 10 p.m.", " E-mail is usually answered within 48 hours"),
    ):
        call = town.caller(number)
        town.presses(call, key)
        town.passes(2)
        town.presses(call, "51")
        call.hears(words + promise)
        town.presses(call, "1")
        call.hangs_up()
        town.settle()
        [text] = [message.body for message in town.network.rest.messages.made.values() if message.to == number]
        assert "https://help.tpwallet.example/talk-to-us" in text
        assert "hello@help.tpwallet.example" in text
        assert words in text


@pytest.mark.parametrize(("key", "word"), [("1", "late"), ("2", "wrong"), ("3", "status")])
def test_c15_each_of_the_three_keys_of_transfers_is_a_path_of_its_own(town, key, word):
    ana = town.agent("ana", skills={"transfers": 5, "other": 5}).available()
    call = town.caller()
    town.presses(call, "1")
    town.passes(2)
    town.presses(call, "2" + key)
    assert town.session(call).path == ("transfers", word)
    goes_on(town, call)
    view = town.switchboard.desk.view(ana.id, Language("en"))
    assert view.offer is not None
    assert len(view.offer.card.path) == 2
    call.meets(ana.accepts())
    ana.ends()
    town.settle()
    record = town.ended(call)
    assert [segment.path for segment in record.segments] == [("transfers", word)]


def at(node: str, language: str):
    """A caller who stands at a node of the wallet."""
    arrived = CallArrived(
        at=MORNING,
        call=CallId("CA" + "0" * 32),
        caller=caller_of("+8613800138000"),
        dialled=WALLET.numbers[0],
        language=Language(language),
    )
    draft = Draft(begin(arrived, WALLET), MORNING, WALLET)
    enter(draft, node)
    return draft.step()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("node", STOPS, ids=[node.id for node in STOPS])
def test_c18_zero_at_any_prompt_leads_to_a_person_and_cuts_the_words_off(node, language):
    asked = at(node.id, language)
    assert asked.session.node == node.id
    [listening] = [one for one in asked.instructions if isinstance(one, Gather)]
    if (
        getattr(node, "prompt", None) != WALLET.recording_notice
    ):  # which is heard whole (2.1): the 0 counts right after it
        assert not [one for one in asked.instructions if isinstance(one, Speak)], "words that no key cuts off"
        assert "".join(sound.text + (sound.audio or "") for sound in listening.sounds), "said inside what listens"
    pressed = StepAsked(at=MORNING + timedelta(seconds=1), keys="0", finished=isinstance(node, Collect))
    answered = advance(asked.session, pressed, WALLET).session
    assert answered.state is State.QUEUED
    assert answered.node is not None
    here = WALLET.nodes[answered.node]
    assert isinstance(here, Queue)
    person = getattr(node, "person", None)
    if person in (None, "operator", "notice_operator"):
        assert (answered.topic, here.id) == ("other", "operator")


@pytest.mark.parametrize("keys", ["", "1", "2", "5", "53"])
def test_c18_zero_on_the_line_while_the_words_are_spoken(town, keys):
    call = town.caller()
    town.presses(call, "1")
    town.presses(call, keys + "0")
    assert town.session(call).topic in ("other", "complaints")
    assert town.session(call).state is State.QUEUED
    call.hangs_up()


@pytest.mark.parametrize("tree", [WALLET, UTILITIES], ids=lambda tree: tree.hotline)
def test_c46_no_prompt_blames_the_caller_or_asks_for_a_secret(tree):
    said = {
        (prompt.id, language): segment.text
        for prompt in tree.prompts.values()
        for language, segments in prompt.segments.items()
        for segment in segments
    }
    assert {place: found for place, text in said.items() if (found := banned(text))} == {}
    assert len(said) > 20


@pytest.mark.parametrize(
    "phrase", ["You pressed the wrong key.", "You failed to answer.", "您按错了。", "请输入您的密码。"]
)
def test_c46_a_menu_that_does_is_refused(tmp_path, phrase):
    file = tmp_path / "m.yaml"
    language = "en" if phrase.isascii() else "zh"
    text = (ROOT / "menus" / "examples" / "utilities.yaml").read_text(encoding="utf-8")
    old = {"en": "en: You are next. Please hold.", "zh": "zh: 您是下一位，请稍候。"}[language]
    assert old in text
    file.write_text(text.replace(old, f"{language}: {phrase}"), encoding="utf-8")
    [problem] = check_menu(file, recordings=ROOT / "recordings").problems
    assert f"you_are_next > {language}: " in str(problem)


def test_swapping_two_keys_reports_exactly_the_calls_that_pressed_them(town, tmp_path):
    ways = ["22", "22", "21-", "3", "32", "0", "12", "52", "", "2"]
    for number, keys in enumerate(ways):
        call = town.caller(f"+861380013{number:04}")
        town.presses(call, "2")
        town.passes(2)
        for key in keys:
            town.passes(6) if key == "-" else town.presses(call, key)
        call.hangs_up()
        town.settle()
    town.record()
    file = tmp_path / "swapped.yaml"
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    two, three = (
        "'2': {goto: transfers_incident, path: transfers,",
        "'3': {goto: deposits_incident, path: deposits_withdrawals,",
    )
    assert two in text
    assert three in text
    file.write_text(
        text.replace(two, two.replace("2", "3", 1)).replace(three, three.replace("3", "2", 1)), encoding="utf-8"
    )
    swapped = check_menu(file, recordings=ROOT / "recordings").tree
    assert swapped is not None
    paths = KeyPaths(town.switchboard.engine).between("wallet", MORNING, town.now + timedelta(hours=1))
    calls = [one for call, noted in paths if (one := recorded(call, noted))]
    assert len(calls) == len(ways)
    found = replay(calls, WALLET, swapped)
    assert (found.calls, found.strange) == (10, 0)
    assert found.affected == sum(keys[:1] in ("2", "3") for keys in ways) == 6
    [most, *_] = found.moved.most_common(1)
    assert most[1] == 2
    assert "verify_withdrawals" in most[0].new
    assert replay(calls, WALLET, WALLET).affected == 0


def test_a_shorter_way_is_told_in_seconds_of_speech(town, tmp_path):
    for number in range(3):
        call = town.caller(f"+861380013{number:04}")
        town.presses(call, "2")
        town.passes(2)
        town.presses(call, "4")
        call.hangs_up()
        town.settle()
    town.record()
    file = tmp_path / "shorter.yaml"
    text = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
    old = "Refunds, press 4. Anything else, press 5."
    first = "If your account or money is at risk, press 1. "
    assert f"    en: {first}" in text
    moved = text.replace(old, "Anything else, press 5.").replace(
        f"    en: {first}", f"    en: Refunds, press 4. {first}", 1
    )
    file.write_text(moved, encoding="utf-8")
    new = check_menu(file, recordings=ROOT / "recordings").tree
    assert new is not None
    paths = KeyPaths(town.switchboard.engine).between("wallet", MORNING, town.now + timedelta(hours=1))
    found = replay([one for call, noted in paths if (one := recorded(call, noted))], WALLET, new)
    assert found.affected == 0
    words_before = 10 + 5 + 5  # risk; transfers; deposits and withdrawals
    assert found.saved == pytest.approx(3 * words_before / 2.8, rel=0.25)
    assert any("s saved in all" in line for line in found.lines())
