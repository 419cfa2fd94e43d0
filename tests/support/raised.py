"""Every error that the code makes, found in its syntax: the code of its text, and the parameters that it is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core import errors

ROOT = Path(__file__).parents[2]
_CLASSES = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.WenzeError)}
_NOT_PARAMETERS = {"field"}


@dataclass(frozen=True)
class Raised:
    """One place at which an error is made. ``parameters`` is None where they cannot be seen."""

    place: str
    code: str | None
    parameters: frozenset[str] | None


def find_raised(*packages: str) -> list[Raised]:
    """Every error made in these packages; one whose code is a variable stands once for each code that it is called with."""
    files = [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    constants = dict(pair for tree in trees.values() for pair in _constants(tree))
    return [found for file, tree in trees.items() for found in _in_file(file, tree, constants)]


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a module gives to plain texts."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from ((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))


def _in_file(file: Path, tree: ast.Module, constants: dict[str, str]) -> Iterator[Raised]:
    for function, call in _errors(tree):
        place = f"{file.relative_to(ROOT)}:{call.lineno}"
        code = call.args[0] if call.args else None
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            yield Raised(place, code.value, _parameters(call))
        elif isinstance(code, ast.Name) and code.id in constants:
            yield Raised(place, constants[code.id], _parameters(call))
        elif isinstance(code, ast.Name) and function is not None:
            passed = _passed(tree, function, code.id)
            yield from (Raised(place, value, _parameters(call)) for value in passed or [None])
        else:
            yield Raised(place, None, _parameters(call))


def _errors(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef | None, ast.Call]]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) in _CLASSES:
            around = [function for function in functions if function.lineno <= call.lineno <= (function.end_lineno or 0)]
            yield max(around, key=lambda function: function.lineno, default=None), call


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _parameters(call: ast.Call) -> frozenset[str] | None:
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return frozenset(keyword.arg for keyword in call.keywords if keyword.arg and keyword.arg not in _NOT_PARAMETERS)


def _passed(tree: ast.Module, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> list[str | None]:
    """The constants that the module passes for a parameter of one of its functions."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == function.name]
    if name not in names:
        return []
    index = names.index(name)
    given = [
        next((keyword.value for keyword in call.keywords if keyword.arg == name), call.args[index : index + 1] or None)
        for call in calls
    ]
    values = [value[0] if isinstance(value, list) else value for value in given]
    return [value.value if isinstance(value, ast.Constant) else None for value in values]
