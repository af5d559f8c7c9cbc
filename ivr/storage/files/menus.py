"""Menu files in, menu trees out: read strictly, refuse whole with every problem, keep older versions for calls in progress.

read      strict YAML → plain values with lines            yaml_nodes
validate  plain values → models: fields, types, ranges      schema, translate
refer     every name stands for something                   references
build     models → core values                              build
judge     can everybody get where they want, and is what is said fit to be heard     graph, wording, shape
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ivr.core.errors import OperatorError, Problem
from ivr.core.menus import MenuTree
from ivr.storage.files import build, for_desks, graph, references, shape, wording, yaml_nodes
from ivr.storage.files.problems import Path as Place
from ivr.storage.files.problems import Problems, refusal
from ivr.storage.files.salvage import Sound, places_of, salvage
from ivr.storage.files.schema import MenuFile
from ivr.storage.files.translate import report


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file, judged. `tree` is None when a problem refuses it."""

    tree: MenuTree | None
    problems: tuple[Problem, ...]
    lines: Mapping[Place, int] = field(default_factory=dict)
    """Where each place of the document stands, for what is found out later."""
    text: str = ""
    """What was judged."""


def check_menu(path: Path, *, recordings: Path | None = None, name: str | None = None) -> Checked:
    """Read and judge one file. `recordings` is by default the folder of that name nearest above the file."""
    document, problems = yaml_nodes.read(path, name=name)
    if document is None:
        return Checked(tree=None, problems=problems.sorted())
    problems.refused_at.clear()  # a word that YAML may read otherwise can still be judged as the text it is
    tree = _judge(document, problems, recordings or _recordings_above(path))
    return Checked(
        tree=None if problems.refused() else tree,
        problems=problems.sorted(),
        lines=problems.lines,
        text=document.text,
    )


def _recordings_above(path: Path) -> Path:
    folders = [folder / "recordings" for folder in path.resolve().parents]
    return next((folder for folder in folders if folder.is_dir()), folders[0])


def _judge(document: yaml_nodes.Document, problems: Problems, recordings: Path) -> MenuTree | None:
    """Judge step by step; what a step refuses is left out of the next, so that one check shows everything."""
    sound = _fields(document, problems)
    if sound is None:
        return None
    known = -1
    while known < len(problems.refused_at):  # what is cut may leave a name that stands for nothing
        known = len(problems.refused_at)
        references.check(sound.file, problems, recordings)
        for_desks.check(sound.file, problems)
        if known < len(problems.refused_at):
            sound = salvage(document.value, problems.refused_at)
            if sound is None:
                return None
            problems.holes = sound.holes
    tree = build.build(sound.file, build.version_of(document), problems)
    if not sound.has(("start",), ("person",)):
        graph.check(tree, problems)
        shape.check(sound.file, tree, problems)
    wording.check(sound.file, tree, problems)
    return tree


def _fields(document: yaml_nodes.Document, problems: Problems) -> Sound | None:
    """The file as far as its fields hold; None when there is no judging the rest."""
    file = None
    try:
        file = MenuFile.model_validate(document.value)
    except ValidationError as err:
        report(err, MenuFile, problems)
        problems.refused_at |= places_of(err)
    nodes = document.value.get("nodes")
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(node, dict) and len(node) != 1:
            problems.refuse(("nodes", name), "must name one kind of node, such as menu or queue")
    if file is not None and not problems.refused_at:
        return Sound(file=file)
    sound = salvage(document.value, problems.refused_at)
    if sound is not None:
        problems.holes = sound.holes
    return sound


def load_menu(path: Path, *, recordings: Path | None = None) -> MenuTree:
    """The tree of one file. Raises `OperatorError` with all its problems."""
    checked = check_menu(path, recordings=recordings)
    if checked.tree is None:
        raise refusal(checked.problems)
    return checked.tree


def menu_files(folder: Path) -> list[Path]:
    """The menu files of a folder, in the order of their names; scenario tests stand beside them and are left out, and so
    are folders below (`examples/`).
    """
    return sorted(file for file in folder.glob("*.yaml") if not file.name.endswith(".test.yaml"))


@dataclass(frozen=True, kw_only=True)
class Menus:
    """The hotlines of one installation, one tree each. Fulfils the port of that name."""

    trees: tuple[MenuTree, ...]
    """In the order of their files; the first answers numbers that nobody claims."""
    older: tuple[MenuTree, ...] = ()
    """Versions that calls in progress may still use."""

    def by_number(self, dialled: str) -> MenuTree:
        return next((tree for tree in self.trees if dialled in tree.numbers), self.trees[0])

    def by_version(self, version: str) -> MenuTree | None:
        return next((tree for tree in (*self.trees, *self.older) if tree.version == version), None)

    def by_hotline(self, hotline: str) -> MenuTree | None:
        return next((tree for tree in self.trees if tree.hotline == hotline), None)


def load_menus(folder: Path, *, recordings: Path | None = None) -> Menus:
    """All hotlines of a folder. Raises `OperatorError` with the problems of all files."""
    files = menu_files(folder)
    if not files:
        raise OperatorError(f"{folder}: holds no menu: put a .yaml file there")
    checked = {file: check_menu(file, recordings=recordings) for file in files}
    trees = {file: result.tree for file, result in checked.items() if result.tree is not None}
    problems = [problem for result in checked.values() for problem in result.problems]
    problems += clashes(trees.items())
    if any(not problem.warning for problem in problems):
        raise refusal(problems)
    return Menus(trees=tuple(trees.values()))


def clashes(trees: Iterable[tuple[Path, MenuTree]]) -> list[Problem]:
    """Two hotlines of one name, or with one number."""
    owners: dict[str, Path] = {}
    problems = []
    for file, tree in trees:
        for section, name in (("hotline", tree.hotline), *(("numbers", number) for number in tree.numbers)):
            owner = owners.setdefault(name, file)
            if owner != file:
                message = f"{name} is taken by {owner.name}"
                problems.append(Problem(file=str(file), line=1, path=(section,), message=message))
    return problems
