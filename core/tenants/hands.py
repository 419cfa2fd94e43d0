"""Whose hand it is: a client acts as a service person of its own, but whoever holds it does what that person does (R12).

Where two have to agree, one person with a client of their own is not two.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.tenants.client import Client


def hand_of(clients: Iterable[Client], person_id: UUID) -> UUID:
    """The person; of a client's service person who holds that client, in the end, as far as that is known."""
    holders = {client.person_id: client.held_by for client in clients if client.held_by is not None}
    passed: set[UUID] = set()
    while person_id in holders and person_id not in passed:
        passed.add(person_id)
        person_id = holders[person_id]
    return person_id
