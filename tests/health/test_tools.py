"""The linters and the type checker find nothing. Each takes from a second to a minute (types, without a cache)."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import Any

from tests.health.tree import ROOT, expect_none

PACKAGES = {"core", "api", "jurisdictions", "migrations"}


def complaints(*command: str) -> list[str]:
    """What a tool of this environment complains of; nothing where it finds nothing."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else f"{done.stdout}\n{done.stderr}".strip().splitlines()


def settings(tool: str) -> dict[str, Any]:
    """A tool's settings in pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][tool]
    return found


def test_ruff_finds_nothing() -> None:
    expect_none(complaints("-m", "ruff", "check", "--quiet", "--output-format", "concise", "."), "ruff check")


def test_types_are_strict_and_right() -> None:
    assert settings("mypy")["strict"] is True
    assert set(settings("mypy")["packages"]) == PACKAGES
    expect_none(complaints("-m", "mypy", "--no-error-summary"), "mypy --strict")


def test_imports_keep_to_the_arrows() -> None:
    assert set(settings("importlinter")["root_packages"]) == PACKAGES
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    expect_none(complaints("-c", command, "--no-cache"), "lint-imports")
