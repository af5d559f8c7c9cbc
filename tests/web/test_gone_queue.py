"""A menu goes into service that has one queue no longer, while somebody waits in it."""

from __future__ import annotations

import re

from tests.web.house import ROOT
from tests.web.test_admin import sends
from tests.web.test_desk import opened


def without_refunds() -> str:
    """The wallet's menu, its queue of refunds under another id."""
    text = (ROOT / "menus" / "wallet.yaml").read_text()
    text = re.sub(r"(?m)^  refunds:\n    name:", "  repayments:\n    name:", text)
    text = text.replace("deposits_withdrawals, refunds, other]", "deposits_withdrawals, repayments, other]")
    return re.sub(r"(topic|queue): refunds\b", r"\1: repayments", text)


def test_who_waits_in_a_queue_that_is_gone_is_seen_and_served(staffed):
    lead, root, house = staffed.client("lead"), staffed.client("root"), staffed
    house.switchboard.watch_menus.look()
    caller = house.phones("+8613800138041").presses("1411#2")
    assert house.switchboard.sessions.find(caller.call).topic == "refunds"
    own = {"figure": "waiting", "level": "amber", "subject": "refunds", "threshold": "2", "lasts": "60", "clears": "30"}
    assert sends(lead, "/admin/alerts/rule", **own, on="1").status_code == 303
    made = sends(lead, "/admin/menus/propose", hotline="wallet", text=without_refunds())
    version = made.headers["Location"].partition("new=")[2].partition("#")[0]
    assert sends(root, "/admin/menus/activate", hotline="wallet", version=version).status_code == 303
    board = lead.get("/api/v1/board").json
    (row,) = [one for one in board["topics"] if one["id"] == "refunds"]
    assert (board["waiting"], row["waiting"], row["name"]) == (1, 1, "refunds")
    assert ("waiting", "refunds", 1) in {
        (one.figure, one.subject, one.value) for one in house.switchboard.rules.watch_alerts.read()[1]
    }
    browser = opened(house)
    browser.asks("/api/v1/desk/ready")
    offer = browser.get("/api/v1/desk").json["offer"]["card"]
    assert (offer["call"], offer["topic_name"]) == (caller.call, "refunds")
    board = lead.get("/api/v1/board").json
    assert "refunds" not in {one["id"] for one in board["topics"]}, "nobody waits there any more"
    (rule,) = [one for one in house.switchboard.rules.alert_room.rules() if one.subject == "refunds"]
    assert sends(lead, "/admin/alerts/rule", **own, id=rule.id).status_code == 303, (
        "a rule about it can be switched off"
    )
    staffed.records()
    for path in ("/supervisor/reports/waits", "/supervisor/reports/repeats", "/supervisor/calls"):
        page = lead.get(f"{path}?topic=refunds")
        assert (page.status_code, '<option value="refunds" selected>' in page.text) == (200, True), path
        assert lead.get(f"{path}?topic=never_there").status_code == (200 if path.endswith("calls") else 422), path
