from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis as redis_client

from ivr import embedded
from ivr.embedded import EmbeddedRedis, RedisError, check_redis, socket_path, without_password

OWNER = """
import sys, time, pathlib
from ivr.embedded import EmbeddedRedis
server = EmbeddedRedis(pathlib.Path(sys.argv[1])).start()
print("up", flush=True)
time.sleep(600)
"""


def eventually(met: Callable[[], bool], *, within_s: float = 10) -> bool:
    deadline = time.monotonic() + within_s
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def serving(url: str) -> bool:
    try:
        check_redis(url)
    except RedisError:
        return False
    return True


def processes_naming(text: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in words and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def client_of(server: EmbeddedRedis) -> redis_client.Redis:
    return redis_client.Redis.from_url(server.url)


def test_what_was_written_is_there_after_a_restart(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        client.set("caller", "waiting")

    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        assert client.get("caller") == b"waiting"


def test_a_lock_that_outlives_its_server_for_a_moment_is_waited_for(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        client.set("caller", "waiting")
    with (tmp_path / "lock").open("w") as left:
        fcntl.flock(left, fcntl.LOCK_EX)
        # Let go by a process, as in life: the next start is already under way by then.
        holder = subprocess.Popen(["/bin/sh", "-c", "sleep 0.5"], pass_fds=(left.fileno(),))

    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        assert client.get("caller") == b"waiting"
    holder.wait()


def test_server_keeps_everything_and_is_open_to_nobody_else(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        settings = {name: client.config_get(name)[name] for name in ("appendonly", "hz", "maxmemory-policy", "port")}

        assert settings == {"appendonly": "yes", "hz": "100", "maxmemory-policy": "noeviction", "port": "0"}
        assert server.socket.stat().st_mode & 0o777 == 0o700


def test_second_process_joins_the_server_of_the_first_and_leaves_it_running(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as first:
        with EmbeddedRedis(tmp_path) as second, client_of(second) as client:
            assert not second.owner
            client.set("seen", "1")
        with client_of(first) as client:
            assert client.get("seen") == b"1"


def test_supervisor_does_not_share_a_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "LOCK_S", 0.1)
    with EmbeddedRedis(tmp_path), pytest.raises(RedisError, match="is in use"):
        EmbeddedRedis(tmp_path).start(join=False)


@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGKILL])
def test_server_ends_with_the_process_that_started_it_however_that_ends(tmp_path: Path, blow: signal.Signals):
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(OWNER), str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    assert processes_naming(str(tmp_path))

    owner.send_signal(blow)
    owner.wait()
    owner.stdout.close()

    assert eventually(lambda: not processes_naming(str(tmp_path)))


def test_start_right_after_a_killed_owner_waits_for_the_old_server_to_end(tmp_path: Path):
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(OWNER), str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    owner.stdout.readline()
    owner.kill()
    owner.wait()
    owner.stdout.close()

    server = EmbeddedRedis(tmp_path).start(join=False)

    assert server.owner
    assert serving(server.url)
    server.stop()


def test_the_server_holds_the_lock_whatever_the_number_of_its_file(tmp_path: Path):
    """In a fresh process the lock is file 3, which the guarding shell uses itself."""
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(OWNER), str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    owner.stdout.readline()
    lock = (tmp_path / "lock").resolve()
    holders = [
        pid
        for pid in processes_naming("--unixsocket")
        if pid != owner.pid and any(file.resolve() == lock for file in Path(f"/proc/{pid}/fd").iterdir())
    ]
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert holders, "the server does not hold the lock of its files"


def test_deep_directory_gets_a_short_socket(tmp_path: Path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    with EmbeddedRedis(deep) as server:
        assert len(str(socket_path(deep))) < 108
        assert serving(server.url)


def test_a_server_serves_once_the_whole_of_its_file_is_read(tmp_path: Path):
    """INFO is answered from the first moment of reading on; everything else is refused until its end."""
    many = 400_000
    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        client.set("a", "b")
    (file,) = (tmp_path / "appendonlydir").glob("*.incr.aof")
    with file.open("a") as out:
        out.writelines(f"*3\r\n$3\r\nSET\r\n$8\r\n{n:08d}\r\n$1\r\nx\r\n" for n in range(many))

    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        assert client.dbsize() == many + 1


def test_damaged_file_is_told_in_one_line_with_the_log_to_read(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server, client_of(server) as client:
        client.set("a", "b")
    for file in (tmp_path / "appendonlydir").glob("*.incr.aof"):
        file.write_text("this is no append-only file\n" * 5)

    with pytest.raises(RedisError) as told:
        EmbeddedRedis(tmp_path).start(join=False)

    assert str(tmp_path / "redis.log") in str(told.value)
    assert "\n" not in str(told.value)


def test_absent_redis_is_told_in_one_line_without_its_password(free_port: Callable[[], int]):
    with pytest.raises(RedisError) as told:
        check_redis(f"redis://:top-secret@127.0.0.1:{free_port()}/0")

    assert "does not answer" in str(told.value)
    assert "top-secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_password_is_left_out_of_an_address():
    assert without_password("redis://user:p@ss@host:1/0") == "redis://host:1/0"
