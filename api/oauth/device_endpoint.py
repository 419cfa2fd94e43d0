"""``POST …/oauth/device_authorization`` (RFC 8628, section 3.1): a terminal gets a code to show and one to poll with."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from authlib.oauth2.rfc6749.errors import InvalidScopeError, UnauthorizedClientError

from api.exchange import Answer, Exchange
from api.oauth import clients
from api.oauth.desk import JSON, Asked, Desk
from api.oauth.issue import check_target
from api.oauth.scopes import choose_scopes
from core.authorizations.devices import DEVICE_SECONDS, INTERVAL_SECONDS, NewDevice, add_device, spell_user_code
from core.store.actor import Actor
from core.store.violations import Taken
from core.tenants.client import GrantType

_MOST_ATTEMPTS = 5


class DeviceEndpoint:
    """Lets terminals begin to wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, exchange: Exchange) -> Answer:
        """One request, by a client of the device grant."""
        return await self._desk.serve(exchange, clients.METHODS, self._begin)

    async def _begin(self, asked: Asked) -> Answer:
        if not asked.client.check_grant_type(GrantType.DEVICE_CODE):
            raise UnauthorizedClientError("The client is not registered for device codes.")
        check_target(asked.form, asked.issue)
        scopes = choose_scopes(asked.client.client, asked.form.get("scope"))
        if scopes is None:
            raise InvalidScopeError
        made = await self._add(asked, scopes)
        page, shown = f"{asked.issue.issuer}/device", spell_user_code(made.user_code)
        told = {
            "device_code": made.device_code,
            "user_code": shown,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urlencode({'user_code': shown})}",
            "expires_in": DEVICE_SECONDS,
            "interval": INTERVAL_SECONDS,
        }
        return Answer(200, msgspec.json.encode(told), JSON)

    async def _add(self, asked: Asked, scopes: tuple[str, ...]) -> NewDevice:
        client, issue = asked.client.client, asked.issue
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            try:
                database = self._desk.services.database
                async with database.tenant(issue.snapshot.tenant.id, actor=Actor(client_id=client.id)) as session:
                    return add_device(session, client.id, scopes, issue.now)
            except Taken:
                # Of 20⁸ short codes one that another terminal shows at this moment.
                if attempt == _MOST_ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")
