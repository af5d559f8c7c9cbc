"""Who gets in where, and what every answer carries (`RELIABILITY.md` 3.2 to 3.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from ivr.web.security import check_policies, policy_of, safe_next
from ivr.web.site import add_site, new_app
from tests.web.house import PASSWORD, House

PEOPLE = ("", "a1001", "lead", "root")
PAGES = {
    "/agent": {"a1001"},
    "/supervisor": {"lead", "root"},
    "/supervisor/reports/waits": {"lead", "root"},
    "/supervisor/reports/callbacks": {"lead", "root"},
    "/supervisor/reports/topics": {"lead", "root"},
    "/supervisor/reports/results": {"lead", "root"},
    "/supervisor/reports/hours": {"lead", "root"},
}
API = {
    "/api/v1/me": {"a1001", "lead", "root"},
    "/api/v1/desk": {"a1001"},
    "/api/v1/softphone": {"a1001"},
    "/api/v1/board": {"lead", "root"},
}


def test_every_route_declares_who_may_use_it(house):
    bare = [rule.rule for rule in house.app.url_map.iter_rules() if policy_of(house.app, rule.endpoint) is None]
    assert bare == []


def test_an_app_with_an_undeclared_route_is_refused():
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(RuntimeError, match="open"):
        check_policies(app)


def test_roles_open_their_own_pages_and_no_others(staffed):
    for who in PEOPLE:
        browser = staffed.client(who)
        for path, welcome in PAGES.items():
            answer = browser.get(path)
            if not who:
                assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={path}")
            elif who in welcome:
                assert answer.status_code == 200, (who, path)
            else:
                # the administrator's role opens the desk, but nobody of the roster sits there
                assert answer.status_code == (404 if (who, path) == ("root", "/agent") else 403), (who, path)


def test_the_api_answers_strangers_and_wrong_roles_in_json(staffed):
    for who in PEOPLE:
        browser = staffed.client(who)
        for path, welcome in API.items():
            answer = browser.get(path)
            expected = 200 if who in welcome else 401 if not who else 404 if who == "root" else 403
            assert answer.status_code == expected, (who, path)
            assert answer.is_json
            if expected != 200:
                assert set(answer.json) == {"error", "message"}


def test_streams_refuse_strangers_and_wrong_roles(staffed):
    assert staffed.client().get("/events/board").status_code == 401
    assert staffed.client().get("/events/agent").status_code == 401
    assert staffed.client("a1001").get("/events/board").status_code == 403
    assert staffed.client("lead").get("/events/agent").status_code == 403


def test_a_role_in_the_body_changes_nothing(staffed):
    browser = staffed.client("a1001")
    assert browser.asks("/api/v1/desk/break", {"reason": "lunch", "role": "admin"}).status_code == 400
    assert browser.get("/api/v1/board").status_code == 403


# ---- sign-in ---------------------------------------------------------------------------------------------------


def test_sign_in_leads_to_the_page_of_the_role(staffed):
    for who, page in (("a1001", "/agent"), ("lead", "/supervisor"), ("root", "/supervisor")):
        assert staffed.client().sign_in(who).headers["Location"] == page


def test_wrong_password_and_unknown_name_get_the_same_answer(staffed):
    browser = staffed.client()
    wrong, unknown = browser.sign_in("a1001", "not the password"), browser.sign_in("a9999", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("a1001", "") == unknown.text.replace("a9999", "")


def test_too_many_wrong_passwords_have_to_wait(staffed):
    browser = staffed.client()
    answers = [browser.sign_in("a1001", "not the password").status_code for _ in range(8)]
    assert answers[:5] == [401] * 5
    assert 429 in answers[5:]
    refused = browser.sign_in("a1001", PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(staffed):
    cookie = staffed.client().sign_in("a1001").headers.getlist("Set-Cookie")[0]
    assert cookie.startswith("ivr=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_sign_out_ends_the_session_for_whoever_holds_its_cookie(staffed):
    browser = staffed.client("a1001")
    stolen = browser.get_cookie("ivr")
    assert browser.post("/logout", data={"csrf": browser.token()}).status_code == 303
    browser.set_cookie("ivr", stolen.value)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_disabled_account_is_out_at_once(staffed):
    browser = staffed.client("a1001")
    account = staffed.switchboard.people.session(browser.get_cookie("ivr").value, staffed.now)
    staffed.switchboard.people.set_disabled(account.id, True)
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\r\nb",
        "javascript:alert(1)",
        "",
    ],
)
def test_the_way_on_after_sign_in_never_leads_elsewhere(staffed, target):
    assert safe_next(target) == "/"
    assert staffed.client().sign_in("a1001", onward=target).headers["Location"] == "/agent"


def test_the_way_on_after_sign_in_keeps_a_path_of_ours(staffed):
    onward = "/supervisor/reports/waits?from=2026-11-01"
    assert staffed.client().sign_in("lead", onward=onward).headers["Location"] == onward


# ---- requests that change something ----------------------------------------------------------------------------


def test_a_change_without_the_token_of_this_session_is_refused(staffed):
    browser, other = staffed.client("a1001"), staffed.client("lead")
    path = "/api/v1/desk/open"
    assert browser.post(path).status_code == 403
    assert browser.post(path, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    assert browser.post(path, headers={"X-CSRF-Token": other.token()}).status_code == 403
    assert staffed.switchboard.presences.find("a1001") is None
    assert browser.asks(path).status_code == 200


def test_the_sign_in_form_wants_its_token_too(staffed):
    browser = staffed.client()
    browser.get("/login")
    assert browser.post("/login", data={"name": "a1001", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_sent_by_another_site_is_refused_even_with_the_token(staffed, headers):
    browser = staffed.client("a1001")
    answer = browser.post("/api/v1/desk/open", headers={"X-CSRF-Token": browser.token(), **headers})
    assert answer.status_code == 403


def test_a_form_sent_to_a_json_route_is_refused(staffed):
    browser = staffed.client("a1001")
    answer = browser.post("/api/v1/desk/break", data={"csrf": browser.token(), "reason": "lunch"})
    assert answer.status_code == 415


def test_nothing_changes_by_get(staffed):
    changing = [
        rule.rule
        for rule in staffed.app.url_map.iter_rules()
        if rule.methods and "POST" in rule.methods and "GET" in rule.methods and not rule.rule.startswith("/voice")
    ]
    assert changing == []


# ---- headers ---------------------------------------------------------------------------------------------------


def directives(policy: str) -> dict[str, list[str]]:
    return {name: rest for name, *rest in (part.split() for part in policy.split("; "))}


def test_pages_run_only_our_own_code(staffed):
    answer = staffed.client("lead").get("/supervisor/wall")
    policy = directives(answer.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Permissions-Policy"].startswith("microphone=()")


@pytest.mark.parametrize(("login", "page"), [("a1001", "/agent"), ("lead", "/supervisor")])
def test_only_pages_that_are_telephones_may_use_the_microphone_and_the_network(staffed, login, page):
    """The agent's desk, and the board, from which a supervisor sits in on a talk."""
    answer = staffed.client(login).get(page)
    policy = directives(answer.headers["Content-Security-Policy"])
    assert answer.headers["Permissions-Policy"].startswith("microphone=(self)")
    simulator = staffed.switchboard.simulator_origin
    assert policy["script-src"] == ["'self'", simulator]
    assert policy["connect-src"] == ["'self'", simulator]


