"""Whose hand it is: a client acts as a service person of its own, but whoever holds it does what that person does (R12).

Where two have to agree, one person with a client of their own is not two; and who is kept from a matter is kept from it with
every client of theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from core.tenants.client import Client


class Hands:
    """Who holds the clients of a tenant, as far as that is known."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self._holders = {client.person_id: client.held_by for client in clients if client.held_by is not None}
        groups: dict[UUID, set[UUID]] = defaultdict(set)
        for person_id in self._holders:
            groups[self.of(person_id)].add(person_id)
        self._groups = {hand: frozenset(people) for hand, people in groups.items()}

    def of(self, person_id: UUID) -> UUID:
        """The person; of a client's service person who holds that client, in the end."""
        passed: set[UUID] = set()
        while person_id in self._holders and person_id not in passed:
            passed.add(person_id)
            person_id = self._holders[person_id]
        return person_id

    def all_of(self, person_id: UUID) -> frozenset[UUID]:
        """Everybody who is the same hand: the person, who holds the person's client, and whose clients that one holds."""
        hand = self.of(person_id)
        return self._groups.get(hand, frozenset()) | {hand, person_id}
