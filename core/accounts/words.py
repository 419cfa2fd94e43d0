"""What others would try as a person's password: the names of the person and of the place."""

from __future__ import annotations

from core.tenants.snapshot import Snapshot
from core.tenants.staff import Person


def words_of(snapshot: Snapshot, person: Person) -> tuple[str, ...]:
    """The names by which the person and the tenant are known."""
    tenant, title = snapshot.tenant, snapshot.jurisdiction.manifest.title
    return (person.name, tenant.slug, tenant.name.zh, tenant.name.en, title.zh, title.en)
