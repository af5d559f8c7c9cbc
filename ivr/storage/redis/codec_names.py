"""Names of fields in the documents of which every waiting caller has some: a name costs as much memory as a value.

Whatever is not here is written under its own name. A short name once given is never given to another field of its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ivr.core.events import Caller
from ivr.core.instructions import Gather, GoOn, Link, Speak, Spoken
from ivr.core.queues import Demand, Terms
from ivr.core.session import CallSession

SHORT: Mapping[type, str] = {
    CallSession: """call=c hotline=h menu_version=m state=s caller=w dialled=d language=l started_at=b step=n node=o path=p
        answers=k silences=i wrongs=x topic=q demand=y queued_at=a entered_at=e segment=g turns=t announced_s=z announced_at=v
        updates=u spoken_at=f prepared=r offers=j""",
    Caller: "kind=k number=n country=c mobile=m",
    Demand: "topic=q lane=l priority=p terms=t",
    Terms: "after=a skills=s language=l language_level=v",
    Gather: "sounds=s link=l timeout_s=t digits=d finish=f music=m",
    Speak: "sounds=s",
    GoOn: "link=l",
    Spoken: "language=l text=t audio=a",
    Link: "door=d call=c step=s version=v node=n language=l tries=t topic=q priority=p queued_ms=a segment=g path=w agent=j",
}
"""Class → `field=name`."""


@cache
def _short_names(cls: type) -> Mapping[str, str]:
    return dict(pair.split("=") for pair in SHORT.get(cls, "").split())


def short_name(cls: type, field: str) -> str:
    """What a field is called in a document."""
    return _short_names(cls).get(field, field)
