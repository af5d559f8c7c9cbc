"""`ivr menu check`, the published schema, the reference page and the sounds."""

from __future__ import annotations

import subprocess
import sys
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ivr import menu_tools
from ivr.storage.files import json_schema, schema

ROOT = Path(__file__).parents[2]
WALLET = ROOT / "menus" / "wallet.yaml"


def checked(*paths):
    out: list[str] = []
    err: list[str] = []
    code = menu_tools.check_files(paths, out=out.append, err=err.append, recordings=ROOT / "recordings")
    return code, out, err


def test_check_says_what_is_good_and_exits_with_0():
    code, out, err = checked(ROOT / "menus", ROOT / "menus" / "examples")
    assert code == 0
    assert err == []
    assert [line.split(": ")[1] for line in out] == ["good", "good", "good"]


def test_check_prints_one_problem_a_line_and_exits_with_1(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        WALLET.read_text(encoding="utf-8").replace("goto: account, path", "goto: acount, path"), encoding="utf-8"
    )
    code, out, err = checked(bad, WALLET)
    assert code == 1
    assert len(out) == 1
    assert len(err) == 1
    assert err[0].startswith(f"{bad}:")
    assert err[0].endswith(" > main > choices > 1: goes to 'acount', which no node is called; did you mean 'account'?")


def test_check_marks_warnings_and_lets_them_pass(tmp_path):
    spare = tmp_path / "spare.yaml"
    text = (ROOT / "menus" / "examples" / "utilities.yaml").read_text(encoding="utf-8")
    spare.write_text(text.replace("prompts:\n", "prompts:\n  spare: {en: Hello, zh: 您好}\n", 1), encoding="utf-8")
    code, _, err = checked(spare)
    assert code == 0
    assert err == [f"{spare}:43 > prompts > spare: is never used (warning)"]


def test_check_of_nothing_is_an_error(tmp_path):
    assert checked(tmp_path) == (1, [], ["there is no menu file to check"])


def test_a_time_may_be_given_as_clock_or_as_date_and_clock():
    now = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    assert menu_tools.time_of("03:10", "Asia/Shanghai", now) == datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
    assert menu_tools.time_of("2026-01-02T08:00", "UTC", now) == datetime(2026, 1, 2, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match="never"):
        menu_tools.time_of("never", "UTC", now)


def test_the_published_schema_is_the_one_that_the_models_make():
    published = (ROOT / "menus" / "menu.schema.json").read_text(encoding="utf-8")
    assert published == json_schema.text(), "run: python -m ivr.storage.files.json_schema"


@pytest.mark.parametrize("name", ["wallet.yaml", "examples/utilities.yaml"])
def test_the_published_schema_accepts_our_menus(name):
    value = yaml.safe_load((ROOT / "menus" / name).read_text(encoding="utf-8"))
    assert list(Draft202012Validator(json_schema.menu_json_schema()).iter_errors(value)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"nodes": {"x": {"menu": {"prompt": "p"}}}},
        {"nodes": {"x": {"say": {"prompts": "p", "goto": "y"}, "goto": "y"}}},
        {"topics": {"t": {"name": {"en": "x"}, "skills": {"a": 9}}}},
        {"unknown": 1},
    ],
)
def test_the_published_schema_refuses_what_the_check_refuses(wrong):
    value = yaml.safe_load((ROOT / "menus" / "examples" / "utilities.yaml").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(json_schema.menu_json_schema()).iter_errors({**value, **wrong}))


def test_the_reference_names_every_field_and_kind():
    page = (ROOT / "docs" / "menus.md").read_text(encoding="utf-8")
    base: Any = vars(schema)["Strict"]
    models: list[Any] = [
        model for model in vars(schema).values() if isinstance(model, type) and issubclass(model, base)
    ]
    missing = {field for model in models for field in model.model_fields if f"`{field}`" not in page}
    assert missing == set()


def test_every_menu_block_of_the_reference_is_strict_yaml():
    page = (ROOT / "docs" / "menus.md").read_text(encoding="utf-8")
    blocks = page.split("```yaml\n")[1:]
    assert blocks
    for block in blocks:
        assert yaml.safe_load(block.split("```")[0])


def test_the_sounds_are_telephone_wav_files_that_the_script_makes_again(tmp_path):
    made = tmp_path / "make_music.py"
    made.write_bytes((ROOT / "recordings" / "make_music.py").read_bytes())
    subprocess.run([sys.executable, made], check=True, timeout=60)
    for name in ("music.wav", "tone.wav", *(f"music-{n}.wav" for n in range(1, 5))):
        assert (tmp_path / name).read_bytes() == (ROOT / "recordings" / name).read_bytes()
        assert (tmp_path / name).stat().st_size < 2**20
        with wave.open(str(tmp_path / name)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)


def test_music_of_our_own_is_cut_into_its_pieces(tmp_path):
    script = ROOT / "recordings" / "make_music.py"
    (tmp_path / "own.wav").write_bytes((ROOT / "recordings" / "music.wav").read_bytes())
    subprocess.run([sys.executable, script, "cut", tmp_path / "own.wav"], check=True, timeout=60)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "own-1.wav",
        "own-2.wav",
        "own-3.wav",
        "own-4.wav",
        "own.wav",
    ]
