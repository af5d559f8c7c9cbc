"""The kinds of calls and agents that exist, and the tables of who serves whom, compiled when a new kind appears.

Kinds are few (topics × languages × priorities, and sets of skills), so tables are small and rarely change. Each process
remembers what it has registered; a save checks that the kind is still known (Redis may have been flushed, or the
kind cleared away), and registers it again if not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ivr.core.agents import Presence
from ivr.core.errors import Conflict
from ivr.core.matching import Fit, Signature, Standing, Tables, compile_tables, standing
from ivr.core.queues import Demand
from ivr.storage.redis import codec
from ivr.storage.redis.connection import Link
from ivr.storage.redis.write import Write

TRIES = 20
CROWDED = 400
"""More kinds than this of one sort: those that nobody uses are cleared away."""


@dataclass(frozen=True)
class Known:
    """What is registered, and its version."""

    version: str
    demands: Mapping[str, Demand]
    signatures: Mapping[str, Signature]
    _standings: dict[str, Mapping[str, Standing]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def tables(self) -> Tables:
        return compile_tables(self.demands.values(), self.signatures.values())

    def standings(self, demand_key: str) -> Mapping[str, Standing]:
        """How every registered signature stands to a registered demand; worked out once."""
        if (found := self._standings.get(demand_key)) is None:
            demand, fits = self.demands[demand_key], self.tables.by_demand[demand_key]
            found = {key: standing(demand, one, fits.get(key)) for key, one in self.signatures.items()}
            self._standings[demand_key] = found
        return found


class Registry:
    """Knows which kinds are registered."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._sure: set[str] = set()
        self._seen = Known(version="", demands={}, signatures={})

    def ensure(self, *, demands: Iterable[Demand] = (), signatures: Iterable[Signature] = ()) -> None:
        """Register what this process has not seen registered yet."""
        new_demands = {demand.key: demand for demand in demands if demand.key not in self._sure}
        new_signatures = {one.key: one for one in signatures if one.key not in self._sure}
        if new_demands or new_signatures:
            self._register(new_demands, new_signatures)

    def forget(self) -> None:
        """A save found a kind unknown: ask again next time."""
        self._sure.clear()

    def at(self, version: str | None) -> Known:
        """What is registered, read again only when this version of the tables is new to this process."""
        if self._seen.version != (version or ""):
            self._seen = self.known()
        return self._seen

    def known(self) -> Known:
        keys = self._link.keys

        def read(connection: Any) -> list[Any]:
            pipe = connection.pipeline(transaction=True)
            pipe.hget(keys("meta"), "reg")
            pipe.hgetall(keys("demands"))
            pipe.hgetall(keys("sigs"))
            return list(pipe.execute())

        version, demands, signatures = self._link.run(read)
        return Known(
            version or "",
            {key: codec.loads(Demand, text) for key, text in demands.items()},
            {key: _signature(text) for key, text in signatures.items()},
        )

    def _register(self, demands: Mapping[str, Demand], signatures: Mapping[str, Signature]) -> None:
        for _ in range(TRIES):
            known = self.known()
            if len(known.demands) > CROWDED or len(known.signatures) > CROWDED:
                self._clear_away(known, keep={*demands, *signatures})
                known = self.known()
            if self._add(known, demands, signatures):
                self._sure.update(known.demands, known.signatures, demands, signatures)
                return
        raise Conflict("the matching tables keep changing")

    def _add(self, known: Known, demands: Mapping[str, Demand], signatures: Mapping[str, Signature]) -> bool:
        new_demands = {key: one for key, one in demands.items() if key not in known.demands}
        new_signatures = {key: one for key, one in signatures.items() if key not in known.signatures}
        if not new_demands and not new_signatures:
            return True
        all_demands = {**known.demands, **new_demands}
        all_signatures = {**known.signatures, **new_signatures}
        tables = compile_tables(all_demands.values(), all_signatures.values())
        write = self._write(known)
        for key, demand in new_demands.items():
            write.do("HSET", self._link.keys("demands"), key, codec.dumps(demand))
        for key, signature in new_signatures.items():
            write.do("HSET", self._link.keys("sigs"), key, _signature_text(signature))
        self._tables(write, tables, touched={*new_demands, *new_signatures})
        return write.send() is None

    def _write(self, known: Known) -> Write:
        meta = self._link.keys("meta")
        write = Write(self._link, of=meta)
        write.check(meta, "reg", known.version)
        write.do("HINCRBY", meta, "reg", 1)
        return write

    def _tables(self, write: Write, tables: Tables, *, touched: set[str]) -> None:
        """The rows that a new kind has or stands in."""
        for name, rows in (("td", tables.by_demand), ("ts", tables.by_signature)):
            for key, row in rows.items():
                if key in touched or not touched.isdisjoint(row):
                    write.pack(self._link.keys(name), key, _row(row))

    def _clear_away(self, known: Known, *, keep: set[str]) -> None:
        """Drop kinds without callers or agents. Losing to somebody who uses one just now is no harm."""
        keys = self._link.keys
        heads, counts = self._link.run(lambda redis: (redis.hkeys(keys("lh")), redis.hgetall(keys("counts"))))
        write = self._write(known)
        demands = [key for key in known.demands if key not in heads and key not in keep]
        fields = {key: [f"{key}|{p}" for p in Presence if p is not Presence.SIGNED_OUT] for key in known.signatures}
        idle = [
            key
            for key, names in fields.items()
            if key not in keep and all(int(counts.get(name, 0)) <= 0 for name in names)
        ]
        for key in demands:
            write.check(keys("lh"), key, "")
            write.do("HDEL", keys("demands"), key)
            write.do("HDEL", keys("td"), key)
        for key in idle:
            for name in fields[key]:
                write.check(keys("counts"), name, counts.get(name, ""))
            write.do("HDEL", keys("counts"), *fields[key], f"{key}|{Presence.SIGNED_OUT}")
            write.do("HDEL", keys("sigs"), key)
            write.do("HDEL", keys("ts"), key)
        left_demands = {key: one for key, one in known.demands.items() if key not in demands}
        left = {key: one for key, one in known.signatures.items() if key not in idle}
        tables = compile_tables(left_demands.values(), left.values())
        self._tables(write, tables, touched={*left_demands, *left})
        if write.send() is None:
            self._sure -= {*demands, *idle}


def _row(row: Mapping[str, Fit]) -> list[list[Any]]:
    """As the scripts read it: names, bounds, distances."""
    return [list(row), [fit.bound_ms for fit in row.values()], [fit.distance for fit in row.values()]]


def _signature_text(signature: Signature) -> str:
    return json.dumps({"skills": dict(signature.skills), "languages": dict(signature.languages)})


def _signature(text: str) -> Signature:
    plain = json.loads(text)
    return Signature.of(plain["skills"], plain["languages"])
