"""What is registered: tip-offs with and without who brings them, and hotline orders as a hall takes them in."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.files import FILES
from tests.benchmarks.matters import CATEGORIES, DIVISIONS, MATTERS

_TIP_OFF = {
    "kind": "tip-off",
    "channel": "letter",
    "title": "职权目录未按期公开",
    "narrative": "来信人反映，市住房和城乡建设局的职权目录一年未更新，群众无从查询，多次询问均答复正在整理，请予督促公开。",
    "subject": "市住房和城乡建设局",
    "acts": ["baoding:tip-offs-2010#4.5"],
}
_PETITIONER = {"name": "王岩", "phone": "13900000001"}
_STEP = 53
"""Matters of different places and subjects, one after the other."""
_ORDERS = 64
"""So many matters and callers, as those of a hall differ; with few, every case would be of the same person."""


def tip_offs(*, named: bool) -> tuple[str, list[dict[str, Any]]]:
    """The city, and the bodies. A tip-off with who brings it has a deadline at once."""
    return "baoding", [_TIP_OFF | ({"petitioner": _PETITIONER} if named else {})]


def orders(*, suggesting: bool, files: bool) -> tuple[str, list[dict[str, Any]]]:
    """Hotline orders with petitioner, category and place, and two files uploaded before where asked for."""
    return "ganzhou", [_order(number, suggesting=suggesting, files=files) for number in range(_ORDERS)]


def _order(number: int, *, suggesting: bool, files: bool) -> dict[str, Any]:
    matter = MATTERS[number * _STEP % len(MATTERS)]
    order = {
        "kind": "hotline-order",
        "channel": "hotline",
        "title": matter.title,
        "narrative": matter.narrative,
        "category": CATEGORIES[number % len(CATEGORIES)],
        "place": {"division": DIVISIONS[number % len(DIVISIONS)], "address": matter.place},
        "petitioner": {"name": "王岩", "phone": f"1390000{number:04d}"},
        "suggest_duplicates": suggesting,
    }
    return order | ({"attachments": list(FILES)} if files else {})
