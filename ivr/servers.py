"""How the web processes are served: gunicorn with threads, and every choice about it in one place.

In the box one server with many threads answers webhooks, pages and a capped number of live streams. In production the
path `/events` goes to `ivr events`, a pool of its own behind the same origin, so that open boards never take the
threads that calls need.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ivr.embedded import running_url
from ivr.settings import Settings, environment_of

ROOT = Path(__file__).resolve().parent.parent
"""Where `wsgi.py` is."""
GRACE_S = 3
"""A stopping server waits so long for requests in progress; open streams are cut then."""


def web_command(settings: Settings) -> list[str]:
    """Webhooks, pages, API and, up to `streams_cap`, live streams."""
    return _gunicorn(
        "wsgi:app", port=settings.port, host=settings.host, threads=settings.web_threads, workers=settings.web_workers
    )


def events_command(settings: Settings) -> list[str]:
    """Live streams alone; one thread each."""
    return _gunicorn(
        "ivr.app:create_events_app()",
        port=settings.events_port,
        host=settings.host,
        threads=settings.events_threads,
        workers=1,
    )


def become(command: Sequence[str], settings: Settings) -> NoReturn:
    """Turn this process into the server. Without IVR_REDIS_URL it joins the Redis of `ivr run`, else RedisError."""
    redis_url = settings.redis_url or running_url(settings.redis_dir)
    os.execve(command[0], list(command), environment_of(settings.model_copy(update={"redis_url": redis_url})))  # noqa: S606 - ours, no shell


def _gunicorn(app: str, *, host: str, port: int, threads: int, workers: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options = {
        "worker-class": "gthread",
        "workers": workers,
        "threads": threads,
        "bind": bind,
        "graceful-timeout": GRACE_S,
        "keep-alive": 15,
        "log-level": "warning",
        "pythonpath": ROOT,
    }
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    # Two installations of one account would share the control socket in its home.
    return [sys.executable, "-m", "gunicorn", *words, "--no-control-socket", app]
