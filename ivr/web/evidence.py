"""The pages of a texted link: a form that works on any telephone without script, once.

The token in the path is all that counts: no cookie is set or read. Looking changes nothing, so that a preview of the link
does no harm; the first form that is sent uses it. The body is read within bounds: so many bytes, so many seconds, so many
forms at once, each file in memory only (nothing of it is written down unsealed).
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestTimeout, TooManyRequests
from werkzeug.formparser import FormDataParser

from ivr.core.errors import Unavailable
from ivr.core.evidence import LARGEST_ALL, LARGEST_FILE, LIMITS, MOST_FILES, Fault, GivenFile, GivenForm, OpenLink
from ivr.core.people import Role
from ivr.web.doors import Site
from ivr.web.hand_over import href
from ivr.web.i18n import HTML_LANGUAGES, LOCALES, gettext, page_language
from ivr.web.limits import HOUR, Limit, limit, network_of
from ivr.web.security import allow, by_link, signed_in
from ivr.web.webhooks import alert
from ivr.workflows.receive_evidence import Taken

TOKEN = re.compile(r"[a-z2-7]{26}")
PAGE = re.compile(r"[0-9a-f]{16}")
MEGABYTE = 1024 * 1024
RETRY = frozenset({429, 503})
WORDS = 64 * 1024
"""Bytes of all fields that are no files."""
MOST_PARTS = 40
PATIENCE_S = 180.0
"""Longest time that one form may take to arrive."""
SILENCE_S = 20.0
"""Longest pause of a line that sends one."""
DRAINED = 3 * LARGEST_ALL
"""Bytes of a form that is too large which are read and dropped, so that a telephone shows our answer and no error."""
LOOKS, SENDS = 240, 40
"""Pages shown and forms taken within ten minutes, for one address."""
OPENED = 30
"""Files that one person may open in an hour (`RELIABILITY.md` S-93)."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a telephone sent, or why it could not be read."""

    form: GivenForm
    fault: Fault | None = None


def evidence_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("evidence", __name__)
    pages = LinkPages(
        site=site,
        reading=threading.BoundedSemaphore(site.uploads),
        looks=limit(site, "looks", LOOKS),
        sends=limit(site, "sends", SENDS),
    )
    opened = limit(site, "files", OPENED, window=HOUR, strict=True)

    @blueprint.get("/e/<token>")
    @by_link
    def show(token: str) -> ResponseReturnValue:
        return pages.answer(lambda: pages.show(token), pages.looks)

    @blueprint.get("/e/<token>/sent")
    @by_link
    def sent(token: str) -> ResponseReturnValue:
        return pages.answer(lambda: pages.sent(token), pages.looks)

    @blueprint.get("/evidence/<file>")
    @allow("agent", "supervisor")
    def open_file(file: str) -> ResponseReturnValue:
        """A file of a caller, for the agent of the call and for supervisors: never shown, only saved."""
        person = signed_in(site)
        if not opened.admits(person.login):
            alert("many_files_opened", who=person.login)
            raise TooManyRequests("too many files in an hour", retry_after=3600)
        supervises = person.may(Role.SUPERVISOR)
        listed, body = site.open_file(file, who=person.login, agent=person.agent, supervises=supervises)
        answer = Response(body, mimetype="application/octet-stream")
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(listed.name, safe='')}"
        return answer

    @blueprint.post("/e/<token>")
    @by_link
    def send(token: str) -> ResponseReturnValue:
        return pages.answer(lambda: pages.send(token), pages.sends)

    return blueprint


@dataclass(frozen=True, kw_only=True)
class LinkPages:
    """What a telephone is shown that opens a link."""

    site: Site
    reading: threading.BoundedSemaphore
    looks: Limit
    sends: Limit

    def answer(self, view: Callable[[], ResponseReturnValue], asked: Limit) -> ResponseReturnValue:
        """A view's answer, or a plain page in its place; never the error page of people who are signed in."""
        language = request.args.get("lang", "")
        g.language = language if language in LOCALES else None
        if not asked.admits(network_of(request.remote_addr)):
            drain()
            return self.plain("busy", 429)
        try:
            return view()
        except Unavailable:
            return self.plain("trouble", 503)

    def show(self, token: str) -> Response:
        link = self._find(token)
        live = link is not None and link.live(self.site.now())
        return self.blank(link) if link is not None and live else self.plain("over", 410, link)

    def sent(self, token: str) -> Response:
        """What the form leads to; shown as often as somebody likes, for as long as the link was meant to work."""
        link = self._find(token)
        used = link is not None and link.used_at is not None and self.site.now() < link.expires_at
        return self.plain("received", 200, link) if used else self.plain("over", 410, link)

    def send(self, token: str) -> ResponseReturnValue:
        link = self._find(token)
        if link is None:
            drain()
            return self.plain("over", 410)
        page = request.args.get("page", "")
        page = page if PAGE.fullmatch(page) else ""
        if not link.live(self.site.now()):
            drain()
            taken = self.site.evidence(link, GivenForm(fields={}), page=page).taken
        elif not self.reading.acquire(blocking=False):
            drain()
            return self.plain("busy", 503, link)
        else:
            try:
                sent = read_form()
                faults = [sent.fault] if sent.fault else []
                receipt = None if faults else self.site.evidence(link, sent.form, page=page)
            finally:
                self.reading.release()
            if receipt is None or receipt.taken is Taken.FAULTY:
                return self.blank(link, faults=receipt.faults if receipt else faults, fields=sent.form.fields)
            taken = receipt.taken
        if taken is Taken.RECEIVED:
            return redirect(f"{request.path}/sent?lang={page_language()}", 303)
        return self.plain("over", 410, link)

    def _find(self, token: str) -> OpenLink | None:
        link = self.site.evidence.look(token) if TOKEN.fullmatch(token) else None
        if link is not None and g.language is None:
            spoken = link.language.partition("-")[0]
            g.language = spoken if spoken in LOCALES else None
        return link

    def plain(self, word: str, status: int, link: OpenLink | None = None) -> Response:
        answer = self._page("link_plain.html", link, word=word)
        answer.status_code = status
        if status in RETRY:
            answer.headers["Retry-After"] = "60"
        return answer

    def blank(
        self, link: OpenLink, *, faults: Sequence[Fault] = (), fields: Mapping[str, str] | None = None
    ) -> Response:
        """The form; with what was written before when that was not taken."""
        answer = self._page(
            "link_form.html",
            link,
            faults=[sentence(fault) for fault in faults],
            wrong={fault.field for fault in faults},
            fields=fields or {},
            page=secrets.token_hex(8),
            limits=LIMITS,
            most_files=MOST_FILES,
            largest_mb=LARGEST_FILE // MEGABYTE,
            handed=self.site.hand_over(link, page_language()),
            href=href,
        )
        if faults:
            answer.status_code = 413 if any(fault.word == "all_too_large" for fault in faults) else 422
        return answer

    def _page(self, template: str, link: OpenLink | None, **words: Any) -> Response:
        """Drawn without what the pages of people know: no session is looked up, no cookie is set."""
        card = self.site.hotline(link.dialled if link else "")
        language = page_language()
        text = current_app.jinja_env.get_template(template).render(
            language=language,
            html_language=HTML_LANGUAGES[language],
            title=card.titles.get(language) or next(iter(card.titles.values()), ""),
            number=card.number,
            path=request.path,
            **words,
        )
        return Response(text, mimetype="text/html")


