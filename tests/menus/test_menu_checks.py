"""What `menu check` refuses and warns about, each with file, line and path (`DOMAIN.md` 2.4)."""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.errors import OperatorError
from ivr.storage.files.menus import Menus, check_menu, load_menu, load_menus
from ivr.storage.files.menus_in_use import MenusInUse

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "menus" / "examples" / "utilities.yaml").read_text(encoding="utf-8")
WALLET = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
WALLET_VALUE = yaml.load(WALLET, Loader=yaml.CSafeLoader)
RECORDINGS = ROOT / "recordings"


def judged(tmp_path, text, name="m.yaml"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return check_menu(file, recordings=RECORDINGS, name=name)


def changed(*changes):
    text = EXAMPLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # Names that stand for nothing.
        ("'1': {goto: faults, path: faults}", "'1': fault", "main > choices > 1: goes to 'fault', which no node is called; did you mean 'faults'?"),
        ("start: main", "start: mian", "start: goes to 'mian', which no node is called; did you mean 'main'?"),
        ("prompt: main", "prompt: mani", "main > prompt: says 'mani', which no prompt is called; did you mean 'main'?"),
        ("queue: {topic: faults}", "queue: {topic: fault}", "faults > topic: names 'fault', which no topic is called; did you mean 'faults'?"),
        ("calendar: office\n    skills", "calendar: offices\n    skills", "topics > accounts > calendar: names 'offices', which no calendar is called; did you mean 'office'?"),
        ("default_language: en", "default_language: fr", "default_language: names 'fr', which no language is called"),
        ("options: {'1': account_message}", "options: {'1': nowhere}", "topics > accounts > options > 1: goes to 'nowhere', which no node is called"),
        # Fields and types.
        ("voice: Polly.Amy-Neural", "voice: Polly.Zhiyu-Neural", "languages > en > voice: 'Polly.Zhiyu-Neural' speaks cmn-CN, not en-GB"),
        ("locale: cmn-CN", "locale: cmn-CM", "languages > zh > locale: 'cmn-CM' is not a language of the carrier; did you mean 'cmn-CN'?"),
        ("numbers: ['+442079460123']", "numbers: ['+4420']", "numbers > 0: must be a valid number with + and country code, in quotes"),
        ("zone: Europe/London", "zone: Europe/Londn", "zone: must be a time zone such as Asia/Shanghai"),
        ("person: accounts_open\n", "", "m.yaml:1: needs 'person'"),
        ("max_digits: 10", "max_digit: 10", "accounts > max_digit: is not known here; did you mean 'max_digits'?"),
        ("after: 10m", "after: 10 minutes", "topics > faults > overflow > after: must be a duration such as 15s, 10m or 2h"),
        ("after: 10m", "after: 10", "topics > faults > overflow > after: must be a duration such as 15s, 10m or 2h"),
        ("weekly:", "country: ZZ\n    weekly:", "calendars > office > country: no holidays are known for ZZ: list the dates under holidays"),
        ("weekly:", "region: BY\n    weekly:", "calendars > office > region: needs a country beside it"),
        ("priority: 60", "closing: nowhere\n    priority: 60", "topics > faults > closing: goes to 'nowhere', which no node is called"),
        ("priority: 60", "closing: faults\n    priority: 60", "topics > faults > closing: a topic that never closes needs none"),
        ("queue: {topic: faults}", "queue: {topic: faults, overflow: {after: 5s, goto: main}}", "faults > overflow > after: must be at least 30s"),
        ("priority: 60", "priority: high", "topics > faults > priority: must be a whole number"),
        ("priority: 60", "priority: 101", "topics > faults > priority: must be at most 100"),
        ("skills: {faults: 2}", "skills: {}", "topics > faults > skills: must not be empty"),
        ("    calendar: always\n", "", "topics > faults: needs 'calendar': the name of one, or always"),
        ("sat: '09:00-12:00'", "sta: '09:00-12:00'", "calendars > office > weekly > sta: must be days such as mon, mon-fri or sat-sun"),
        ("sat: '09:00-12:00'", "sat: '9-12'", "calendars > office > weekly > sat: must be hours such as '09:00-18:00', a list of them, or closed"),
        ("sat: '09:00-12:00'", "fri-sat: '09:00-12:00'", "names a day that another line has too"),
        ("    queue: {topic: faults}", "    quoue: {topic: faults}", "faults: is not a kind of node; did you mean 'queue'?"),
        ("    queue: {topic: faults}", "    lookup: {url: https://core.example/x}", "faults: needs 'default'"),
        ("    queue: {topic: faults}", "    lookup: {default: main}", "faults: needs either 'url' or 'hook'"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, hook: 'house.core:level'}", "faults: needs either 'url' or 'hook'"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: 'https://me:pw@core.example/x'}", "faults > url: must be an address such as https://core.bank.example/hotline"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, timeout: 3s}", "faults > timeout: must be 1s"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, method: get, send: [number]}", "faults > send: number, answers and path would stand in the address"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, sets: {level: 'a[0]'}}", "faults > sets > level: must say where in the reply it stands"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, sets: {level: level}, cases: {gold: nowhere}}", "faults > cases > gold: goes to 'nowhere', which no node is called"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, sets: {a: a, b: b}, cases: {gold: main}}", "faults > by: must name the answer that chooses the case"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, sets: {a: a}, by: c, cases: {gold: main}}", "faults > by: names 'c', which no answer under sets is called"),
        ("    queue: {topic: faults}", "    collect: {prompt: main, store: pin, goto: main, secret: true, confirm: main}", "> confirm: a secret is never read back"),
        ("    queue: {topic: faults}", "    lookup: {default: main, url: https://core.example/x, secret: 'my secret'}", "faults > secret: must be the name of a secret"),
        ("    queue: {topic: faults}", "    verify: {goto: nowhere}", "faults > goto: goes to 'nowhere', which no node is called"),
        ("    queue: {topic: faults}", "    queue: {topic: faults}\n    goto: main", "faults: must name one kind of node"),
        ("'1': {goto: faults, path: faults}", "1: {goto: faults, path: faults}", "main > choices: the key 1 must be text: put it in quotes"),
        ("'1': {goto: faults, path: faults}", "'0': {goto: faults, path: faults}", "main > choices > 0: the key 0 means a person everywhere: use 1 to 8"),
        ("'1': {goto: faults, path: faults}", "'*': {goto: faults, path: faults}", "main > choices > *: the key * means back everywhere: use 1 to 8"),
        ("'1': {goto: faults, path: faults}", "'12': {goto: faults, path: faults}", "main > choices > 12: '12' is not a key: use 1 to 8"),
        ("'2': {goto: accounts, path", "'1': {goto: accounts, path", "main > choices > 1: is there twice, first on line"),
        ("music: music.wav", "music: ../music.wav", "topics > faults > music: must be the name of a file in recordings/"),
        ("music: music.wav", "music: jazz.wav", "topics > faults > music: needs its pieces in recordings/ (see docs/menus.md): jazz-1.wav"),
        ("    zh: 谢谢，我们会在下一个工作日给您回电。", "    zh: {text: 谢谢, audio: thanks.wav}", "prompts > recorded > zh > audio: names the file thanks.wav, which is not in recordings/"),
        ("    queue: {topic: faults}", "    transfer: {number: '+442079460123', failed: main}", "faults > number: is this hotline's own number: callers would go in circles"),
        ("    queue: {topic: faults}", "    transfer: {number: '+19005551234', failed: main}", "faults > number: must be a valid number with + and country code, in quotes, and no premium or shared-cost one"),
        ("    queue: {topic: faults}", "    transfer: {number: 'sip:x@y', failed: main}", "faults > number: must be a valid number"),
        ("'2': {goto: accounts, path: accounts}", "'2': {goto: accounts, path: accounts}" + "".join(f"\n        '{n}': {{goto: faults, path: p{n}}}" for n in range(3, 9)), "main > choices: has 8 options"),
        ("menu:\n      prompt: main", "Menu:\n      prompt: main", "did you mean 'menu'?"),
        # Where callers get to.
        ("goodbye:\n    hangup: {prompt: bye}", "goodbye:\n    hangup: {prompt: bye}\n  lost:\n    queue: {topic: faults}", "lost: is never reached"),
        ("      person: faults\n", "", "accounts_closed: goes round without a key press: accounts_open → accounts_closed → accounts_open"),
        ("skip: accounts_open", "skip: goodbye", "goodbye: hangs up on a caller who was offered nothing: main → accounts → goodbye"),
        ("closed: accounts_closed", "closed: goodbye", "goodbye: hangs up on a caller who was offered nothing"),
        ("person: accounts_open", "person: goodbye", "person: 'goodbye' does not lead to a queue, a message or an outside number"),
        ("goto: accounts_open\n", "goto: accounts_queue\n", "accounts_queue > topic: can be reached while 'office' is closed: put an hours node before it"),
        # What is said.
        ("    zh: 您是下一位，请稍候。\n", "", "prompts > you_are_next: has no text in 'zh'"),
        ("    zh: 您是下一位，请稍候。\n", "    zh: 您是下一位，请稍候。\n    fr: Bonjour\n", "prompts > you_are_next > fr: 'fr' is not a language here"),
        ("已进入{topic}队列", "已进入队列", "prompts > in_line > zh: lacks {topic}, which another language has"),
        ("en: You are next. Please hold.", "en: You are next of {wiat}.", "prompts > you_are_next: {wiat} is not known where this is said"),
        ("{hours:office}. To leave", "{hours:ofice}. To leave", "prompts > closed: {hours:ofice} names no calendar; did you mean 'office'?"),
        ("en: You are next. Please hold.", "en: You are next {now. Please hold.", "prompts > you_are_next > en: has a { or } that is not part of a slot such as {wait}"),
        ("en: You are next. Please hold.", "en: You pressed the wrong key. Please hold.", "prompts > you_are_next > en: 'You pressed the wrong' blames the caller"),
        ("zh: 您是下一位，请稍候。", "zh: 输入错误，请稍候。", "prompts > you_are_next > zh: '输入错误' blames the caller"),
        ("en: You are next. Please hold.", "en: Please enter your password.", "prompts > you_are_next > en: 'enter your password' asks for a secret"),
        ("zh: 您是下一位，请稍候。", "zh: " + "请耐心等待我们的客服人员接听您的电话。" * 9, "prompts > you_are_next > zh: takes about"),
    ],
)  # fmt: skip
def test_a_wrong_menu_is_refused_where_it_is_wrong(tmp_path, old, new, says):
    result = judged(tmp_path, changed((old, new)))
    found = [str(problem) for problem in result.problems if not problem.warning]
    assert result.tree is None
    assert any(says in line for line in found), "\n".join(found)
    assert all(line.startswith("m.yaml:") for line in found)


