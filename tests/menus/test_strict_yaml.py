"""Strict YAML: whatever could mean two things, grow, or name a type is refused with a sentence and a line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.storage.files.problems import Problems
from ivr.storage.files.yaml_nodes import MOST_BYTES, MOST_DEPTH, MOST_NODES, parse
from tests.haste import soonest

BOMB = b"a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\n"


def refused(content):
    problems = Problems("m.yaml")
    assert parse(content, problems) is None
    return [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: no", "m.yaml:1 > a: 'no' would be read as true or false: write true or false, or put it in quotes"),
        (b"x: 1\non: 'y'", "m.yaml:2 > on: 'on' would be read as true or false: write true or false, or put it in quotes"),
        (b"a: 012", "m.yaml:1 > a: '012' would be read as an octal number: put it in quotes"),
        (b"a: 12:30", "m.yaml:1 > a: '12:30' would be read as a number in base 60: put it in quotes"),
        (b"a: 1_000", "m.yaml:1 > a: '1_000' would be read as a number: put it in quotes"),
        (b"a: +861058765432", "m.yaml:1 > a: '+861058765432' would be read as a number: put it in quotes"),
        (b"a: 0x1F", "m.yaml:1 > a: '0x1F' would be read as a number: put it in quotes"),
        (b"a: 1e3", "m.yaml:1 > a: '1e3' would be read as a number: put it in quotes"),
        (b"a: .nan", "m.yaml:1 > a: '.nan' would be read as a number: put it in quotes"),
        (b"a: NaN", "m.yaml:1 > a: 'NaN' is read as a number by some: put it in quotes"),
        (b"a:", "m.yaml:1 > a: this has no value: write one, or leave the line out"),
        (b"a: null", "m.yaml:1 > a: 'null' has no value: write one, or leave the line out"),
        (b"1: a", "m.yaml:1: the key 1 must be text: put it in quotes"),
        (b"1: a\n'1': b", "m.yaml:2 > 1: is there twice, first on line 1"),
        (b"a: 1\nb: 2\na: 3", "m.yaml:3 > a: is there twice, first on line 1"),
        (b"? [x]\n: y", "m.yaml:1: has a key that is not text"),
        (BOMB, "m.yaml:1 > a: has the anchor &a: anchors are not used here"),
        (b"a: *x", "m.yaml:1 > a: uses the alias *x: aliases are not used here, write it out"),
        (b"<<: {a: b}", "m.yaml:1 > <<: '<<' has a meaning of its own in YAML: put it in quotes"),
        (b"a: !!python/object:os.system x", "m.yaml:1 > a: has the tag 'tag:yaml.org,2002:python/object:os.system': tags are not used here"),
        (b"a: !!str x", "m.yaml:1 > a: has the tag 'tag:yaml.org,2002:str': tags are not used here"),
        (b"a: b\n---\nc: d", "m.yaml:2: holds a second document: remove the line ---"),
        (b"a:\n\tb: c", "m.yaml:2: column 1 holds a tab: use spaces"),
        ("\ufeffa: b".encode(), "m.yaml:1: column 1 holds a byte order mark: save the file as UTF-8 without it"),
        ("a: b\nc: x\u202ey".encode(), "m.yaml:2: column 5 holds an unseen character that changes the direction of text: remove it"),
        (b"a: x\x00y", "m.yaml:1: column 5 holds a control character: remove it"),
        (b"a: x\ry: z", "m.yaml:1: column 5 holds a control character: remove it"),
        ("a: x\u2028y".encode(), "m.yaml:1: column 5 holds a control character: remove it"),
        (b'a: "x\\0y"', "m.yaml:1 > a: holds a control character: remove it"),
        (b'a: "x\\by"', "m.yaml:1 > a: holds a control character: remove it"),
        (b'a: "x\\uFFFEy"', "m.yaml:1 > a: holds a control character: remove it"),
        (b'a: "x\\u202ey"', "m.yaml:1 > a: holds an unseen character that changes the direction of text: remove it"),
        (b'a: "x\\ty"', "m.yaml:1 > a: holds a tab: use spaces"),
        (b'a: "\\uFEFFx"', "m.yaml:1 > a: holds a byte order mark: save the file as UTF-8 without it"),
        (b'a: "x\\ud800y"', "m.yaml:1: is not YAML: found invalid Unicode character escape code"),
        (b'b: 1\n"a\\0": 2', "m.yaml:2 > a?: holds a control character: remove it"),
        ("a: x\u200by".encode(), "m.yaml:1: column 5 holds an unseen character: remove it"),
        ("a: x\U000e0041".encode(), "m.yaml:1: column 5 holds an unseen character: remove it"),
        (b"a: \xff", "m.yaml:1: is not UTF-8 text"),
        (b"", "m.yaml:1: is empty"),
        (b"# nothing", "m.yaml:1: is empty"),
        (b"- a", "m.yaml:1: must be a list of `name: value` lines at the top"),
        (b"a: {b: c", "m.yaml:2: is not YAML: did not find expected ',' or '}'"),
        (b"a: 'x'" + b" " * MOST_BYTES, "m.yaml:1: is larger than 256 KiB"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused_with_its_line(content, says):
    assert says in refused(content)


def test_depth_and_number_of_entries_are_bounded():
    assert any("nested deeper than" in p for p in refused(b"a: " + b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1)))
    assert any("entries" in p for p in refused(b"a: [" + b"x," * (MOST_NODES + 1) + b"]"))


@pytest.mark.parametrize("content", [b"a: " + b"[" * 1200, b"a: " + b"{b: " * 60_000, b"[" * 250_000, BOMB * 1000])
def test_deep_or_growing_files_are_refused_quickly(content):
    assert soonest(lambda: refused(content), limit_s=2) < 2
    assert refused(content)


def test_what_means_one_thing_is_read_as_it_stands():
    problems = Problems("m.yaml")
    document = parse(
        b"a: 12\r\nb: true\nc: 'no'\nd: 2026-10-01\ne: 15s\nf: 09:00-18:00\ng: [x, 'y', \"z\"]\nh: >\n  two\n  lines\n",
        problems,
    )
    assert document is not None
    assert document.value == {
        "a": 12,
        "b": True,
        "c": "no",
        "d": "2026-10-01",
        "e": "15s",
        "f": "09:00-18:00",
        "g": ["x", "y", "z"],
        "h": "two lines\n",
    }
    assert document.lines["g", "1"] == 7
    assert document.lines["h",] == 8


PLAIN = st.text(st.sampled_from("0123456789_.:xoabeEfnyNYtrusldi-+~<=' \n#[]{},"), max_size=12)


@settings(max_examples=500)
@given(PLAIN)
@example("0o14")
@example("1:20:30")
@example("0b10")
@example("685_230.15")
def test_a_word_is_never_taken_for_another_type_than_common_readers_take_it_for(word):
    """What we accept as text is text for a reader of YAML 1.1 too (dates, which it would make an object, apart)."""
    problems = Problems("m.yaml")
    content = f"a: {word}".encode()
    document = parse(content, problems)
    if document is None:
        assert problems.found
        return
    ours, theirs = document.value["a"], yaml.safe_load(content)["a"]
    if type(theirs).__name__ not in ("date", "datetime") and not isinstance(theirs, list | dict):
        assert (type(ours), ours) == (type(theirs), theirs)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(content):
    problems = Problems("m.yaml")
    assert parse(content, problems) is not None or problems.found
