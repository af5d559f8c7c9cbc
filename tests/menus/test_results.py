"""Results of talks and the reasons beneath them, as a menu file says them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from ivr.core.ids import Language, TopicId
from ivr.storage.files.json_schema import menu_json_schema
from ivr.storage.files.menus import check_menu, load_menu

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "menus" / "examples" / "utilities.yaml").read_text(encoding="utf-8")
RESULTS = """
results:
  bank_slow: {en: Bank is slow, zh: 银行处理较慢}
  solved: {en: Put right, zh: 已处理}
topic_defaults:
  dispositions:
    - solved
    - pending: [bank_slow, waits_for_evidence]
    - other
"""


def written(tmp_path: Path, results: str) -> Path:
    file = tmp_path / "m.yaml"
    file.write_text(EXAMPLE.replace("\ntopics:\n", f"{results}\ntopics:\n"), encoding="utf-8")
    return file


def said(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in RESULTS
    file = written(tmp_path, RESULTS.replace(old, new))
    checked = check_menu(file, recordings=ROOT / "recordings", name="m.yaml")
    return [str(one) for one in checked.problems if not one.warning]


def line_of(file: Path, words: str) -> int:
    return next(number for number, line in enumerate(file.read_text("utf-8").splitlines(), 1) if words in line)


def test_a_plain_list_and_a_list_with_reasons_may_be_mixed(tmp_path):
    tree = load_menu(written(tmp_path, RESULTS), recordings=ROOT / "recordings")
    topic = next(iter(tree.topics.values()))
    assert topic.dispositions == ("solved", "pending", "other")
    assert topic.disposition_reasons == {"pending": ("bank_slow", "waits_for_evidence")}
    assert tree.result_names["bank_slow"] == {"en": "Bank is slow", "zh": "银行处理较慢"}


def test_a_topics_own_list_stands_in_the_place_of_that_of_all():
    tree = load_menu(ROOT / "menus" / "wallet.yaml")
    assert "proof_of_identity" in tree.topics[TopicId("account_security")].disposition_reasons["pending"]
    assert "proof_of_identity" not in tree.topics[TopicId("other")].disposition_reasons["pending"]
    named = {name for topic in tree.topics.values() for names in topic.disposition_reasons.values() for name in names}
    assert {name for name in named if set(tree.result_names.get(name, ())) != {Language("zh"), Language("en")}} == set()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[bank_slow, waits", "[bank_slow, bank_slow, waits", "topic_defaults > dispositions > 1 > pending > 1: names the reason 'bank_slow' again"),
        ("- other", "- pending", "topic_defaults > dispositions > 2: names the result 'pending' again"),
        ("bank_slow: {en", "bank_slov: {en", "results > bank_slov: is no result of a topic, and no reason of one; did you mean 'bank_slow'?"),
        (", zh: 银行处理较慢", "", "results > bank_slow: has no text in 'zh'"),
        ("waits_for_evidence]", "Waits]", "pending > 1: must be a name: small letters, digits and _, beginning with a letter"),
        ("[bank_slow, waits_for_evidence]", "[]", "pending: must not be empty"),
        ("[bank_slow, waits_for_evidence]", "bank_slow", "pending: must be a list"),
        ("- other", "- {other: [a_reason], more: [b_reason]}", "dispositions > 2: must be one result, or `result: [reasons]`"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_where_it_stands(tmp_path, old, new, says):
    found = said(tmp_path, old, new)
    assert any(says in one for one in found), found


def test_a_problem_names_its_line(tmp_path):
    [problem] = said(tmp_path, "- other", "- pending")
    line = line_of(tmp_path / "m.yaml", "- pending: [") + 1
    assert problem.startswith(f"m.yaml:{line} > "), problem


def test_the_published_schema_takes_both_forms_and_refuses_others():
    judge = Draft202012Validator(menu_json_schema())
    value = yaml.load((ROOT / "menus" / "wallet.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    assert list(judge.iter_errors(value)) == []
    value["topic_defaults"]["dispositions"] = ["solved", {"pending": []}]
    assert list(judge.iter_errors(value))