def test_the_line_is_that_of_the_wrong_word(tmp_path):
    text = changed(("confirm: meter_check", "confirm: meter_chek"))
    [problem] = [problem for problem in judged(tmp_path, text).problems if not problem.warning]
    line = text[: text.index("meter_chek")].count("\n") + 1
    assert str(problem) == (
        f"m.yaml:{line} > accounts > confirm: says 'meter_chek', which no prompt is called; did you mean 'meter_check'?"
    )


def test_every_problem_of_a_file_is_reported_at_once(tmp_path):
    text = changed(("priority: 60", "priority: x"), ("zone: Europe/London", "zone: Mars"), ("after: 10m", "after: z"))
    assert len(judged(tmp_path, text).problems) == 3


def test_one_check_shows_mistakes_of_every_kind_and_none_that_follow_from_another(tmp_path):
    """A word YAML reads otherwise, fields, names, a circle, an unhelped hang-up, a text: fixed in one round."""
    text = changed(
        ("zone: Europe/London", "zone: Europe/Londn"),
        ("default_language: en\n", ""),
        ("after: 10m", "after: 12:30"),
        ("skills: {faults: 2}", "skills: {faults: 9}"),
        ("max_digits: 10", "max_digit: 10"),
        ("'2': {goto: accounts, path", "'2': {goto: acounts, path"),
        ("options: {'1': account_message}", "options: {'1': nowhere}"),
        ("谢谢，我们会在下一个工作日给您回电。", "您按错了键。"),
    )
    text += "  round_a: {goto: round_b}\n  round_b: {goto: round_a}\n"
    said = [str(problem) for problem in judged(tmp_path, text).problems if not problem.warning]
    wanted = [
        "zone: must be a time zone",
        "m.yaml:1: needs 'default_language'",
        "topics > faults > overflow > after: must be a duration",
        "topics > faults > skills > faults: must be at most 5",
        "accounts > max_digit: is not known here",
        "main > choices > 2: goes to 'acounts'",
        "topics > accounts > options > 1: goes to 'nowhere'",
        "blames the caller",
        "goes round without a key press: round_a → round_b → round_a",
    ]
    assert [say for say in wanted if not any(say in line for line in said)] == []
    assert len(said) == len(wanted), said


