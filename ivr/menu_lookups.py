"""What `ivr menu check` says of `lookup` nodes beside the file itself: whether the settings of this machine let them ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ivr.core.errors import OperatorError, Problem
from ivr.core.menus import Lookup, MenuTree
from ivr.settings import Settings
from ivr.wiring_caller import allowed_by


def unlisted(file: Path, tree: MenuTree, *, settings: Settings) -> Iterator[Problem]:
    """Warnings: such a node always goes its default way here. The settings of the machine that runs it count there."""
    hooks = {hook.strip() for hook in settings.lookup_hooks.split(",")}
    asking = [node for node in tree.nodes.values() if isinstance(node, Lookup)]
    if not asking:
        return
    try:
        allowed = allowed_by(settings)
    except OperatorError as err:
        yield _warning(file, asking[0], "url", str(err))
        return
    for node in asking:
        if node.url and not allowed.admits(node.url):
            yield _warning(file, node, "url", "is not on IVR_LOOKUP_HOSTS here, so nobody would be asked")
        if node.hook and node.hook not in hooks:
            yield _warning(file, node, "hook", "is not on IVR_LOOKUP_HOOKS here, so it would not be called")
        if node.secret and node.secret not in settings.lookup_secrets_by_name:
            yield _warning(file, node, "secret", f"IVR_LOOKUP_SECRETS has no {node.secret} here")


def _warning(file: Path, node: Lookup, field: str, message: str) -> Problem:
    path = (node.id, field)
    return Problem(file=str(file), line=node.line, path=path, message=message, warning=True)
