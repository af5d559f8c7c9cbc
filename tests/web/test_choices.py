"""What an agent chose for the desk is kept with the account; what is no choice is refused."""

from __future__ import annotations

import json

import pytest

KEYS = {"mute": {"key": "u", "chord": "Ctrl+Alt+u"}, "end": {"key": ""}}


def kept(browser) -> object:
    page = browser.get("/agent").text
    found = page.split('data-kept="', 1)[1].split('"', 1)[0]
    return json.loads(found.replace("&#34;", '"').replace("&amp;", "&"))


def test_keys_are_kept_for_their_person_alone(staffed):
    staffed.agent("a1002")
    one, other = staffed.client("a1001"), staffed.client("a1002")
    assert one.asks("/api/v1/desk/choices", {"keys": KEYS}).json == {"keys": KEYS}
    assert kept(one) == KEYS
    assert kept(staffed.client("a1001")) == KEYS
    assert kept(other) == {}
    assert one.asks("/api/v1/desk/choices", {}).json == {"keys": KEYS}
    assert one.asks("/api/v1/desk/choices", {"keys": {}}).json == {"keys": {}}
    assert staffed.client("lead").asks("/api/v1/desk/choices", {"keys": KEYS}).status_code == 403


@pytest.mark.parametrize(
    "keys",
    [
        {"mute": "u"},
        {"mute": {"key": 1}},
        {"mute": {"key": "uu"}},
        {"mute": {"key": "<script>"}},
        {"mute": {"other": "u"}},
        {"Mute me": {"key": "u"}},
        {f"a{'b' * 40}": {"key": "u"}},
        {f"x{'a' * n}": {"key": "u"} for n in range(31)} | {f"y{'a' * n}": {"key": "u"} for n in range(31)}
        | {f"z{'a' * n}": {"key": "u"} for n in range(31)},
    ],
)  # fmt: skip
def test_what_is_no_list_of_keys_is_refused_and_changes_nothing(staffed, keys):
    browser = staffed.client("a1001")
    answer = browser.asks("/api/v1/desk/choices", {"keys": keys})
    assert (answer.status_code, answer.json["error"]) == (422, "bad_keys")
    assert kept(browser) == {}


def test_a_sign_that_could_end_the_attribute_stays_a_sign(staffed):
    browser = staffed.client("a1001")
    keys = {"keys": {"key": '"'}, "mute": {"key": "'"}, "hold": {"key": "<"}, "end": {"key": "&"}}
    assert browser.asks("/api/v1/desk/choices", {"keys": keys}).status_code == 200
    page = browser.get("/agent").text
    attribute = page.split('data-kept="', 1)[1].split(">", 1)[0]
    assert attribute.count('"') == 1
    assert "<" not in attribute