def test_an_entry_that_is_wrong_in_two_ways_is_named_for_both_and_keeps_its_name(tmp_path):
    """Nothing else is blamed for pointing to it."""
    text = changed(("  accounts_open:\n    hours:", "  accounts_open:\n    say: {}\n    hours:"))
    said = [str(problem) for problem in judged(tmp_path, text).problems if not problem.warning]
    assert sorted(line.partition(" > ")[2] for line in said) == [
        "accounts_open: must name one kind of node, such as menu or queue",
        "accounts_open: needs 'goto'",
        "accounts_open: needs 'prompts'",
    ]


def test_a_duration_written_as_a_time_is_told_what_is_wanted_and_not_to_be_put_in_quotes(tmp_path):
    [problem] = judged(tmp_path, changed(("after: 10m", "after: 12:30"))).problems
    assert problem.message == "must be a duration such as 15s, 10m or 2h"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([("'2': {goto: accounts, path: accounts}", "'3': {goto: accounts, path: accounts}")], "skips the key 2"),
        ([("      confirm: meter_check\n", ""), ("  meter_check:\n    en: You entered {digits}. If that is right, press 1. To try again, press 2.\n    zh: 您输入的是{digits}。正确请按1，重新输入请按2。\n", "")], "does not read the digits back"),
        ([("For an agent, press 0.", "")], "is the first menu and does not say that 0 leads to a person"),
        ([("'2': {goto: accounts, path: accounts}", "'2': {goto: accounts, path: accounts}\n        '3': {goto: accounts, path: accounts}")], "leads to the same place as 2 and makes no difference"),
        ([("zh: 您是下一位，请稍候。", "zh: " + "请等待接听，" * 22)], "s to say: keep it under 20 s"),
        ([("prompts:\n", "prompts:\n  spare: {en: Hello, zh: 您好}\n")], "prompts > spare: is never used"),
        ([("'2': {goto: accounts, path: accounts}", "'2': {goto: accounts, path: accounts}" + "".join(f"\n        '{n}': {{goto: faults, path: p{n}}}" for n in range(3, 7)))], "has 6 options"),
        ([("en: You are next. Please hold.", "en: See www.example.org for news.")], "names example.org, which is not among links"),
    ],
)  # fmt: skip
def test_a_menu_that_could_be_better_is_warned_about_and_used(tmp_path, changes, says):
    result = judged(tmp_path, changed(*changes))
    found = [str(problem) for problem in result.problems]
    assert result.tree is not None, found
    assert any(says in line for line in found), found
    assert all(problem.warning for problem in result.problems)


