"""A menu by what people call it: a file, a file of a git revision, or a version that has been in service."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ivr.core.errors import OperatorError
from ivr.core.menus import MenuTree
from ivr.settings import Settings
from ivr.storage.files.menus import load_menu
from ivr.storage.files.menus_in_use import rebuild
from ivr.storage.sql.engine import existing_database
from ivr.storage.sql.menu_versions import MenuVersions

VERSION = re.compile(r"[0-9a-f]{12}")


def tree_of(name: str, settings: Settings) -> MenuTree:
    """`menus/wallet.yaml`, `HEAD:menus/wallet.yaml` or `cb6273e9470f`. Raises `OperatorError`."""
    recordings = settings.recordings_dir if settings.recordings_dir.is_dir() else None
    if Path(name).is_file():
        return load_menu(Path(name), recordings=recordings)
    if VERSION.fullmatch(name):
        return _kept(name, settings)
    revision, colon, path = name.partition(":")
    if not colon or not path or revision.startswith("-"):
        raise OperatorError(f"{name}: is no file, no file of a git revision (HEAD:menus/wallet.yaml), no kept version")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(path).name
        file.write_bytes(_of_revision(name))
        return load_menu(file, recordings=recordings or Path("recordings"))


def _of_revision(name: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise OperatorError(f"{name}: git is not installed")
    shown = subprocess.run([git, "show", "--end-of-options", name], capture_output=True, check=False)  # noqa: S603 - a program and a name
    if shown.returncode:
        raise OperatorError(f"{name}: {shown.stderr.decode(errors='replace').strip().partition(chr(10))[0]}")
    return shown.stdout


def _kept(version: str, settings: Settings) -> MenuTree:
    engine = existing_database(settings.database_url)
    source = MenuVersions(engine).source(version) if engine else None
    tree = rebuild(source) if source else None
    if tree is None:
        raise OperatorError(f"{version}: no such version has been in service here")
    return tree
