"""Whoever runs the service reads no call (`RELIABILITY.md` 3.2): neither what callers say nor who they are, on no page, file or API."""

from __future__ import annotations

from ivr.core.people import OF_SUPERVISORS, SCOPES, Role
from ivr.web.security import policy_of
from tests.web.test_after import low
from tests.web.test_desk import opened, talking
from tests.web.test_follow_ups import day
from tests.web.test_roles import PEOPLE, rules
from tests.web.test_room import promised

SAID = ("Lost the seed phrase", "never again this bank", "+86 138****", "138****", "0013802", "8013800138")
"""The agent's notes, a caller's comment, and numbers of callers, masked ones among them."""
FILES = ("", "format=json", "format=csv", "said=refunds", "said=transfers&format=csv")


def test_an_administrator_meets_no_word_and_no_number_of_a_caller(staffed):
    browser, offer = talking(staffed)
    browser.asks(f"/api/v1/offers/{offer}/end")
    said = {"disposition": "pending", "disposition_reason": "bank_slow", "notes": SAID[0], "topic": "refunds"}
    assert browser.asks(f"/api/v1/offers/{offer}/finish", {**said, "follow_up": day(staffed, 1)}).status_code == 200
    staffed.phones("+8613800138022").presses("1211#2")
    low(staffed, "CA1", comment=SAID[1])
    promised(staffed)
    staffed.records()
    seen = {login: reads(staffed, login) for login in ("lead", "root")}
    assert {word for _, word in seen["lead"]} >= {*SAID[:3]}, (
        "a supervisor meets them, so that the look is worth something"
    )
    assert seen["root"] == set()


def reads(house, login):
    """Where this person, by page and further choice, meets which of the words."""
    client, role = house.client(login), "supervisor" if login == "lead" else "admin"
    met = set()
    for rule, methods in rules(house, "people").items():
        if (
            "GET" not in methods
            or role not in PEOPLE[rule]
            or "<" in rule.replace("/api/v1/reports/<name>", "")
            or "events" in rule
        ):
            continue
        for name in ("topics", "results", "abandons", "promises", "attempts") if "<name>" in rule else ("",):
            path = rule.replace("<name>", name)
            for query in FILES if "reports" in rule else FILES[:1]:
                text = client.get(f"{path}?{query}").text
                met |= {(f"{path}?{query}", word) for word in SAID if word in text}
    return met


def test_an_account_that_is_no_agent_has_no_desk_whatever_agent_it_names(staffed):
    """Else an administrator would answer calls, and read numbers, in the name of that agent."""
    staffed.account("both", Role.ADMIN, agent="a1001")
    client = staffed.client("both")
    assert client.get("/api/v1/desk").status_code == 404
    assert client.asks("/api/v1/desk/open").status_code == 404
    assert client.get("/api/v1/softphone").status_code == 404
    opened(staffed)
    client.post("/logout", data={"csrf": client.token()})
    assert staffed.switchboard.presences.find("a1001").presence != "signed_out", "and signs that agent out of nothing"


def test_a_program_is_given_no_more_than_who_makes_its_token_may(staffed):
    closed = {
        policy.scope
        for rule in staffed.app.url_map.iter_rules()
        if (policy := policy_of(staffed.app, rule.endpoint))
        and policy.scope
        and policy.who == "people"
        and Role.ADMIN not in policy.roles
    }
    assert closed == OF_SUPERVISORS, "scopes of routes that are closed to administrators"
    staffed.account("head", Role.ADMIN, Role.SUPERVISOR)
    root, head = staffed.client("root"), staffed.client("head")
    for scope in sorted(SCOPES):
        form = {"name": f"p-{scope.replace(':', '-')}", "days": "30", "scopes": ["queues:read", scope]}
        answer = root.post("/admin/tokens/add", data={**form, "csrf": root.token()})
        assert answer.status_code == (403 if scope in OF_SUPERVISORS else 200), scope
    form = {"name": "crm", "days": "30", "scopes": ["calls:read"], "csrf": head.token()}
    assert 'class="secret"' in head.post("/admin/tokens/add", data=form).text
