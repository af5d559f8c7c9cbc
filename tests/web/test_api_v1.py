"""What programs may ask, with which token; what they are sent; and that the description says so, by example."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from openapi_schema_validator import OAS31Validator

from ivr.core.alert_rows import Alert
from ivr.core.alert_rules import Figure, Level
from ivr.core.people import SCOPES
from ivr.outside.allowed import AllowList
from ivr.outside.webhook import PostWebhook, signature
from ivr.storage.sql.alert_tables import webhook_endpoints
from ivr.storage.sql.engine import writing
from ivr.storage.sql.tables import cases
from ivr.web.admin_tokens import SCOPE_WORDS
from ivr.web.openapi import document
from ivr.workflows.send_outgoing import NotSent
from tests.systems import open_house
from tests.web.house import Browser, House
from tests.web.test_admin import newest, sends
from tests.web.test_streams import serving

__all__ = ["serving"]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def token(house: House, *scopes: str, days: int = 1) -> dict[str, str]:
    made = house.switchboard.tokens.add(
        f"p{len(house.switchboard.tokens.all())}",
        scopes,
        at=house.now,
        who="root",
        expires_at=house.now + timedelta(days=days),
    )
    return {"Authorization": f"Bearer {made}"}


def stranger(house: House) -> Browser:
    return house.client()


READ = {
    "/api/v1/queues": "queues:read",
    "/api/v1/agents": "agents:read",
    "/api/v1/callbacks": "callbacks:read",
    "/api/v1/cases": "cases:read",
    "/api/v1/alerts": "alerts:read",
    "/api/v1/alert-rules": "alerts:read",
    "/api/v1/reports": "reports:read",
    "/api/v1/reports/waits?from=2026-11-02&to=2026-11-02": "reports:read",
    "/api/v1/calls": "calls:read",
}


def test_a_token_opens_what_it_was_made_for_until_it_ends(staffed):
    one = stranger(staffed)
    for path, scope in READ.items():
        assert one.get(path, headers=token(staffed, scope)).status_code == 200, path
        others = token(staffed, *(SCOPES - {scope}))
        assert one.get(path, headers=others).status_code == 403, path
        assert one.get(path).status_code == 401, path
        assert one.get(path, headers={"Authorization": "Bearer x"}).status_code == 401, path
    over = token(staffed, "queues:read", days=0)
    assert one.get("/api/v1/queues", headers=over).status_code == 401
    assert one.get("/agent", headers=token(staffed, *SCOPES)).status_code == 303  # pages are for people
    used = {one.name: one.used_at for one in staffed.switchboard.tokens.all()}
    assert used["p0"] is not None
    assert set(SCOPE_WORDS) == SCOPES


def test_a_token_does_what_it_may_without_a_pages_token_and_is_named_in_the_audit(staffed):
    one, agent = stranger(staffed), staffed.client("a1001")
    agent.asks("/api/v1/desk/open")
    may = token(staffed, "agents:write")
    path = "/api/v1/agents/a1001/presence"
    answer: Any = one.post(path, json={"presence": "break", "reason": "meeting"}, headers=may)
    assert (answer.status_code, answer.json["reason"]) == (200, "meeting")
    assert newest(staffed)[:3] == ("program:p0", "agent set", "a1001")
    assert one.post(path, json={"presence": "on_call"}, headers=may).status_code == 422
    answer = one.post(path, json={"presence": "signed_out"}, headers=may)
    assert answer.json["presence"] == "signed_out"
    assert one.post(path, json={"presence": "signed_out"}, headers=may).status_code == 409
    assert one.post(path, json={"presence": "signed_out"}, headers=token(staffed, "agents:read")).status_code == 403
    callback = staffed.switchboard.rules.keep.lists.callbacks()
    assert callback == []
    closing = token(staffed, "callbacks:write")
    assert one.post("/api/v1/callbacks/x/close", json={"reason": "gone"}, headers=closing).status_code == 409


def test_lists_come_a_piece_at_a_time(staffed):
    one, rules = stranger(staffed), staffed.switchboard.rules

    for number in range(5):
        rules.book.raise_(
            Alert(
                id=f"a{number}",
                rule="waiting-red",
                figure=Figure.WAITING,
                level=Level.RED,
                subject=f"t{number}",
                threshold=6,
                value=7,
                raised_at=staffed.now + timedelta(seconds=number // 2),
            )
        )
    may = token(staffed, "alerts:read")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        body: Any = one.get(f"/api/v1/alerts?limit=2&after={after}", headers=may).json
        seen += [row["id"] for row in body["alerts"]]
        after = body["next"]
    assert seen == ["a4", "a3", "a2", "a1", "a0"]
    gone: Any = one.get("/api/v1/alerts?after=gone", headers=may)
    assert (gone.status_code, gone.json["error"]) == (422, "bad_after"), "not as if this were the end"
    for wrong in ("limit=0", "limit=201", "limit=x", "limit=²", "after=%00"):
        assert one.get(f"/api/v1/alerts?{wrong}", headers=may).status_code == 422, wrong


def test_the_longest_piece_that_may_be_asked_for_leads_on_to_the_rest(staffed):
    usual = {
        "hotline": "wallet", "caller": "", "caller_index": "", "topic": "refunds", "path": [], "answers": {}, "language": "zh",
        "status": "open", "note": "", "changed_by": "", "due_by": "", "opened_at": staffed.now, "changed_at": staffed.now,
    }  # fmt: skip
    with writing(staffed.switchboard.engine) as connection:
        connection.execute(cases.insert(), [{**usual, "id": f"c{one:03}", "number": str(one)} for one in range(201)])
    one, may = stranger(staffed), token(staffed, "cases:read")
    first: Any = one.get("/api/v1/cases?limit=200", headers=may).json
    rest: Any = one.get(f"/api/v1/cases?limit=200&after={first['next']}", headers=may).json
    assert (len(first["cases"]), [row["id"] for row in rest["cases"]], rest["next"]) == (200, ["c000"], None)


def test_a_program_follows_what_happens_and_misses_nothing_when_it_comes_back(serving):
    may = token(serving, "events:read")
    assert requests.get(f"{serving.origin}/events/feed", timeout=5).status_code == 401
    with requests.get(f"{serving.origin}/events/feed", headers=may, stream=True, timeout=10) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(lines) == "retry: 2000"
        serving.phones("+8613800138021").presses("1411#2").hangs_up()
        serving.records()
        got: list[tuple[str, dict[str, object]]] = []
        place = ""
        for line in lines:
            if line.startswith("id: "):
                place = line[4:]
            elif line.startswith("data: {") and place:
                got.append((place, json.loads(line[6:])))
                if got[-1][1]["type"] == "call.ended":
                    break
    kinds = [event["type"] for _, event in got]
    assert kinds[0] == "queue.joined"
    assert kinds[-1] == "call.ended"
    assert "13800138021" not in json.dumps(got)
    back = {**may, "Last-Event-ID": got[0][0]}
    with requests.get(f"{serving.origin}/events/feed", headers=back, stream=True, timeout=10) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        first = next(line for line in lines if line.startswith("id: "))
    assert first == f"id: {got[1][0]}"
    link = serving.switchboard.link
    link.run(lambda connection: connection.xtrim(link.keys("events"), maxlen=1, approximate=False))
    with requests.get(f"{serving.origin}/events/feed", headers=back, stream=True, timeout=10) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        told = [next(line for line in lines if line.startswith(("id: ", "event: gap"))) for _ in range(2)]
    assert told == ["event: gap", f"id: {got[-1][0]}"], "what is not kept any more is told of"
    wrong = {**may, "Last-Event-ID": "yesterday"}
    assert requests.get(f"{serving.origin}/events/feed", headers=wrong, timeout=5).status_code == 422


# ---- webhooks ----------------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_convention():
    """The vector that the convention's own libraries are tested with."""
    found = signature(SECRET, message="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330, body=b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_administrator_adds_an_endpoint_sees_its_secret_once_and_what_came_of_each_event(staffed):
    root, rules = staffed.client("root"), staffed.switchboard.rules
    with open_house() as system:
        form = {"url": system.url("good"), "events": ["call.ended", "queue.joined"]}
        assert sends(root, "/admin/webhooks/add", **form).status_code == 422  # plain http, not listed
        rules.webhook = PostWebhook(allowed=AllowList.parse(system.entry))
        keep = replace(rules.hooks_room, problem=rules.webhook.problem)
        endpoint, secret = keep.add(form["url"], form["events"], who="root")
        assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
        page = root.get("/admin/webhooks").text
        assert endpoint.url in page
        assert secret not in page
        staffed.phones("+8613800138021").presses("1411#2").hangs_up()
        staffed.records()
        staffed.records()
        later = replace(rules.send_outgoing, clock=staffed.switchboard.clock)
        assert later() == 2
        told = [json.loads(one["body"]) for one in system.asked]
        assert sorted(one["type"] for one in told) == ["call.ended", "queue.joined"]
        assert "13800138021" not in json.dumps(told)
        row = rules.outgoing.newest(target=endpoint.id)[0]
        assert row.answer.startswith("HTTP 200")
        assert sends(root, f"/admin/webhooks/{endpoint.id}/again", message=row.id).status_code == 303
        assert later() == 1
        ids = [one["headers"]["webhook-id"] for one in system.asked]
        assert len(set(ids)) == 2  # the same message again
        other = sends(root, f"/admin/webhooks/{endpoint.id}/secret").text.split('class="secret">')[1].split("<")[0]
        assert other != secret
        assert "the secret of before signs too" in root.get("/admin/webhooks").text
        for valid in ([other, secret], [other]):
            assert sends(root, f"/admin/webhooks/{endpoint.id}/again", message=row.id).status_code == 303
            assert later() == 1
            head, body = system.asked[-1]["headers"], row.body.encode()
            at = int(head["webhook-timestamp"])
            signed = [signature(one, message=row.message, at=at, body=body) for one in valid]
            assert head["webhook-signature"].split() == signed, "for a day the one of before signs too"
            with writing(staffed.switchboard.engine) as connection:
                connection.execute(webhook_endpoints.update().values(old_until=staffed.now))
        assert sends(root, f"/admin/webhooks/{endpoint.id}/again", message=row.id).status_code == 303
        assert sends(root, f"/admin/webhooks/{endpoint.id}/off").status_code == 303
        assert (later(), len(system.asked)) == (0, 5), "nothing goes to one that is switched off"
        assert rules.outgoing.find(row.id).answer == "switched off"
        assert sends(root, f"/admin/webhooks/{endpoint.id}/again", message=row.id).status_code == 303
        assert (later(), len(system.asked)) == (1, 5), "nor what is sent once more by hand"
        assert sends(root, f"/admin/webhooks/{endpoint.id}/on").status_code == 303
        assert sends(root, f"/admin/webhooks/{endpoint.id}/test").status_code == 303
        assert sends(root, f"/admin/webhooks/{endpoint.id}/remove").status_code == 303
        assert later() == 0
    assert newest(staffed)[1] == "webhook removed"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "https://user:pw@example.org/",
        "ftp://example.org",
        "https://exa mple.org",
        "",
        "https://",
    ],
)
def test_an_address_that_nothing_may_be_sent_to_is_refused(url):
    assert PostWebhook().problem(url)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:10.0.0.8"])
