"""The operations of each domain; every module declares them as ``OPERATIONS``."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

from api.operations import Operation

DOMAINS = ("cases", "me", "petitioners", "organisation", "settings", "calendar", "law", "clock", "description")
"""In the order in which the document shows them."""


def all_operations() -> tuple[Operation, ...]:
    """Every operation there is, whatever city has it."""
    modules = (import_module(f"{__name__}.{name}") for name in DOMAINS)
    return tuple(chain.from_iterable(module.OPERATIONS for module in modules))
