"""The sizes that the house keeps to: short functions, short files, few suppressions, nothing unfinished."""

from __future__ import annotations

import ast
import re
from statistics import median, quantiles

from tests.health.tree import all_python, expect_none, functions, nodes, shipped, text_of, tracked

LONGEST_FUNCTION, MOST_FUNCTIONS, USUAL_FUNCTION = 50, 35, 8
LONGEST_FILE = 350
SUPPRESSIONS_PER_1000 = 2
TOP_LEVEL = {"pyproject.toml", "core", "jurisdictions", "api", "migrations", "tests", "openapi", "README.md"}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b|NotImplemented(?:Error)?\b|pragma: no cover")
SUPPRESSION = re.compile(r"#\s*(?:type: ignore|pyright: ignore|noqa)\b(?P<rest>.*)")
# Written so that this file does not hold what it looks for.
ELSEWHERE = re.compile(
    r"pypi\.or[g]|pythonhoste[d]|registry\.npmj[s]|deb\.debia[n]|(?<![\w.])/(?:wor[k]|hom[e]|User[s]|roo[t]|op[t])/\w|bash_job[s]"
)


def test_top_level_has_what_the_design_names() -> None:
    entries = {name.split("/")[0] for name in tracked()}
    assert {entry for entry in entries if not entry.startswith(".")} == TOP_LEVEL


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = (f"{place}: {size} lines" for place, _, size in functions(shipped()) if size > LONGEST_FUNCTION)
    expect_none(long, f"split these functions, none has more than {LONGEST_FUNCTION} lines")


def test_nearly_all_functions_are_short() -> None:
    sizes = [size for _, _, size in functions(shipped())]
    ninety_fifth = quantiles(sizes, n=20)[-1]
    assert ninety_fifth <= MOST_FUNCTIONS, f"95 % of the functions have up to {ninety_fifth} lines"
    assert median(sizes) <= USUAL_FUNCTION, f"half of the functions have up to {median(sizes)} lines"


def test_no_file_is_longer_than_350_lines() -> None:
    sizes = {name: (text_of(name) or "").count("\n") for name in shipped()}
    long = (f"{name}: {size} lines" for name, size in sizes.items() if size > LONGEST_FILE)
    expect_none(long, f"split these files, none has more than {LONGEST_FILE} lines")


def test_nothing_is_marked_as_unfinished() -> None:
    expect_none((place for name in shipped() for place in _lines(name, UNFINISHED)), "finish what is marked")


def test_no_exception_is_swallowed() -> None:
    swallowed = (
        f"{name}:{node.lineno}"
        for name in all_python()
        for node in nodes(name)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(item, ast.Pass) for item in node.body)
    )
    expect_none(swallowed, "an exception is swallowed; handle it or say why it may pass")


def test_suppressions_are_few() -> None:
    found = [place for name in shipped() for place in _lines(name, SUPPRESSION)]
    lines = sum((text_of(name) or "").count("\n") for name in shipped())
    assert len(found) * 1000 <= SUPPRESSIONS_PER_1000 * lines, f"{len(found)} in {lines} lines: {found}"


def test_every_suppression_has_its_reason() -> None:
    bare = [
        f"{name}:{number}"
        for name in shipped()
        for number, line in enumerate((text_of(name) or "").splitlines(), 1)
        if (match := SUPPRESSION.search(line))
        and "#" not in match["rest"]
        and not re.search(r"\]\s+\S|[A-Z]\d+\s+\S", match["rest"])
    ]
    expect_none(bare, "say behind the suppression why there is no other way")


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = (place for name in tracked() for place in _lines(name, ELSEWHERE))
    expect_none(found, "a registry's address or a path of one machine")


def _lines(name: str, pattern: re.Pattern[str]) -> list[str]:
    lines = (text_of(name) or "").splitlines()
    return [f"{name}:{number} {match[0]}" for number, line in enumerate(lines, 1) if (match := pattern.search(line))]
