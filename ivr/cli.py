"""The command line: `ivr …`. Errors go to stderr, one per line; exit codes 0, 1 (something is wrong), 2 (wrong call)."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from ivr import cli_call, cli_incident, cli_menu, cli_people, cli_reports, cli_shelf, cli_tokens, cli_twilio
from ivr.core.errors import IvrError, OperatorError
from ivr.logs import set_up
from ivr.settings import Settings, SettingsError, load_settings

app = typer.Typer(name="ivr", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
database = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(cli_menu.menu, name="menu")
app.add_typer(cli_call.call, name="call")
app.add_typer(database, name="db")
app.add_typer(cli_people.agents, name="agents")
app.add_typer(cli_people.users, name="users")
app.add_typer(cli_people.demo, name="demo")
cli_shelf.add_to(cli_reports.report)
app.add_typer(cli_reports.report, name="report")
app.add_typer(cli_incident.incident, name="incident")
app.add_typer(cli_tokens.tokens, name="tokens")
app.add_typer(cli_twilio.twilio, name="twilio")


@app.command()
def run() -> None:
    """Start everything on this machine and stay until Ctrl-C."""
    from ivr.demo import prepare
    from ivr.run import run as run_all

    settings = _settings("run")
    raise SystemExit(run_all(settings, prepare))


@app.command()
def web() -> None:
    """Webhooks, pages and API."""
    from ivr.servers import become, web_command

    settings = _settings("web", refuse=True)
    become(web_command(settings), settings)


@app.command()
def events() -> None:
    """Live streams only, in a pool of their own."""
    from ivr.servers import become, events_command

    settings = _settings("events", refuse=True)
    become(events_command(settings), settings)


@app.command()
def dispatch() -> None:
    """The dispatcher: orders, wake-ups, matching backstop, sweep."""
    _loop("dispatch")


@app.command()
def record() -> None:
    """The recorder: facts into SQL."""
    _loop("record")


@app.command()
def worker() -> None:
    """Slow and periodic jobs."""
    _loop("worker")


def _loop(name: str) -> None:
    from ivr import processes
    from ivr.wiring import connect

    settings = _settings(name, refuse=True)
    stop = processes.stop_on_signals()
    switchboard = connect(settings)
    processes.on_hangup(switchboard.watch_menus.told.set)
    switchboard.watch_menus.start(stop)
    try:
        {
            "dispatch": processes.run_dispatch,
            "record": processes.run_record,
            "worker": processes.run_worker,
        }[name](switchboard, stop)
    finally:
        switchboard.close()


@app.command()
def simulator() -> None:
    """The telephone network in the box."""
    from ivr.box import start_simulator

    start_simulator(_settings("simulator"))


@app.command()
def doctor() -> None:
    """Look at everything that a call needs; each failing line says what to do."""
    from ivr.doctor import examine

    settings = _settings("doctor")
    findings = examine(settings)
    for finding in findings:
        typer.echo(str(finding), err=not finding.good)
    raise SystemExit(0 if all(finding.good for finding in findings) else 1)


@database.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema."""
    from ivr.storage.sql.migrate import upgrade

    settings = _settings("db")
    typer.echo(f"schema {upgrade(settings.database_url, secret=settings.secret)}")


@database.command("rekey")
def db_rekey() -> None:
    """Seal all numbers with today's IVR_SECRET_KEY; IVR_SECRET_KEY_OLD opens what was sealed before."""
    from ivr.storage.sql.engine import open_database
    from ivr.storage.sql.evidence import EvidenceBook
    from ivr.storage.sql.rekey import rekey
    from ivr.storage.sql.seals import Seals
    from ivr.storage.vault import Vault

    settings = _settings("db")
    engine, seals = open_database(settings.database_url), Seals(settings.secret, settings.old_secrets)
    done = rekey(engine, seals)
    words, files = EvidenceBook(engine, seals).reseal(), Vault(settings.data_dir / "evidence", seals).reseal()
    typer.echo(f"{done.sealed} numbers and transcripts, {words[0]} words and {files[0]} files of callers sealed anew")
    if unknown := done.unknown + words[1] + files[1]:
        _end([f"{unknown} of them were sealed with a secret not given: name it in IVR_SECRET_KEY_OLD"])


def _settings(process: str, *, refuse: bool = False, keep_secrets: bool = True) -> Settings:
    """The settings, logging set up; `refuse` ends here when they are unsafe."""
    settings = load_settings(keep_secrets=keep_secrets)
    set_up(level=settings.log_level, form=settings.log_format, process=process)
    if refuse and (problems := settings.problems()):
        _end(problems)
    return settings


def _end(lines: list[str]) -> NoReturn:
    for line in lines:
        typer.echo(line, err=True)
    raise SystemExit(1)


def main() -> None:
    """Entry of the script `ivr`: our own errors as lines, never as traces."""
    from ivr.embedded import RedisError

    try:
        app()
    except SettingsError as err:
        _end(err.lines)
    except OperatorError as err:
        _end([str(problem) for problem in err.problems] or [str(err)])
    except (IvrError, RedisError) as err:
        _end([str(err)])
    except BrokenPipeError:
        sys.exit(1)