def sms_menu(text):
    return changed(
        ("'2': {goto: accounts, path: accounts}", "'2': {goto: accounts, path: accounts}\n        '3': {goto: text, path: text}"),
        ("nodes:\n", "nodes:\n  text:\n    sms: {text: news, goto: faults}\n"),
        ("prompts:\n", f"prompts:\n  news: {{en: '{text}', zh: '新消息'}}\n"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "refused", "says"),
    [
        ("News at https://evil.example/x", True, "links to evil.example, which is not among links"),
        ("News at http://help.example", True, "links without encryption"),
        ("a" * 400, False, "takes 3 text messages: keep it to 2"),
        ("短" * 140, False, "takes 3 text messages: keep it to 2"),
    ],
)
def test_text_messages_are_short_and_link_only_to_our_own_places(tmp_path, text, refused, says):
    result = judged(tmp_path, sms_menu(text))
    assert (result.tree is None) is refused
    assert any(says in str(problem) for problem in result.problems)


def test_a_menu_four_levels_deep_is_warned_about(tmp_path):
    levels = "".join(
        f"  deep{n}:\n    menu:\n      prompt: main\n      back: main\n      choices: {{'1': deep{n + 1}, '2': faults}}\n"
        for n in range(1, 4)
    )
    text = changed(
        ("'1': {goto: faults, path: faults}", "'1': deep1"),
        ("nodes:\n", f"nodes:\n{levels}  deep4: {{goto: faults}}\n"),
    )
    result = judged(tmp_path, text)
    assert [str(p) for p in result.problems if "level" in str(p)] == [
        "m.yaml:82 > deep3: is level 4 of choices: three are enough, the language included"
    ]


