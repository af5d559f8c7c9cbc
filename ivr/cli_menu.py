"""The commands `ivr menu …`: check, test, play, map and compare menu files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.core.errors import OperatorError, Unavailable
from ivr.logs import set_up
from ivr.settings import Settings, load_settings

if TYPE_CHECKING:
    from ivr.core.menu_usage import Usage
    from ivr.core.menus import MenuTree
    from ivr.menu_map import Traffic

menu = typer.Typer(no_args_is_help=True, help="Menu files: check, test, walk, draw and compare them.")
Files = Annotated[list[Path] | None, typer.Argument(help="Files or folders; default: IVR_MENUS_DIR")]


def _to_stderr(line: str) -> None:
    typer.echo(line, err=True)


def _settings() -> Settings:
    settings = load_settings(keep_secrets=False)
    set_up(level=settings.log_level, form=settings.log_format, process="menu")
    return settings


def _recordings(settings: Settings) -> Path | None:
    return settings.recordings_dir if settings.recordings_dir.is_dir() else None


@menu.command("check")
def check(files: Files = None) -> None:
    """Check menu files: every problem with file, line and path."""
    from functools import partial

    from ivr.menu_lookups import unlisted
    from ivr.menu_tools import check_files

    settings = _settings()
    paths = files or [settings.menus_dir]
    recordings, usage = _recordings(settings), _key_counts(settings)
    beside = partial(unlisted, settings=settings)
    raise SystemExit(
        check_files(paths, out=typer.echo, err=_to_stderr, recordings=recordings, usage=usage, beside=beside)
    )


def _key_counts(settings: Settings) -> Callable[[str], Usage]:
    """What callers pressed, from the records; where there are none, files are judged without."""
    from datetime import UTC, datetime

    from ivr.core.menu_usage import Usage
    from ivr.storage.sql.engine import existing_database
    from ivr.storage.sql.key_counts import KeyCounts

    counts = KeyCounts(engine) if (engine := existing_database(settings.database_url)) else None

    def usage(hotline: str) -> Usage:
        try:
            return counts.usage(hotline, datetime.now(UTC)) if counts else Usage(covered=False)
        except Unavailable as err:
            _to_stderr(f"options that nobody takes were not looked for: {err}")
            return Usage(covered=False)

    return usage


@menu.command("test")
def walk_scenarios(
    files: Files = None,
    cover: Annotated[float, typer.Option(help="Percent of nodes that must be walked, in every language")] = 0,
    cover_keys: Annotated[float, typer.Option(help="Percent of keys that must be pressed")] = 0,
    missing: Annotated[bool, typer.Option("--missing", help="Name all that was not walked or pressed")] = False,
) -> None:
    """Walk the scenarios beside menus (NAME.test.yaml): what came must be what was expected."""
    from ivr.menu_scenarios import Wanted, run_scenarios

    settings = _settings()
    wanted = Wanted(nodes=cover, keys=cover_keys, every=missing)
    paths = files or [settings.menus_dir]
    recordings = _recordings(settings)
    raise SystemExit(run_scenarios(paths, out=typer.echo, err=_to_stderr, wanted=wanted, recordings=recordings))


@menu.command("play")
def play(
    file: Path,
    caller: Annotated[str, typer.Option("--from", help="Number of the caller, E.164")] = "+8613800138000",
    at: Annotated[str, typer.Option(help="Local time of the call: 03:10 or 2026-03-02T03:10")] = "",
) -> None:
    """Walk a menu in the terminal: what is heard, and keys to press."""
    from datetime import UTC, datetime

    from ivr.menu_tools import Walk, time_of
    from ivr.storage.files.menus import load_menu
    from ivr.telephony.numbers import caller_of

    tree = load_menu(file, recordings=_recordings(_settings()))
    now = datetime.now(UTC)
    try:
        start = time_of(at, tree.zone, now) if at else now
    except ValueError:
        raise typer.BadParameter(f"{at!r} is no time; write 03:10 or 2026-03-02T03:10", param_hint="--at") from None
    Walk(tree=tree, at=start, out=typer.echo, ask=_asked, caller=caller_of(caller), asks_lookups=True).run()


@menu.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="A file, HEAD:menus/wallet.yaml, or a version that was in service")],
    new: Annotated[str, typer.Argument(help="The same")],
    replay: Annotated[bool, typer.Option("--replay", help="Walk the calls on record through both")] = False,
    start: Annotated[str, typer.Option("--from", help="First day or instant, local; default: seven days ago")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day, included; default: today")] = "",
) -> None:
    """What changed, in words; with --replay which recorded calls now lead elsewhere, and the seconds of speech saved."""
    from ivr.menu_sources import tree_of
    from ivr.storage.files.menu_diff import compare

    settings = _settings()
    before, after = tree_of(old, settings), tree_of(new, settings)
    for line in list(compare(before, after)) or ["nothing changed"]:
        typer.echo(line)
    if replay:
        for line in _replayed(before, after, settings, (start, end)):
            typer.echo(line)


@menu.command("map")
def draw_map(
    file: Path,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="map.svg or map.pdf; default: NAME.svg")] = None,
    language: Annotated[str, typer.Option(help="One language of the menu, or both")] = "both",
    traffic: Annotated[
        bool, typer.Option("--traffic", help="With yesterday's calls and drop-off from the records")
    ] = False,
) -> None:
    """Draw the printable map: one A3 page with every node, its words, keys, hours and queue."""
    from ivr.menu_map import draw
    from ivr.menu_paper import save
    from ivr.menu_sources import tree_of

    settings = _settings()
    tree = tree_of(str(file), settings)
    if language not in ("both", *tree.voices):
        raise typer.BadParameter(f"{language!r}: use {', '.join(tree.voices)} or both", param_hint="--language")
    languages = [voice for voice in tree.voices if language in ("both", voice)]
    day, seen = _yesterday(tree, settings) if traffic else ("", {})
    target = output or Path(f"{file.stem}.svg")
    save(draw(tree, languages, traffic=seen, day=day), target)
    typer.echo(f"{target}: {len(tree.nodes)} nodes of {tree.hotline}, version {tree.version}")


def _yesterday(tree: MenuTree, settings: Settings) -> tuple[str, dict[str, Traffic]]:
    """What each node saw on the last whole day of the hotline's clock."""
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    from ivr.core.intervals import period
    from ivr.menu_map import traffic_of
    from ivr.storage.sql.engine import existing_database
    from ivr.storage.sql.key_paths import KeyPaths

    zone = ZoneInfo(tree.zone)
    day = f"{datetime.now(UTC).astimezone(zone).date() - timedelta(days=1)}"
    engine = existing_database(settings.database_url)
    if engine is None:
        raise OperatorError("there are no records here: name the database in IVR_DATABASE_URL")
    first, last = period(day, day, zone)
    return day, traffic_of(noted for _, noted in KeyPaths(engine).between(tree.hotline, first, last))


def _replayed(old: MenuTree, new: MenuTree, settings: Settings, days: tuple[str, str]) -> Iterator[str]:
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    from ivr.core.intervals import period
    from ivr.menu_replay import recorded, replay
    from ivr.storage.sql.engine import existing_database
    from ivr.storage.sql.key_paths import KeyPaths

    zone = ZoneInfo(old.zone)
    today = datetime.now(UTC).astimezone(zone).date()
    try:
        first, last = period(days[0] or f"{today - timedelta(days=7)}", days[1] or f"{today}", zone)
    except ValueError as err:
        raise typer.BadParameter(str(err)) from None
    engine = existing_database(settings.database_url)
    if engine is None:
        raise OperatorError("there are no records here: name the database in IVR_DATABASE_URL")
    calls = (recorded(call, noted) for call, noted in KeyPaths(engine).between(old.hotline, first, last))
    yield from replay((call for call in calls if call is not None), old, new).lines()


def _asked(question: str) -> str:
    """A line from the terminal; its end is a hang-up."""
    try:
        return input(f"   {question}")
    except EOFError:
        return "q"
