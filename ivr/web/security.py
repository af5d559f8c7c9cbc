"""Who may use a route, and what every answer carries.

Deny by default: each view declares its policy with one of the decorators below, and `check_policies` refuses to build an app in
which one does not. Requests that change something must come from our own pages (`Origin`, `Sec-Fetch-Site`) and
carry a token bound to the cookie of the session; the carrier's webhooks are signed instead, and a cookie means
nothing there.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, Forbidden, TooManyRequests, Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from ivr.core.people import Account, Role, Token
from ivr.web.doors import Site
from ivr.web.embedding import ancestors, reach
from ivr.web.limits import Limit, limit, network_of

View = TypeVar("View", bound=Callable[..., object])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT = frozenset({"static", "recordings"})
"""What browsers and the carrier may keep: files without anybody's data."""
SOUNDS = frozenset({"recordings", "voice.heard"})
"""What a telephone plays: in the box it is a page of another origin."""
STRANGERS, ASKED = 60, 20_000
"""Within ten minutes: wrong tokens of one address, and requests of one program (a ticket for every call of a rush)."""
TWILIO_CONNECT = ("https://eventgw.twilio.com", "wss://voice-js.roaming.twilio.com")
"""Hosts that the carrier's browser library signals to (`ECOSYSTEM.md` 6)."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    who: str
    """`people`, `anyone`, `carrier`, `program`, `machine` or `link`."""
    roles: frozenset[Role] = frozenset()
    scope: str = ""
    """What the token of a program must be made for; empty: programs are not asked in."""


def allow(*roles: str, scope: str = "") -> Callable[[View], View]:
    """People with one of these roles; with a `scope` also programs whose token was made for it."""
    return _declare(Policy(who="people", roles=frozenset(Role(role) for role in roles), scope=scope))


def allow_anyone(view: View) -> View:
    """Nobody is asked who they are; a state change still needs its token."""
    return _declare(Policy(who="anyone"))(view)


def signed_by_carrier(view: View) -> View:
    """The view verifies the carrier's signature; cookies mean nothing here."""
    return _declare(Policy(who="carrier"))(view)


def by_link(view: View) -> View:
    """Whoever holds a token that we texted: it stands in the path, cookies mean nothing, and no other site knows it."""
    return _declare(Policy(who="link"))(view)


def for_programs(scope: str) -> Callable[[View], View]:
    """Programs with a bearer token made for this; cookies mean nothing, so no page's token is asked for."""
    return _declare(Policy(who="program", scope=scope))


def machine(view: View) -> View:
    """Health and metrics: the view decides by address or token."""
    return _declare(Policy(who="machine"))(view)