def test_a_language_that_we_have_no_words_for_brings_its_own(tmp_path):
    text = changed(
        ("  zh: {locale: cmn-CN, voice: Polly.Zhiyu-Neural", "  fr: {locale: fr-FR, voice: Polly.Lea-Neural")
    )
    text = text.replace("zh: ", "fr: ")
    found = [str(problem) for problem in judged(tmp_path, text).problems]
    assert any("prompts > no_input_1: has no text in 'fr', and there is no standard text" in line for line in found)
    assert any("{hours:office} has no words in 'fr': write them under says of the calendar" in line for line in found)


# ---- whole folders -----------------------------------------------------------------------------------------------


def test_the_menus_that_we_ship_are_good_without_a_single_warning():
    for file in ("wallet.yaml", "examples/utilities.yaml"):
        assert check_menu(ROOT / "menus" / file).problems == ()


def test_hotlines_are_found_by_number_and_by_version():
    menus = Menus(trees=(*load_menus(ROOT / "menus").trees, *load_menus(ROOT / "menus" / "examples").trees))
    wallet = menus.by_number("+861058765432")
    assert wallet.hotline == "wallet"
    assert menus.by_number("+442079460123").hotline == "utilities"
    assert menus.by_number("+19005551234") is menus.trees[0]
    assert menus.by_version(wallet.version) is wallet
    assert menus.by_version("000000000000") is None


def test_only_the_wallet_is_in_service_as_shipped():
    assert [tree.hotline for tree in load_menus(ROOT / "menus").trees] == ["wallet"]


def test_two_hotlines_may_not_share_a_number_or_a_name(tmp_path):
    (tmp_path / "a.yaml").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(EXAMPLE + "# another\n", encoding="utf-8")
    with pytest.raises(OperatorError) as caught:
        load_menus(tmp_path, recordings=RECORDINGS)
    said = str(caught.value)
    assert "hotline: utilities is taken by a.yaml" in said
    assert "numbers: +442079460123 is taken by a.yaml" in said


def test_the_version_follows_the_content_and_not_the_comments(tmp_path):
    first = judged(tmp_path, EXAMPLE).tree
    assert judged(tmp_path, "# more\n" + EXAMPLE).tree.version == first.version
    assert judged(tmp_path, changed(("priority: 60", "priority: 61"))).tree.version != first.version


