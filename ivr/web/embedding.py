"""The desk beside a system of the house (a CRM): which pages may stand in whose frame.

Framed are the desk and the sign-in before it, by the origins of `IVR_EMBED_ORIGINS` alone. Where that system is on another site, browsers
send no `SameSite=Lax` cookie into its frame: with origins set, cookies are `SameSite=None; Partitioned`, one jar per site
around us. Nothing hangs on `SameSite`: what changes something needs a token of ours and comes from our own pages.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from flask import request

from ivr.web.doors import Site

FRAMED = frozenset({"/agent", "/login"})


class Reach(TypedDict):
    """How far a cookie goes."""

    samesite: Literal["Lax", "None"]
    partitioned: bool


def reach(site: Site) -> Reach:
    """Browsers take `SameSite=None` over https only; in the box the frame is of the same site."""
    across = site.secure and bool(site.embed_origins)
    return {"samesite": "None" if across else "Lax", "partitioned": across}


def ancestors(site: Site) -> tuple[str, ...]:
    """Who may frame the page of this request: CSP sources; empty: nobody."""
    return site.embed_origins if request.path in FRAMED else ()
