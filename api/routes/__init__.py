"""The operations of each domain; every module declares them as ``OPERATIONS``."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

from api.operations import Operation

DOMAINS = (
    "cases",
    "case_lists",
    "worklists",
    "requests",
    "parts",
    "corrections",
    "me",
    "attachments",
    "petitioners",
    "narratives",
    "merging",
    "recusals",
    "callers",
    "feedback",
    "duplicates",
    "knowledge",
    "templates",
    "organisation",
    "accounts",
    "account_sign_ins",
    "identity_providers",
    "categories",
    "routing",
    "settings",
    "months",
    "calendar",
    "law",
    "clients",
    "platforms",
    "external_cases",
    "clock",
    "description",
)
"""In the order in which the document shows them."""


def all_operations() -> tuple[Operation, ...]:
    """Every operation there is, whatever city has it."""
    modules = (import_module(f"{__name__}.{name}") for name in DOMAINS)
    return tuple(chain.from_iterable(module.OPERATIONS for module in modules))
