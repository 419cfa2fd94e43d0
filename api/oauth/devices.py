"""What the page needs on which a person allows a terminal (RFC 8628, section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.oauth.scopes import held_scopes
from api.services import Services
from core.authorizations.authorization import SignedIn
from core.authorizations.devices import AskedDevice, decide_asked, find_asked, read_user_code, spell_user_code
from core.authorizations.families import begin_authorization
from core.errors import Conflict
from core.store.session import TenantSession
from core.tenants.client import Client, GrantType
from core.tenants.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A terminal that waits for an answer."""

    asked: AskedDevice
    user_code: str
    """As it is shown: ``WDJB-MJHT``."""
    client: Client
    scopes: tuple[str, ...]


async def find_device(session: TenantSession, snapshot: Snapshot, user_code: str, now: datetime) -> DeviceRequest | None:
    """The terminal of a code as a person typed it; ``None`` for a wrong one, an expired one and a used one alike.

    Guesses are to be counted by who calls this.
    """
    letters = read_user_code(user_code)
    asked = await find_asked(session, letters, now) if letters else None
    if letters is None or asked is None:
        return None
    client = next((item for item in snapshot.clients.values() if item.id == asked.client_id), None)
    if client is None or client.disabled_at is not None:
        return None
    return DeviceRequest(asked, spell_user_code(letters), client, held_scopes(client, asked.scopes))


async def decide_device(
    session: TenantSession,
    services: Services,
    device: DeviceRequest,
    sign_in: SignedIn,
    approved: bool,
    now: datetime,
) -> None:
    """Settles a terminal's request; raises :class:`Conflict` where it was settled or has expired meanwhile."""
    allowed = None
    if approved:
        life = timedelta(seconds=services.settings.refresh_seconds)
        allowed = begin_authorization(session, device.client, sign_in, device.scopes, GrantType.DEVICE_CODE, now, life)
    if not await decide_asked(session, device.asked, allowed, now):
        raise Conflict("oauth.device-settled")
