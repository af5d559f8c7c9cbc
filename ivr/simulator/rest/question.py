"""One REST request, as its handler sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request

from ivr.simulator.exchange import Exchange
from ivr.simulator.rest.shapes import VERSION, Form, RestError, Shape, Shapes, not_found, page

COLLECTIONS = ("Calls", "Participants", "Messages", "Applications", "Recordings")


class Question:
    def __init__(self, exchange: Exchange, request: Request, found: Mapping[str, str]) -> None:
        self.exchange = exchange
        self.request = request
        self.found = found
        """Variables of the path."""
        self.method = request.method
        self.form: Form = request.form
        self.shapes = Shapes(exchange.account, exchange.clock, exchange.recordings.base_url)
        self.path = (
            request.path.removeprefix(f"/{VERSION}/Accounts/{found['account']}").strip("/").removesuffix(".json")
        )
        """Below the account: `Calls/CA…`."""

    @property
    def what(self) -> str:
        """As faults name it: `POST Calls`."""
        return f"{self.method} {self.path}"

    @property
    def creates(self) -> bool:
        return self.method == "POST" and self.path.rpartition("/")[2] in COLLECTIONS

    def missing(self) -> RestError:
        return not_found(f"Accounts/{self.found['account']}/{self.path}.json")

    def page(self, key: str, found: list[Any], shape: Callable[[Any], Shape]) -> Shape:
        """Newest first is the caller's business."""
        return page(key, f"Accounts/{self.found['account']}/{self.path}", self.request.args.to_dict(), found, shape)


Handler = Callable[[Question], Any]
Rule = tuple[str, str, Handler]
"""Path below the account, method, handler."""
