"""What the source says of itself: every public part has its words, and no city is named where none may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.health.tree import ROOT, expect_none, parsed, shipped, text_of, tracked

CITIES = sorted(path.parent.name for path in (ROOT / "jurisdictions").glob("*/manifest.yaml"))
NAMES = re.compile("|".join([*CITIES, "安康", "保定", "赣州", "晋城"]), re.IGNORECASE)
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_every_module_says_what_it_is() -> None:
    silent = [name for name in shipped() if (text_of(name) or "").strip() and ast.get_docstring(parsed(name)) is None]
    expect_none(silent, "give these modules a docstring")


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = [
        f"{name}:{node.lineno} {node.name}"
        for name in shipped()
        for node in _public(parsed(name))
        if ast.get_docstring(node) is None
    ]
    expect_none(silent, "give these a docstring")


def _public(scope: ast.Module | ast.ClassDef) -> Iterator[Documented]:
    """The public functions, classes and methods; what is private or defined within a function is nobody else's."""
    for node in scope.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_no_city_stands_in_the_core_or_the_api() -> None:
    assert len(CITIES) >= 4, CITIES
    code = [place for name in shipped() if name.startswith(("core/", "api/")) for place in _named_in_code(name)]
    data = [
        f"{name}:{number}"
        for name in tracked()
        if name.startswith(("core/", "api/")) and not name.endswith(".py")
        for number, line in enumerate((text_of(name) or "").splitlines(), 1)
        if NAMES.search(line)
    ]
    expect_none(code + data, "a city is named outside jurisdictions/")


def _named_in_code(name: str) -> Iterator[str]:
    """Where a city is named by code; an example in a docstring is none."""
    tree = parsed(name)
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        word = node.value if isinstance(node, ast.Constant) else getattr(node, "id", None) or getattr(node, "attr", None)
        if isinstance(word, str) and id(node) not in described and NAMES.search(word):
            yield f"{name}:{node.lineno} {word!r}"
