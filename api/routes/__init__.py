"""The operations of each domain; every module declares them as ``OPERATIONS``."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

from api.operations import Operation

DOMAINS = (
    "cases",
    "notices",
    "case_lists",
    "worklists",
    "supervision",
    "deadlines",
    "calendar_feeds",
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
    "messages",
    "message_rules",
    "message_channels",
    "message_contacts",
    "organisation",
    "accounts",
    "account_sign_ins",
    "identity_providers",
    "categories",
    "routing",
    "settings",
    "months",
    "calendar",
    "recounts",
    "law",
    "sanctions",
    "accountability",
    "clients",
    "events",
    "webhooks",
    "webhook_deliveries",
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
