"""`ivr menu map`: one page on which everything stands, whoever prints it."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli_menu import menu
from ivr.core import facts
from ivr.core.errors import OperatorError
from ivr.core.ids import CallId, Language, NodeId
from ivr.menu_map import HEIGHT, WIDTH, Outline, Traffic, draw, measured, placed, traffic_of, wrapped
from ivr.storage.files.menus import load_menu
from tests.builders import START

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "menus" / "wallet.yaml", ROOT / "menus" / "examples" / "utilities.yaml"]
TREES = [load_menu(file, recordings=ROOT / "recordings") for file in FILES]


@pytest.fixture(autouse=True)
def _settings(monkeypatch, tmp_path):
    monkeypatch.setenv("IVR_RECORDINGS_DIR", str(ROOT / "recordings"))
    monkeypatch.setenv("IVR_DATA_DIR", str(tmp_path / "var"))


def said(svg: str) -> str:
    return " ".join(
        "".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")
    )


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.hotline)
def test_every_node_stands_once_within_the_page_and_no_box_on_another(tree):
    size, boxes = placed(Outline(tree, tuple(tree.voices)).entries())
    assert sorted(box.entry.title.split(" ")[0] for box in boxes) == sorted(tree.nodes)
    assert size >= 1.4, "smaller letters nobody reads at arm's length"
    for box in boxes:
        assert box.x >= 0
        assert box.x + box.width <= WIDTH
        assert box.y + box.height <= HEIGHT
        assert all(measured(line) * size <= box.width for line in box.lines)
    for one in boxes:
        over = [
            two
            for two in boxes
            if two is not one
            and one.x < two.x + two.width
            and two.x < one.x + one.width
            and one.y < two.y + two.height
            and two.y < one.y + one.height
        ]
        assert over == []


def test_words_keys_hours_and_queues_stand_in_both_languages():
    words = said(draw(TREES[0], list(TREES[0].voices)))
    for part in (
        "中文服务请按1",
        "Our agents will never",
        "排队 queue",
        "账户安全",
        "↑100",
        "工作日9点到18点",
        "+861058065110",
    ):
        assert part in words


def test_the_cases_of_a_look_up_are_drawn(tmp_path):
    text = FILES[0].read_text(encoding="utf-8").replace("'1': {goto: transfers_when,", "'1': {goto: level,")
    text = text.replace("'2': {goto: queue_transfers_wrong,", "'2': {goto: transfers_when,")
    node = "lookup: {default: queue_transfers, cases: {gold: queue_transfers_wrong}, by: level, sets: {level: level}, url: 'https://a.example/level'}"
    (tmp_path / "wallet.yaml").write_text(
        text.replace("nodes:\n", f"nodes:\n  level:\n    {node}\n", 1), encoding="utf-8"
    )
    tree = load_menu(tmp_path / "wallet.yaml", recordings=ROOT / "recordings")
    entries = {entry.title.split(" ")[0]: entry for entry in Outline(tree, tuple(tree.voices)).entries()}
    ways = [*entries["level"].ways, *(f"{entry.key} → {name}" for name, entry in entries.items())]
    assert "gold → queue_transfers_wrong" in ways
    assert "无结果 no answer → queue_transfers" in ways


def test_one_language_leaves_the_other_out():
    words = said(draw(TREES[0], [Language("en")]))
    assert "排队" not in words
    assert "Our agents will never" in words


def test_no_colour_is_needed_to_read_it():
    svg = draw(TREES[0], list(TREES[0].voices))
    colours = re.findall(r'(?:fill|stroke)="#([0-9a-f]{3,6})"', svg)
    assert {len(colour) for colour in colours} <= {3, 6}
    shades = [
        {colour[:1], colour[1:2], colour[2:]} if len(colour) == 3 else set(re.findall("..", colour))
        for colour in colours
    ]
    assert all(len(parts) == 1 for parts in shades)


def test_traffic_counts_calls_once_and_who_hung_up_there():
    def call(number, *nodes, left=""):
        name = CallId(f"CA{number}")
        yield from (facts.NodeEntered(at=START, call=name, node=NodeId(node)) for node in nodes)
        end = facts.CallEnd.LEFT_MENU if left else facts.CallEnd.ABANDONED
        yield facts.CallEnded(
            at=START + timedelta(seconds=9), call=name, end=end, left=left or "queue", hung_up_by="caller"
        )

    seen = traffic_of([call(1, "main", "main", "account"), call(2, "main", left="main"), call(3, "main")])
    assert seen == {"main": Traffic(calls=3, left=1), "account": Traffic(calls=1, left=0)}
    words = said(draw(TREES[0], [Language("en")], traffic=seen, day="2026-03-01"))
    assert "☎3 ⏏1 (33%)" in words
    assert "2026-03-01" in words


def test_chinese_breaks_anywhere_but_before_a_stop_and_words_stay_whole():
    assert wrapped("退款，请按4。其他", 6) == ["退款，请按4。", "其他"]
    assert wrapped("press pound when done", 6) == ["press pound", "when done"]


def test_the_command_writes_a_page_and_refuses_what_it_cannot(tmp_path):
    target = tmp_path / "map.svg"
    done = CliRunner().invoke(menu, ["map", str(FILES[1]), "-o", str(target)], catch_exceptions=False)
    assert done.exit_code == 0
    assert 'width="420mm" height="297mm"' in target.read_text(encoding="utf-8")
    with pytest.raises(OperatorError, match=r"written as \.svg or \.pdf"):
        CliRunner().invoke(menu, ["map", str(FILES[1]), "-o", str(tmp_path / "map.png")], catch_exceptions=False)
    with pytest.raises(OperatorError, match="no records here"):
        CliRunner().invoke(menu, ["map", str(FILES[1]), "--traffic"], catch_exceptions=False)


def test_a_browser_makes_one_a3_page_of_it(tmp_path, chromium, monkeypatch):
    monkeypatch.setenv("PATH", f"{chromium.parent}{os.pathsep}{os.environ['PATH']}")
    target = tmp_path / "map.pdf"
    CliRunner().invoke(menu, ["map", str(FILES[1]), "-o", str(target)], catch_exceptions=False)
    content = target.read_bytes()
    assert content.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 1191" in content
    letters = (b"/FontFile2", b"/FontFile3", b"/Type3")  # by the kind of font that the machine has
    assert any(kind in content for kind in letters), "the letters are in the file"


def test_without_a_browser_a_pdf_says_what_to_do_instead(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorError, match=r"write map\.svg, open it in a browser and print it on A3"):
        CliRunner().invoke(menu, ["map", str(FILES[1]), "-o", str(tmp_path / "map.pdf")], catch_exceptions=False)
