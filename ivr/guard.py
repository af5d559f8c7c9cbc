"""Processes that cannot outlive us.

A small shell stands between us and what we start. It holds the reading end of a pipe whose writing end is ours alone:
when we close it, or end in whatever way (also by SIGKILL), the shell asks its process to end and, after a grace period,
ends its whole session. What is started needs to know nothing of this, and the terminal's Ctrl-C does not reach it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

# $1: grace in tenths of a second; the rest is the command. fd 3 is the pipe from us, and only the shell in brackets
# keeps it: it reads until the pipe closes. $$ is the leader of the session, also inside the brackets. When the process
# has ended, whatever it left in its session is asked to end too, and ended a second later if it is deaf to that.
_GUARD = """g=$1; shift; exec 3<&0 </dev/null; "$@" 3<&- & p=$!
trap 'kill $p 2>/dev/null' TERM INT
(trap - TERM INT; read -r _ <&3; exec 3<&-; kill $p
while kill -0 $p && [ $g -gt 0 ]; do sleep 0.1; g=$((g-1)); done; kill -9 -$$) >/dev/null 2>&1 &
exec 3<&-
while :; do wait $p; c=$?; kill -0 $p 2>/dev/null || break; done
trap '' TERM; kill -15 -$$
(sleep 1; kill -9 -$$) >/dev/null 2>&1 &
exit $c"""
LATE_S = 2.0
CLEAR_OF_THE_SHELL = 20
"""Numbers of files from here on are nobody's in the shell."""


class Guarded:
    """One started process. `end()` begins its end, `wait()` sees it through."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        grace_s: float,
        env: Mapping[str, str] | None = None,
        show_output: bool = False,
        hand_over: tuple[int, ...] = (),
    ) -> None:
        """Start `command`. Its output goes to a pipe (`self.lines`) with `show_output`, else nowhere.

        `hand_over`: open files that the process keeps, such as a lock that should last as long as it does.
        """
        self.grace_s = grace_s
        self._by: float | None = None
        """When it is killed, on the monotonic clock; None: nobody has asked it to end."""
        # The shell moves its pipe to 3; a file handed over under that number would be closed there.
        kept = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, CLEAR_OF_THE_SHELL) for file in hand_over]
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "sh", str(round(grace_s * 10)), *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if show_output else subprocess.DEVNULL,
                stderr=subprocess.STDOUT if show_output else subprocess.DEVNULL,
                env=env,
                pass_fds=kept,
                start_new_session=True,
            )
        finally:
            for file in kept:
                os.close(file)

    @property
    def lines(self) -> IO[bytes]:
        """What it prints, both streams."""
        if self._process.stdout is None:
            raise ValueError("started without show_output")
        return self._process.stdout

    def ended(self) -> int | None:
        """Its exit code as a shell says it (128 + signal); None while it runs."""
        return self._process.poll()

    def end(self) -> None:
        """Ask it to end, and return at once. Its grace period begins."""
        self._by = self._by or time.monotonic() + self.grace_s + LATE_S
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def wait(self) -> bool:
        """Until nothing of it is left; at most the grace period and a moment, since `end()` or from now.

        False: it had not ended by then, and was killed.
        """
        by = self._by or time.monotonic() + self.grace_s + LATE_S
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, by - time.monotonic()))
        # Past the grace period the shell kills its whole session, itself included.
        ended = self._process.poll() not in (None, -signal.SIGKILL)
        # Also what it left behind in its session; usually there is nothing any more.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.end()
        return ended
