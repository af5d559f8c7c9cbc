"""Requests to the service: signed, retried by the carrier's rules, written into the ledger, and spoiled on order.

`Webhooks.send` talks and is called in a pool thread; `Webhooks.tell` sends a callback whose answer nobody reads.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from twilio.request_validator import RequestValidator

from ivr.simulator import http
from ivr.simulator.account import Account
from ivr.simulator.faults import Faults
from ivr.simulator.ledger import Ledger
from ivr.simulator.loop import Loop

SLOW_S = 3.0
"""A steering webhook answered later than this is a violation."""
REORDER_S = 2.0
SUCCESS = range(200, 300)
NO_ANSWER = http.Answer(status=0)


@dataclass(frozen=True, kw_only=True)
class Hook:
    """One request to the service. `of` is its sort: voice, status, room, recording, message."""

    of: str
    url: str
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict)
    leg: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came of a hook; `code` is Twilio's error code, 0 when there was a 2xx."""

    code: int = 0
    message: str = ""
    answer: http.Answer = NO_ANSWER
    entry: int = 0
    """Its number in the ledger."""


class Webhooks:
    def __init__(self, *, account: Account, loop: Loop, ledger: Ledger, faults: Faults) -> None:
        self._account = account
        self._loop = loop
        self._ledger = ledger
        self._faults = faults
        self._held: list[Hook] = []

    # --- steering webhooks: someone waits for the answer --------------------------------------------------

    def send(self, hook: Hook) -> Reply:
        """In a pool thread, without the lock."""
        token = str(uuid.uuid4())
        with self._loop.lock:
            twin = self._faults.draw("duplicate", of=hook.of)
            forged = self._faults.draw("forge", of=hook.of)
        if forged is not None:
            self._forge(hook, how=forged.how)
        if twin is not None and twin.parallel:
            self._loop.work(lambda: self._try(hook, token, copy=True), lambda _reply: None)
        reply = self._try(hook, token)
        if twin is not None and not twin.parallel:
            self._try(hook, token, copy=True)
        return reply

    def _try(self, hook: Hook, token: str, *, copy: bool = False) -> Reply:
        began = time.monotonic()
        attempts = 0
        reply = Reply()
        try:
            url, policy = http.policy_of(hook.url)
        except http.HttpFailed as err:
            return self._note(hook, Reply(code=err.code, message=err.message), began, copy=copy)
        while True:
            attempts += 1
            left = policy.total_s - (time.monotonic() - began)
            again = attempts <= policy.retries and left > 0
            try:
                answer = http.send(self._signed(hook, url, token), replace(policy, total_s=max(0.05, left)))
            except http.HttpFailed as err:
                reply = Reply(code=err.code, message=err.message)
                if again and policy.retries_failure(err.sort):
                    continue
                break
            reply = Reply(answer=answer)
            if answer.status not in SUCCESS:
                reply = Reply(code=11200, message=f"HTTP {answer.status}", answer=answer)
                if again and policy.retries_status(answer.status):
                    continue
            break
        return self._note(hook, reply, began, copy=copy, attempts=attempts)

    def _signed(self, hook: Hook, url: str, token: str) -> http.Request:
        validator = RequestValidator(self._account.auth_token)

        def sign(signed_url: str, form: Mapping[str, str]) -> Mapping[str, str]:
            return {"X-Twilio-Signature": str(validator.compute_signature(signed_url, dict(form)))}

        return http.Request(
            url=url, method=hook.method, form=hook.form, sign=sign, headers={"I-Twilio-Idempotency-Token": token}
        )

    def _note(self, hook: Hook, reply: Reply, began: float, *, copy: bool, attempts: int = 1) -> Reply:
        took = time.monotonic() - began
        with self._loop.change():
            entry = self._ledger.write(
                "webhook" if hook.of == "voice" else "callback",
                of=hook.of,
                leg=hook.leg,
                url=hook.url,
                method=hook.method,
                form=dict(hook.form),
                status=reply.answer.status,
                code=reply.code,
                message=reply.message,
                latency_s=round(took, 4),
                copy=copy,
                attempts=attempts,
                answer=reply.answer.body.decode("utf-8", "replace")[:8000],
                digest=hashlib.sha256(reply.answer.body).hexdigest()[:16],
            )
            if hook.of == "voice" and reply.answer.status != 200:
                self._ledger.violate(
                    "voice webhook answered 200",
                    entry=entry["n"],
                    leg=hook.leg,
                    url=hook.url,
                    status=reply.answer.status,
                    message=reply.message,
                )
            if hook.of == "voice" and took > SLOW_S:
                self._ledger.violate(
                    "voice webhook within 3 s", entry=entry["n"], leg=hook.leg, url=hook.url, latency_s=round(took, 3)
                )
        return replace(reply, entry=entry["n"])

    def _forge(self, hook: Hook, *, how: str) -> None:
        def wrong(_url: str, _form: Mapping[str, str]) -> Mapping[str, str]:
            return {"X-Twilio-Signature": "bm90IHRoZSBzaWduYXR1cmU="}

        try:
            url, policy = http.policy_of(hook.url)
            sign = wrong if how == "wrong" else None
            status = http.send(http.Request(url=url, method=hook.method, form=hook.form, sign=sign), policy).status
        except http.HttpFailed as err:
            status = 0
            message = err.message
        else:
            message = ""
        with self._loop.change():
            entry = self._ledger.write(
                "forged", of=hook.of, leg=hook.leg, url=hook.url, how=how, status=status, message=message
            )
            if status in SUCCESS:
                self._ledger.violate("forged webhook refused", entry=entry["n"], url=hook.url, status=status)

    # --- callbacks: sent beside the call, in whatever order ------------------------------------------------

    def tell(self, hook: Hook) -> None:
        """With the lock held."""
        if not hook.url:
            return
        fault = self._faults.draw("drop", "delay", "reorder", of=hook.of)
        if fault is None:
            self._leave(hook)
        elif fault.kind == "drop":
            self._ledger.write("fault", fault="drop", of=hook.of, url=hook.url, form=dict(hook.form))
        elif fault.kind == "delay":
            self._loop.later(fault.seconds, lambda: self._leave(hook))
        else:
            self._held.append(hook)
            self._loop.later(REORDER_S, lambda: self._release(hook))

    def _leave(self, hook: Hook) -> None:
        held, self._held = self._held, []

        def then(_reply: Reply) -> None:
            for other in held:
                self._leave(other)

        self._loop.work(lambda: self.send(hook), then)

    def _release(self, hook: Hook) -> None:
        if hook in self._held:
            self._held.remove(hook)
            self._leave(hook)

    def ask(self, hook: Hook, then: Callable[[Reply], None]) -> None:
        """A steering webhook whose document is not run any more (action after a hang-up)."""
        self._loop.work(lambda: self.send(hook), then)
