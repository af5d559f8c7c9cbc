"""The names of everything in Redis. One tag, so that all keys of an installation share a slot (rule 10 of the design).

| key | type | holds |
|---|---|---|
| `s:<call>` | hash | `v` version, `j` session (JSON), `st` state; in the index: `d` demand, `rk` rank, `tp` topic; claimed: `cl` offer, `ca` agent, `ct` claimed at (ms) |
| `r:<call>` | hash | step → the instructions that answered it |
| `live` | set | calls that have not ended |
| `q:<demand>` | zset | calls waiting with this demand, by rank |
| `lh` | hash | demand → head of its list, `<rank> <call>` |
| `t:<topic>` | zset | calls in line per topic, talks that seek a colleague too, by rank |
| `o:<topic>` | zset | callers waiting per topic, by first queue time (ms) |
| `topics` | set | topics that ever had a caller |
| `a:<agent>` | hash | `v`, `j` agent (JSON), `p` presence, `sig`, `id` idle since (µs), `ph` phone; reserved by a script: `eo` offer, `ec` call, `et` topic, `ea` at |
| `agents` | set | agents who are signed in |
| `i:<signature>` | zset | free agents of this signature, by idle time (µs) |
| `own:<agent>` | zset | calls that wait for this agent by name before anybody else may have them, by rank |
| `ih` | hash | signature → longest idle, `<µs> <agent>` |
| `counts` | hash | `<signature>|<presence>` → number of agents |
| `demands` · `sigs` | hash | key → what it stands for (JSON) |
| `td` · `ts` | hash | demand → signatures that serve it · signature → demands it serves (msgpack: fields, bounds, distances) |
| `meta` | hash | `reg` version of the tables, `offer` last offer id |
| `of:<offer>` | hash | `call`, `agent`, `at` (µs), `live` |
| `sn:<agent>` | text | what a supervisor told this agent last (JSON), for twelve hours or until it is put away |
| `n:<offer>` | text | what the agent of this offer has written so far (JSON), for an hour |
| `wake` · `wref` · `wlease` | zset, hash, hash | wake-ups by due time (ms), what each is about, when a taken one was due |
| `facts` · `orders` | stream | facts for the recorder, orders for the dispatcher |
| `later` | zset | orders to be tried again, by time (ms) |
| `banner:<hotline>` | text | the incident banner that is on (JSON), `-` for none; a copy of SQL, for a minute |
| `tally:<what>:<window>` | hash | drawer → how often somebody in it asked, for limits; gone after two windows |
| `lease:<name>` | text | the process that does something only one should do at a time; for 15 s |
| `repairs` | hash | what was put right → how often, for `/metrics` |
| `feed` | channel | topics that changed, separated by blanks |
"""

from __future__ import annotations

from dataclasses import dataclass

KEEP_ENDED_S = 24 * 3600
"""An ended call and its answers are kept for late and repeated requests."""
KEEP_OFFER_S = 3600
KEEP_LIVE_OFFER_S = 24 * 3600


@dataclass(frozen=True)
class Keys:
    """Key names of one installation."""

    tag: str = "hotline"

    @property
    def prefix(self) -> str:
        return f"ivr:{{{self.tag}}}:"

    def __call__(self, *parts: str) -> str:
        return self.prefix + ":".join(parts)