def test_a_name_that_leads_into_the_house_is_never_connected_to(address):
    post = PostWebhook(resolve=lambda _host, _port: ["93.184.216.34", address])
    with pytest.raises(NotSent, match="not public"):
        post.post("https://hooks.example.org/x", SECRET, message="m", at=1, body=b"{}")


# ---- tokens by page ----------------------------------------------------------------------------------------------


def test_a_token_is_made_on_the_page_shown_once_and_taken_back(staffed):
    root = staffed.client("root")
    made = sends(root, "/admin/tokens/add", name="crm", days="30", scopes=["queues:read"]).text
    text = made.split('class="secret">')[1].split("<")[0]
    assert text not in root.get("/admin/tokens").text
    may = {"Authorization": f"Bearer {text}"}
    assert stranger(staffed).get("/api/v1/queues", headers=may).status_code == 200
    forms: list[dict[str, object]] = [{"name": "X Y"}, {"days": "0"}, {"days": "800"}, {"scopes": []}, {"name": "crm"}]
    for wrong in forms:
        form = {"name": "other", "days": "30", "scopes": ["queues:read"]} | wrong
        assert sends(root, "/admin/tokens/add", **form).status_code in (409, 422), wrong
    assert sends(root, "/admin/tokens/revoke", name="crm").status_code == 303
    assert stranger(staffed).get("/api/v1/queues", headers=may).status_code == 401
    assert newest(staffed)[:3] == ("root", "token revoked", "crm")


# ---- the description ---------------------------------------------------------------------------------------------


def test_every_answer_has_an_example_that_fits_its_schema():
    described = document()
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                media = answer["content"]["application/json"]
                name = media["schema"].get("$ref", "").rpartition("/")[2]
                if name:
                    assert media["example"], (path, method, status)
                    OAS31Validator(schemas[name]).validate(media["example"])
