"""What the routes are served with: one value per process, made at the edge."""

from __future__ import annotations

from dataclasses import dataclass

from core.attachments.vault import Vault, open_vault
from core.clock import Clock
from core.jurisdictions import Jurisdictions
from core.settings import Settings
from core.store.database import Database
from core.tenants.snapshot import Snapshots


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that live as long as the process."""

    settings: Settings
    jurisdictions: Jurisdictions
    database: Database
    snapshots: Snapshots
    wall: Clock

    @property
    def vault(self) -> Vault:
        """Where attachments lie; opened when it is first asked for, so that what needs none of it starts without."""
        return open_vault(self.settings.attachments_address)

    def tenant_address(self, slug: str) -> str:
        """The public address of a tenant, without a slash at its end."""
        return f"{self.settings.public_url}/t/{slug}"

    def issuer(self, slug: str) -> str:
        """The issuer of a tenant's tokens (RFC 8414)."""
        return f"{self.tenant_address(slug)}/oauth"

    def audience(self, slug: str) -> str:
        """The resource that a tenant's tokens are for (RFC 8707)."""
        return f"{self.tenant_address(slug)}/v1"