def _declare(policy: Policy) -> Callable[[View], View]:
    def declared(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return declared


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    policy = getattr(app.view_functions[endpoint], "policy", None)
    return policy if isinstance(policy, Policy) else None


def check_policies(app: Flask) -> None:
    """Raise when any route has no policy. Called when the app is complete."""
    bare = sorted({rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None})
    if bare:
        raise RuntimeError(f"routes without a declared policy: {', '.join(bare)}")


def add_guard(app: Flask, site: Site) -> None:
    """Check every request before its view, and dress every answer after it."""
    if app.has_static_folder:
        allow_anyone(app.view_functions["static"])
    wrong, asked = limit(site, "wrong_tokens", STRANGERS), limit(site, "programs", ASKED)

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        policy = policy_of(app, request.endpoint) if request.endpoint else None
        if policy is None or policy.who in ("carrier", "machine"):
            return None
        _check_host(site)
        if policy.who == "program" or (policy.scope and _has_token()):
            _check_token(policy, site, wrong=wrong, asked=asked)
            return None
        if policy.who == "link":
            return None
        if policy.who == "people":
            refused = _refuse(policy, site)
            if refused is not None:
                return refused
        if request.method not in SAFE_METHODS:
            _check_sender(site)
        return None

    @app.after_request
    def dress(response: Response) -> Response:
        policy = policy_of(app, request.endpoint) if request.endpoint else None
        if policy is not None and policy.who == "carrier":
            return response
        return _veil(_dress(response, site)) if policy is not None and policy.who == "link" else _dress(response, site)


def _check_host(site: Site) -> None:
    """Behind https only our own name is served (S-06): another one is a stranger's, or a proxy that hides the name."""
    if site.secure:
        wanted = urlsplit(site.public_url).hostname
        if urlsplit(f"//{request.host}").hostname not in (wanted, "127.0.0.1", "localhost", "::1"):
            raise BadRequest(f"this is {wanted}; a proxy in front must pass the Host header on as it is")


def _refuse(policy: Policy, site: Site) -> ResponseReturnValue | None:
    person = current_person(site)
    if person is None:
        if wants_json():
            raise Unauthorized("sign in first")
        here = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(f"/login?next={quote(here, safe='/')}" if here not in ("", "/") else "/login", 303)
    if not person.may(*policy.roles):
        raise Forbidden("this is not for your role")
    return None


def _check_token(policy: Policy, site: Site, *, wrong: Limit, asked: Limit) -> None:
    """A right token is never turned away for the wrong ones of its neighbours behind the same address."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = site.tokens.find(token.strip(), site.now()) if kind.lower() == "bearer" and token.strip() else None
    if found is None:
        if not wrong.admits(network_of(request.remote_addr)):
            raise TooManyRequests("too many wrong tokens; wait ten minutes", retry_after=600)
        raise Unauthorized("send a token of this service: Authorization: Bearer …")
    if policy.scope not in found.scopes:
        raise Forbidden(f"this token was not made for {policy.scope}")
    if not asked.admits(found.name):
        raise TooManyRequests("this program asks too often; wait a while", retry_after=60)
    g.program = found


def _has_token() -> bool:
    """A proxy in front may send a password of its own under the same name; that is no token."""
    return request.headers.get("Authorization", "")[:7].lower() == "bearer "


def bearer() -> str:
    """The token that this request carries."""
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def program() -> Token:
    """The program of a request whose policy asks for one."""
    found: Token = g.program
    return found


def actor(site: Site) -> str:
    """Who asks, as the audit names them: a person's login, or `program:NAME`."""
    return f"program:{program().name}" if "program" in g else signed_in(site).login


def wants_json() -> bool:
    """API and streams answer in JSON, pages in HTML."""
    return request.path.startswith(("/api/", "/events/"))


def current_person(site: Site) -> Account | None:
    """The signed-in person of this request, looked up once."""
    if "person" not in g:
        token = session_token(site)
        g.person = site.people.session(token, site.now()) if token else None
    found: Account | None = g.person
    return found


def signed_in(site: Site) -> Account:
    """The person of a request whose policy asks for one."""
    person = current_person(site)
    if person is None:
        raise Unauthorized("sign in first")
    return person


def cookie_name(site: Site, name: str = "ivr") -> str:
    """`__Host-` binds a cookie to this very host; browsers accept it over https only."""
    return f"__Host-{name}" if site.secure else name


def session_token(site: Site) -> str:
    return request.cookies.get(cookie_name(site), "")


def set_cookie(response: BaseResponse, site: Site, name: str, value: str, *, max_age: int | None = None) -> None:
    response.set_cookie(
        cookie_name(site, name), value, max_age=max_age, path="/", secure=site.secure, httponly=True, **reach(site)
    )


def drop_cookie(response: BaseResponse, site: Site, name: str = "ivr") -> None:
    response.delete_cookie(cookie_name(site, name), path="/", secure=site.secure, httponly=True, **reach(site))


def csrf_token(site: Site) -> str:
    """Bound to the session cookie; before sign-in to a random cookie of its own, set with the answer."""
    anchor = session_token(site) if current_person(site) else ""
    return _token_for(site, anchor or _visitor(site, create=True))


def _visitor(site: Site, *, create: bool) -> str:
    known = request.cookies.get(cookie_name(site, "ivr-visitor"), "") or g.get("new_visitor", "")
    if not known and create:
        known = g.new_visitor = secrets.token_urlsafe(24)
    return str(known)


def _token_for(site: Site, anchor: str) -> str:
    return hmac.new(site.secret.encode(), f"csrf:{anchor}".encode(), sha256).hexdigest()


def _check_sender(site: Site) -> None:
    """Refuse what another site sent in the name of our visitor."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("sent from another site")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in (request.host, urlsplit(site.public_url).netloc):
        raise Forbidden("sent from another site")
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    person = current_person(site)
    anchor = session_token(site) if person else _visitor(site, create=False)
    if not anchor or not hmac.compare_digest(given.encode(), _token_for(site, anchor).encode()):
        raise Forbidden("the page is out of date; load it again")


def safe_next(target: str) -> str:
    """A path of ours to go on to; anything that could lead elsewhere leads home."""
    split = urlsplit(target)
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target
    if not plain or split.scheme or split.netloc or any(char <= " " for char in target):
        return "/"
    return target


def content_policy(site: Site, *, telephone: bool) -> str:
    """No inline code anywhere; another origin only where the page is a telephone."""
    origins: tuple[str, ...] = ((site.simulator,) if site.simulator else TWILIO_CONNECT) if telephone else ()
    script = ("'self'", site.simulator) if telephone and site.simulator else ("'self'",)
    media = ("'self'", "mediastream:", "blob:", *origins) if telephone else ("'self'",)
    rules = {
        "default-src": ("'none'",),
        "script-src": script,
        "style-src": ("'self'",),
        "img-src": ("'self'",),
        "connect-src": ("'self'", *origins),
        "media-src": tuple(source for source in media if not source.startswith("wss:")),
        "worker-src": ("'self'",),
        "form-action": ("'self'",),
        "base-uri": ("'none'",),
        "object-src": ("'none'",),
        "frame-ancestors": ancestors(site) or ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


LINK_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script at all: the page of a link works without, so none may run."""


def _veil(response: Response) -> Response:
    """The address holds a token: nobody learns it from a referrer or a search engine, and nothing is kept."""
    response.headers["Content-Security-Policy"] = LINK_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _dress(response: Response, site: Site) -> Response:
    telephone = request.path in ("/agent", "/supervisor")
    headers = response.headers
    headers["Content-Security-Policy"] = content_policy(site, telephone=telephone)
    headers["Permissions-Policy"] = f"microphone={'(self)' if telephone else '()'}, camera=(), geolocation=()"
    headers["X-Content-Type-Options"] = "nosniff"
    if not ancestors(site):
        headers["X-Frame-Options"] = "DENY"
    # Nothing leaves this origin; stricter `no-referrer` would make browsers send our own forms with `Origin: null`.
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if request.endpoint in SOUNDS else "same-origin"
    if site.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint not in KEPT:
        headers["Cache-Control"] = "no-store"
    if "new_visitor" in g:
        set_cookie(response, site, "ivr-visitor", g.new_visitor)
    return response