def sentence(fault: Fault) -> str:
    """Why a form was not taken, and what to do."""
    texts = {
        "too_long": gettext("One of the fields is too long. Please shorten it."),
        "no_email": gettext("This does not look like an e-mail address. Please check it."),
        "too_many": gettext("Please choose at most %(count)s files.") % {"count": MOST_FILES},
        "too_large": gettext("%(name)s is too large: a file may have %(size)s MB.")
        % {"name": fault.name, "size": LARGEST_FILE // MEGABYTE},
        "wrong_kind": gettext(
            "%(name)s is none of the kinds that we take: pictures (JPEG, PNG, HEIC), PDF, plain text."
        )
        % {"name": fault.name},
        "empty": gettext("The form is empty. Please write something or choose a file."),
        "all_too_large": gettext("This is too much at once: all files together may have %(size)s MB.")
        % {"size": LARGEST_ALL // MEGABYTE},
        "unreadable": gettext("The form did not arrive whole. Please send it again."),
    }
    return texts[fault.word]


# ---- reading what was sent -------------------------------------------------------------------------------------


class Patient:
    """A body that must arrive in time, and how much of it has."""

    def __init__(self) -> None:
        self.taken = 0
        self._until = time.monotonic() + PATIENCE_S

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() > self._until:
            raise RequestTimeout
        part = request.stream.read(size)
        self.taken += len(part)
        return part


def read_form() -> Sent:
    """The form, never more of it than it may have. What is too large is dropped, not kept."""
    nothing = GivenForm(fields={})
    if request.mimetype != "multipart/form-data":
        drain()
        return Sent(form=nothing, fault=Fault(field="what", word="unreadable"))
    request.max_content_length = LARGEST_ALL + WORDS
    body = Patient()
    try:
        with _impatient():
            parser = FormDataParser(
                stream_factory=_in_memory, max_form_memory_size=WORDS, max_form_parts=MOST_PARTS, silent=False
            )
            _, fields, files = parser.parse(
                body,  # type: ignore[arg-type]
                request.mimetype,
                request.content_length,
                request.mimetype_params,
            )
    except RequestEntityTooLarge:
        drain(taken=body.taken)
        return Sent(form=nothing, fault=Fault(field="files", word="all_too_large"))
    except (HTTPException, ValueError, OSError):
        return Sent(form=nothing, fault=Fault(field="what", word="unreadable"))
    given = [
        GivenFile(name=file.filename or "", body=file.stream.read()) for file in files.getlist("files") if file.filename
    ]
    return Sent(form=GivenForm(fields={name: fields.get(name, "") for name in LIMITS}, files=tuple(given)))


def _in_memory(*_args: object, **_more: object) -> IO[bytes]:
    return BytesIO()


@contextmanager
def _impatient() -> Iterator[None]:
    """A line that falls silent in mid-form gives its thread back."""
    line = request.environ.get("gunicorn.socket")
    before = line.gettimeout() if line is not None else None
    if line is not None:
        line.settimeout(SILENCE_S)
    try:
        yield
    finally:
        if line is not None:
            line.settimeout(before)


def drain(*, taken: int = 0) -> None:
    """Read and drop what a telephone is still sending, within bounds: it shows our answer only when it was heard out."""
    stream, left = request.environ["wsgi.input"], min((request.content_length or 0) - taken, DRAINED)
    until = time.monotonic() + PATIENCE_S / 6
    try:
        with _impatient():
            while left > 0 and time.monotonic() < until:
                part = stream.read(min(left, 256 * 1024))
                if not part:
                    return
                left -= len(part)
    except OSError:
        return
