"""The source tree as it is committed, for the checks of the house's rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[str, ...]:
    """Every committed file that is still there, relative to the top; without a repository every file outside dot-folders."""
    if (ROOT / ".git").exists():
        command = ["git", "-c", "core.quotepath=off", "ls-files"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    else:
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)]
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def text_of(name: str) -> str | None:
    """The file's text; ``None`` for one that holds none."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def shipped() -> tuple[str, ...]:
    """The Python files that are part of the product: all but the tests."""
    return tuple(name for name in tracked() if name.endswith(".py") and not name.startswith("tests/"))


def all_python() -> tuple[str, ...]:
    """Every Python file."""
    return tuple(name for name in tracked() if name.endswith(".py"))


@cache
def parsed(name: str) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(text_of(name) or "", filename=name)


@cache
def nodes(name: str) -> tuple[ast.AST, ...]:
    """Every node of the file's syntax tree."""
    return tuple(ast.walk(parsed(name)))


def functions(names: tuple[str, ...]) -> Iterator[tuple[str, Function, int]]:
    """Every function of some files: where it stands, its node, and its length in lines."""
    for name in names:
        for node in nodes(name):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.lineno} {node.name}", node, (node.end_lineno or node.lineno) - node.lineno + 1


def expect_none(offenders: Iterable[object], advice: str) -> None:
    """Raises :class:`AssertionError` with what to do and every offender, if there are any."""
    found = [str(offender) for offender in offenders]
    if found:
        raise AssertionError("\n- ".join([f"{advice} ({len(found)}):", *found]))
