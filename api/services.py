"""What the routes are served with: one value per process, made at the edge."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.oauth.provider_documents import ProviderDocuments
from core.accounts.limits import SignInLimits
from core.accounts.passwords import Passwords
from core.attachments.vault import Vault, open_vault
from core.clock import Clock
from core.jurisdictions import Jurisdictions
from core.settings import Settings
from core.store.database import Database
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that live as long as the process."""

    settings: Settings
    jurisdictions: Jurisdictions
    database: Database
    snapshots: Snapshots
    wall: Clock
    passwords: Passwords = field(default_factory=Passwords)
    provider_documents: ProviderDocuments = field(default_factory=ProviderDocuments)

    @property
    def vault(self) -> Vault:
        """Where attachments lie; opened when it is first asked for, so that what needs none of it starts without."""
        return open_vault(self.settings.attachments_address)

    @property
    def sign_in_limits(self) -> SignInLimits:
        """How long sign-ins of staff last."""
        return SignInLimits.of(self.settings)

    def base_of(self, tenant: Tenant) -> str:
        """Where a tenant is served: its own origin where it has one, else the service's; never what a Host header says."""
        return tenant.origin or self.settings.public_url

    def tenant_address(self, tenant: Tenant) -> str:
        """The public address of a tenant, without a slash at its end."""
        return tenant.address(self.settings.public_url)

    def issuer(self, tenant: Tenant) -> str:
        """The issuer of a tenant's tokens (RFC 8414)."""
        return f"{self.tenant_address(tenant)}/oauth"

    def audience(self, tenant: Tenant) -> str:
        """The resource that a tenant's tokens are for (RFC 8707)."""
        return f"{self.tenant_address(tenant)}/v1"
