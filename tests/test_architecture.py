"""Who may import whom. The rules stand in the two tables; a module that breaks one is named with its line."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ivr"

MAY_IMPORT: Mapping[str, frozenset[str]] = {
    # The rules: the standard library and themselves.
    "core": frozenset(),
    "workflows": frozenset({"core"}),
    # The edges know the core, the doors (Protocols) that they are, and the values that pass through them.
    "telephony": frozenset({"core", "workflows.ports"}),
    "storage": frozenset({"core", "workflows.ports", "workflows.reports"}),
    "outside": frozenset({"core", "workflows.look_up", "workflows.send_outgoing"}),
    "web": frozenset({"core", "workflows"}),
    # A telephone network of its own.
    "simulator": frozenset(),
    # Leaves: they know nothing of the service.
    "logs": frozenset(),
    "guard": frozenset(),
    "box_secrets": frozenset(),
    "settings": frozenset({"box_secrets"}),
    "settings_help": frozenset({"settings"}),
    "embedded": frozenset({"guard"}),
    "servers": frozenset({"settings", "embedded"}),
    "run": frozenset({"settings", "embedded", "guard", "servers", "core"}),
    # They join the rest.
    "wiring": frozenset(
        {
            "core",
            "workflows",
            "telephony",
            "storage",
            "settings",
            "logs",
            "embedded",
            "web.doors",
            "web.voice",
            "wiring_after",
            "wiring_caller",
            "wiring_calling",
            "wiring_carrier",
            "wiring_evidence",
            "wiring_reports",
            "wiring_room",
            "wiring_story",
            "wiring_rules",
            "wiring_site",
        }
    ),
    "wiring_story": frozenset(
        {"core", "workflows", "telephony", "storage", "web.story_doors", "wiring", "wiring_evidence"}
    ),
    "wiring_carrier": frozenset({"core", "workflows", "storage", "web.carrier_doors", "wiring"}),
    "wiring_room": frozenset(
        {"core", "workflows", "telephony", "storage", "web.doors", "web.room_doors", "wiring", "wiring_site"}
    ),
    "wiring_site": frozenset({"core", "workflows", "telephony", "storage", "web.doors", "wiring", "wiring_shelf"}),
    "wiring_shelf": frozenset(
        {
            "core",
            "workflows",
            "storage",
            "outside.mail",
            "web.shelf_doors",
            "web.i18n",
            "web.report_told",
            "web.report_words",
            "wiring",
        }
    ),
    "wiring_reports": frozenset({"core", "workflows", "storage", "web.figure_doors", "wiring"}),
    "wiring_calling": frozenset({"core", "workflows", "telephony", "storage", "wiring", "wiring_caller"}),
    "wiring_caller": frozenset({"core", "workflows", "storage", "outside", "settings", "wiring"}),
    "wiring_rules": frozenset(
        {"core", "workflows", "telephony", "storage", "outside", "web.rules_doors", "wiring", "wiring_admin"}
    ),
    "wiring_admin": frozenset({"core", "workflows", "telephony", "storage", "wiring"}),
    "wiring_after": frozenset({"core", "workflows", "telephony", "storage", "wiring"}),
    "wiring_evidence": frozenset({"core", "workflows", "telephony", "storage", "web.doors", "wiring"}),
    "app": frozenset({"core", "workflows", "web", "wiring", "settings", "logs"}),
    "jobs": frozenset({"core", "workflows", "wiring", "wiring_shelf", "settings", "logs"}),
}
"""Parts of the package that stand for themselves. What is not named here is the command line: it may import all."""

ONLY_IN: Mapping[str, tuple[str, ...]] = {
    "flask": ("web", "app", "simulator"),
    "werkzeug": ("web", "app", "simulator"),
    "gunicorn": ("servers",),
    "twilio": ("telephony.twilio", "simulator"),
    "phonenumbers": ("telephony.numbers", "telephony.policy", "storage.files", "simulator"),
    "redis": ("storage.redis", "jobs", "wiring", "wiring_evidence", "embedded"),
    "sqlalchemy": ("storage.sql", "wiring", "wiring_caller", "wiring_after"),
    "alembic": ("storage.sql",),
    "psycopg": ("storage.sql",),
    "argon2": ("storage.sql",),
    "rq": ("jobs", "wiring", "wiring_evidence"),
    "urllib3": ("outside", "telephony.twilio"),
    "yaml": ("storage.files",),
    "pydantic": ("storage.files", "settings", "settings_help"),
    "pydantic_core": ("storage.files", "settings", "settings_help"),
    "pydantic_settings": ("settings",),
    "typer": ("cli",),
    "xlsxwriter": ("workflows.report_xlsx",),
    "fontTools": ("workflows.pdf_font",),
}
"""Libraries with one home. `cli` stands for every module of the command line."""

IMPURE = {
    "socket",
    "subprocess",
    "threading",
    "asyncio",
    "multiprocessing",
    "random",
    "secrets",
    "urllib.request",
    "http",
}
"""Parts of the standard library that act, or draw lots; the core does neither."""
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.sleep",
    "os.environ",
    "os.getenv",
}


class Import(NamedTuple):
    module: str
    """Dotted, below `ivr.`: `storage.redis.queue`."""
    line: int
    name: str
    """What is imported, dotted in full."""

    def __str__(self) -> str:
        return f"ivr/{self.module.replace('.', '/')}.py:{self.line} imports {self.name}"


@cache
def trees() -> Mapping[str, ast.Module]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        dotted = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        found[dotted] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def imports() -> Iterator[Import]:
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield Import(module, node.lineno, name.name)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}:{node.lineno}: write imports in full"
                for name in node.names:
                    yield Import(module, node.lineno, f"{node.module}.{name.name}")


def part_of(module: str) -> str:
    return module.partition(".")[0]


def within(name: str, home: str) -> bool:
    return name == home or name.startswith(f"{home}.")


def is_command_line(module: str) -> bool:
    return part_of(module) not in MAY_IMPORT


def test_parts_import_only_what_stands_below_them():
    wrong = [
        str(found)
        for found in imports()
        if found.name.startswith("ivr.")
        and not is_command_line(found.module)
        and part_of(found.module) != part_of(found.name.removeprefix("ivr."))
        and not any(within(found.name.removeprefix("ivr."), allowed) for allowed in MAY_IMPORT[part_of(found.module)])
    ]

    assert wrong == []


def test_nobody_but_the_command_line_imports_the_simulator_or_the_command_line():
    wrong = [
        str(found)
        for found in imports()
        if found.name.startswith("ivr.")
        and not is_command_line(found.module)
        and part_of(found.module) != part_of(found.name.removeprefix("ivr."))
        and (within(found.name, "ivr.simulator") or is_command_line(found.name.removeprefix("ivr.")))
    ]

    assert wrong == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_library_has_one_home(library: str):
    homes = ONLY_IN[library]
    wrong = [
        str(found)
        for found in imports()
        if within(found.name, library)
        and not any(within(found.module, home) for home in homes)
        and not ("cli" in homes and is_command_line(found.module))
    ]

    assert wrong == []


def test_core_is_the_standard_library_only_and_nothing_of_it_that_acts():
    wrong = [
        str(found)
        for found in imports()
        if part_of(found.module) == "core"
        and not found.name.startswith("ivr.core")
        and (
            found.name.partition(".")[0] not in sys.stdlib_module_names
            or any(within(found.name, acting) for acting in IMPURE)
        )
    ]

    assert wrong == []


@pytest.mark.parametrize("part", ["core", "workflows"])
def test_time_and_settings_are_handed_in(part: str):
    wrong = [
        f"ivr/{module.replace('.', '/')}.py:{node.lineno} uses {dotted}"
        for module, tree in trees().items()
        if part_of(module) == part
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        for dotted in [ast.unparse(node)]
        if any(dotted == clock or dotted.endswith(f".{clock}") for clock in CLOCKS)
    ]
    hidden = [
        str(found)
        for found in imports()
        if part_of(found.module) == part and any(within(found.name, clock) for clock in CLOCKS if "." in clock)
    ]

    assert wrong + hidden == []


def test_one_module_reads_the_environment():
    readers = {
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"}
    }

    # settings_help only looks at the names, to find typing errors; the simulator is a program of its own.
    assert readers <= {"settings", "settings_help", "simulator.__main__"}


def test_doors_have_at_most_five_methods():
    wrong = [
        f"{node.name} has {len(methods)}"
        for node in ast.walk(trees()["workflows.ports"])
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
        for methods in [[item for item in node.body if isinstance(item, ast.FunctionDef)]]
        if len(methods) > 5
    ]

    assert wrong == []


def test_every_module_says_what_it_is_for():
    silent = [module for module, tree in trees().items() if tree.body and not ast.get_docstring(tree)]

    assert silent == []


LONGEST = 350
LONGER = {
    "ivr/core/facts.py": 400,
    "ivr/core/menus.py": 480,
    "ivr/core/records.py": 370,
    "ivr/core/walk.py": 430,
    "ivr/core/presence.py": 400,
    "ivr/menu_map.py": 400,
    "ivr/settings.py": 430,
    "ivr/storage/files/schema.py": 450,
    "ivr/wiring.py": 760,
    "ivr/simulator/script.py": 400,
    "ivr/simulator/exchange.py": 400,
}
"""Lists of short things that belong together: rules of one table, kinds of node, options, parts of one switchboard."""


def test_files_stay_small():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts
        for lines in [len(path.read_text(encoding="utf-8").splitlines())]
        if lines > LONGER.get(str(path.relative_to(ROOT)), LONGEST)
    }

    assert long == {}


def test_rules_of_this_file_name_parts_that_exist():
    parts = {part_of(module) for module in trees()}

    assert [part for part in MAY_IMPORT if part not in parts] == []