def test_no_page_holds_inline_code(staffed):
    pages = [staffed.client("a1001").get("/agent").text, staffed.client("lead").get("/supervisor").text]
    pages += [staffed.client().get("/login").text, staffed.client("lead").get("/supervisor/reports/waits").text]
    for page in pages:
        assert " style=" not in page
        assert " onclick=" not in page
        for script in page.split("<script")[1:]:
            opening, body = script.split(">", 1)
            assert "src=" in opening or 'type="application/json"' in opening
            assert body.startswith("</script>") or 'type="application/json"' in opening


@pytest.mark.parametrize("path", ["/login", "/agent", "/api/v1/desk", "/nothing-here", "/static/css/base.css"])
def test_every_answer_is_dressed(staffed, path):
    headers = staffed.client("a1001").get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert ("no-store" in headers["Cache-Control"]) is (not path.startswith("/static"))


def test_https_binds_cookies_to_the_host(staffed):
    site = staffed.switchboard.site
    app = new_app()
    add_site(app, replace(site, public_url="https://hotline.example.org"))
    check_policies(app)
    with app.test_client() as client:
        answer = client.get("/login", base_url="https://hotline.example.org")
        assert answer.headers["Set-Cookie"].startswith("__Host-ivr-visitor=")
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_markup_in_what_people_type_stays_text(staffed):
    answer = staffed.client().sign_in('"><script>alert(1)</script>', "not the password")
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_the_telephone_of_the_demo_is_found_only_in_the_box(house: House):
    answer = house.client().get("/phone?from=%2B442079460123")
    wanted = f"{house.switchboard.simulator_origin}/phone?from=%2B442079460123"  # which number it shows goes along
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)
