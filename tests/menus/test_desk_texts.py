"""Texts for agents, as a menu file says them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.storage.files.menus import check_menu

ROOT = Path(__file__).parents[2]
WALLET = (ROOT / "menus" / "wallet.yaml").read_text(encoding="utf-8")
FEES = "fees: {name: {zh: 限额与手续费, en: Limits and fees}, text: sms_fees, topics: [transfers, deposits_withdrawals, refunds, other]}"


def said(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in WALLET
    file = tmp_path / "wallet.yaml"
    file.write_text(WALLET.replace(old, new), encoding="utf-8")
    checked = check_menu(file, recordings=ROOT / "recordings", name="m.yaml")
    return [str(one) for one in checked.problems]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (FEES, FEES.replace("sms_fees", "sms_feess"), "says 'sms_feess', which no prompt is called"),
        (FEES, FEES.replace("refunds", "refund"), "names 'refund', which no topic is called"),
        (FEES, FEES.replace("en: Limits and fees", "'no': Limits"), "no"),
        (FEES, FEES.replace("fees: {", "steps: {"), "'steps' is the name of the topic's own text"),
        (FEES, FEES.replace("sms_fees", "sms_verify"), "code"),
    ],
    ids=["unknown prompt", "unknown topic", "a language short", "name of the topic's own", "a slot nobody fills"],
)
def test_what_agents_could_not_send_is_refused(tmp_path, old, new, words):
    problems = said(tmp_path, old, new)
    assert any(words in one for one in problems), problems


def test_a_text_for_agents_is_used_and_measured_like_every_text_message(tmp_path):
    assert said(tmp_path, FEES, FEES) == []
    long = "current limits and fees, " + "and much more, " * 30
    [problem] = said(tmp_path, "'tpWallet: current limits and fees: {fees_link}'", f"'{long} {{fees_link}}'")
    assert "sms_fees" in problem
