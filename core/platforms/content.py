"""What a platform says of a case, as digests by field, so that a change is known by its name without keeping the old words.

The digests are keyed and bound to the one external id: nobody without the tenant's key can try values against them, and
equal values of two cases do not look equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from core.store.envelope import TenantKeys

WORDS = ("title", "narrative", "note")
"""What a platform can add to after the registration."""
_PURPOSE = "external-case"

Prints = Mapping[str, str]


def prints_of(keys: TenantKeys, client_id: UUID, external_id: str, body: Struct) -> dict[str, str]:
    """A digest of each field that is said; what is left out or null has none."""
    said = said_in(body)
    return {name: _print(keys, f"{client_id}\0{external_id}\0{name}", value) for name, value in said.items()}


def said_in(body: Struct) -> dict[str, Any]:
    """The fields of a body as plain values, one form for each meaning: its kind by name, instants in UTC."""
    given: dict[str, Any] = msgspec.to_builtins(body, builtin_types=(datetime,))
    return {name: _plain(value) for name, value in given.items() if value is not None}


def changed_fields(before: Prints, after: Prints) -> tuple[str, ...]:
    """The fields that are not what they were, by name; words that are left out take nothing back and do not count."""
    other = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return tuple(sorted(name for name in other if name in after or name not in WORDS))


def _print(keys: TenantKeys, place: str, value: object) -> str:
    # Not the canonical form of the audit trail, which has no place for the degrees of a point on the map.
    return keys.hash(f"{place}\0{msgspec.json.encode(value, order='sorted').decode()}", _PURPOSE).hex()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    return [_plain(item) for item in value] if isinstance(value, list) else value
