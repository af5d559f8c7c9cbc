"""One HTTP exchange with the service, by the carrier's rules: connect and read time-outs, a total, retries, redirects.

Plain `http.client`, because the rules need to know whether a connection failed or an answer did, and every byte is
counted against one total. A new connection each time: the carrier's requests come from many machines.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

MOST_REDIRECTS: Final = 10
MOST_BYTES: Final = 8 * 1024 * 1024
GET_AFTER: Final = frozenset({301, 302, 303})
KEEP_AFTER: Final = frozenset({307, 308})


class HttpFailed(Exception):
    """`sort`: `ct` (no connection), `rt` (no complete answer). `code` is Twilio's."""

    def __init__(self, sort: str, code: int, message: str) -> None:
        super().__init__(message)
        self.sort, self.code, self.message = sort, code, message


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Connection overrides, as written after `#` in a URL. Times in seconds."""

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    def retries_status(self, status: int) -> bool:
        return "all" in self.retry_on or (f"{status // 100}xx" in self.retry_on)

    def retries_failure(self, sort: str) -> bool:
        return "all" in self.retry_on or sort in self.retry_on


OVERRIDES: Final[Mapping[str, tuple[int, int]]] = {
    "ct": (100, 10_000),
    "rt": (100, 15_000),
    "tt": (100, 15_000),
    "rc": (0, 5),
}


def policy_of(url: str) -> tuple[str, Policy]:
    """The URL without its fragment, and what the fragment asks for. Bad keys raise HttpFailed 11240…11243."""
    bare, _, fragment = url.partition("#")
    given = dict(parse_qsl(fragment, keep_blank_values=True))
    numbers: dict[str, int] = {}
    for key, (least, most) in OVERRIDES.items():
        if key in given:
            if not given[key].isdigit() or not least <= int(given[key]) <= most:
                raise HttpFailed("url", 11241, f"connection override {key}={given[key]}")
            numbers[key] = int(given[key])
    kinds = frozenset(given["rp"].split(",")) if "rp" in given else Policy.retry_on
    if not kinds <= {"4xx", "5xx", "ct", "rt", "all"}:
        raise HttpFailed("url", 11242, f"connection override rp={given['rp']}")
    unknown = set(given) - {*OVERRIDES, "rp", "sni", "e"}
    if unknown:
        raise HttpFailed("url", 11240, f"connection override {min(unknown)}")
    return bare, Policy(
        connect_s=numbers.get("ct", 5000) / 1000,
        read_s=numbers.get("rt", 15_000) / 1000,
        total_s=numbers.get("tt", 15_000) / 1000,
        retries=numbers.get("rc", 1),
        retry_on=kinds,
    )


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    url: str = ""
    """Where the answer came from, after redirects."""
    method: str = "POST"

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


Sign = Callable[[str, Mapping[str, str]], Mapping[str, str]]
"""Headers for a URL and the form that goes with it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    url: str
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict)
    sign: Sign | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def spelled(url: str) -> str:
    """ASCII, escapes kept as they are. Raises HttpFailed 11100 for what is no web address."""
    try:
        parts = urlsplit(url)
        bad = parts.scheme not in {"http", "https"} or not parts.hostname or "_" in parts.hostname
    except ValueError:
        bad = True
    if bad:
        raise HttpFailed("url", 11100, f"Invalid URL: {url}")
    return urlunsplit(
        parts._replace(
            path=quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._"),
            query=quote(parts.query, safe="/%:@!$&'()*+,;=~-._?"),
            fragment="",
        )
    )


def send(request: Request, policy: Policy) -> Answer:
    """With redirects. Raises HttpFailed."""
    deadline = time.monotonic() + policy.total_s
    url, method, form = spelled(request.url), request.method, request.form
    for _ in range(MOST_REDIRECTS + 1):
        answer = _once(
            Request(url=url, method=method, form=form, sign=request.sign, headers=request.headers), policy, deadline
        )
        where = answer.headers.get("location")
        if not where or answer.status not in GET_AFTER | KEEP_AFTER:
            return answer
        url = spelled(urljoin(url, where))
        if answer.status in GET_AFTER:
            method, form = "GET", {}
    raise HttpFailed("rt", 11215, "Too many redirects")


def with_query(url: str, form: Mapping[str, str]) -> str:
    if not form:
        return url
    return url + ("&" if "?" in url else "?") + urlencode(form)


def _once(request: Request, policy: Policy, deadline: float) -> Answer:
    url, body = request.url, b""
    headers = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "Connection": "close", **request.headers}
    if request.method == "GET":
        url = with_query(url, request.form)
    else:
        body = urlencode(request.form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    parts = urlsplit(url)
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        parts = urlsplit(url)
    if request.sign is not None:
        headers |= request.sign(url, request.form if request.method == "POST" else {})
    connection = _connect(parts.scheme, parts.hostname or "", parts.port, min(policy.connect_s, _left(deadline)))
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return _talk(connection, request.method, target, body, headers, policy, deadline, url)
    finally:
        connection.close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise HttpFailed("rt", 11200, "Total time-out")
    return left


def _connect(scheme: str, host: str, port: int | None, within_s: float) -> http.client.HTTPConnection:
    make = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = make(host, port, timeout=within_s)
    try:
        connection.connect()
    except socket.gaierror as err:
        raise HttpFailed("ct", 11210, f"Host not found: {host}") from err
    except ssl.SSLError as err:
        raise HttpFailed("ct", 11220, f"TLS: {err}") from err
    except OSError as err:
        raise HttpFailed("ct", 11205, f"Connection failed: {err}") from err
    return connection


def _talk(  # noqa: PLR0913, PLR0917
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes,
    headers: Mapping[str, str],
    policy: Policy,
    deadline: float,
    url: str,
) -> Answer:
    sock = connection.sock
    try:
        sock.settimeout(min(policy.read_s, _left(deadline)))
        connection.request(method, target, body or None, dict(headers))
        response = connection.getresponse()
        pieces, size = [], 0
        while piece := response.read1(65_536):
            pieces.append(piece)
            size += len(piece)
            # Python closes the socket with the last byte of the answer since 3.11.8, 3.12.2 and 3.13; before, later.
            if size > MOST_BYTES or response.isclosed():
                break
            sock.settimeout(min(policy.read_s, _left(deadline)))
        if response.length:  # the connection closed before the promised length
            raise HttpFailed("rt", 11206, "Answer cut short")
    except TimeoutError as err:
        raise HttpFailed("rt", 11200, "Read time-out") from err
    except (http.client.HTTPException, OSError) as err:
        raise HttpFailed("rt", 11206, f"HTTP protocol: {type(err).__name__}") from err
    named = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=named, body=b"".join(pieces), url=url, method=method)