def test_a_broken_change_keeps_the_last_good_menu_and_calls_finish_on_their_version(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text(EXAMPLE, encoding="utf-8")
    menus = MenusInUse(tmp_path, recordings=RECORDINGS)
    first = menus.by_number("+442079460123")
    assert menus.reload() is False

    file.write_text(changed(("start: main", "start: mian")), encoding="utf-8")
    with pytest.raises(OperatorError, match="did you mean 'main'"):
        menus.reload()
    assert menus.by_number("+442079460123") == first

    file.write_text(changed(("priority: 60", "priority: 70")), encoding="utf-8")
    assert menus.reload() is True
    assert menus.by_number("+442079460123").version != first.version
    assert menus.by_version(first.version) == first


def test_a_name_that_stands_for_nothing_among_what_topics_share_is_a_problem_and_no_crash(tmp_path):
    checked = judged(tmp_path, WALLET.replace("  survey: rating\n", "  survey: ratin\n", 1))
    assert checked.tree is None
    assert any(
        "goes to 'ratin', which no node is called; did you mean 'rating'?" in one.message for one in checked.problems
    )


def test_a_missing_file_is_a_clear_error(tmp_path):
    with pytest.raises(OperatorError, match="cannot be read: No such file"):
        load_menu(tmp_path / "none.yaml")
    with pytest.raises(OperatorError, match="holds no menu"):
        load_menus(tmp_path)


# ---- whatever somebody may write ---------------------------------------------------------------------------------

ODD: list[object] = [
    0,
    -1,
    10**9,
    True,
    None,
    "",
    "no",
    "main",
    "{wait}",
    "x" * 3000,
    [],
    {},
    [[]],
    {"goto": "main"},
    "15s",
    1.5,
]


class Plain(yaml.CSafeDumper):
    """Writes a value that stands in two places twice, without an alias."""

    def ignore_aliases(self, _data):
        return True


def somewhere(value, dice):
    """A random container inside a nested value, and a key in it."""
    holders = [value]
    for holder in holders:
        inside = holder.values() if isinstance(holder, dict) else holder
        holders += [item for item in inside if isinstance(item, dict | list) and item]
    holder = dice.choice(holders)
    return holder, dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), rounds=st.integers(1, 4))
def test_no_change_to_the_values_of_a_menu_crashes_the_check(tmp_path_factory, seed, rounds):
    dice = random.Random(seed)
    value = deepcopy(WALLET_VALUE)
    for _ in range(rounds):
        holder, key = somewhere(value, dice)
        act = dice.randrange(4)
        if act == 0:
            del holder[key]
        elif act == 1:
            holder[key] = deepcopy(dice.choice(ODD))
        elif act == 2 and isinstance(holder, dict):
            holder[dice.choice(["1", "x", "goto", "menu", "*", "both"])] = deepcopy(dice.choice(ODD))
        else:
            other, name = somewhere(value, dice)
            holder[key] = deepcopy(other[name])
    file = tmp_path_factory.mktemp("m") / "m.yaml"
    file.write_text(yaml.dump(value, Dumper=Plain, allow_unicode=True), encoding="utf-8")
    result = check_menu(file, recordings=RECORDINGS)
    assert (result.tree is None) == any(not problem.warning for problem in result.problems)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_change_to_the_text_of_a_menu_crashes_the_check(tmp_path_factory, seed):
    dice = random.Random(seed)
    text = WALLET
    for _ in range(dice.randint(1, 3)):
        begin = dice.randrange(len(text))
        end = min(len(text), begin + dice.randrange(30))
        text = (
            text[:begin]
            + dice.choice(["", text[begin:end] * 2, "'", "{", "}", "\n", ": ", "- ", "\t", "&a ", "*a", "\x00", "！"])
            + text[end:]
        )
    file = tmp_path_factory.mktemp("m") / "m.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    result = check_menu(file, recordings=RECORDINGS)
    assert (result.tree is None) == any(not problem.warning for problem in result.problems)
