"""``POST …/oauth/token``: looks up what was shown, runs the protocol over it, and settles what comes of it."""

from __future__ import annotations

from collections.abc import Mapping

from api.exchange import Answer, Exchange
from api.oauth.desk import Desk, read_posted, refusal
from api.oauth.issue import Issue, Presented
from api.oauth.server import Granted, answer_token_request
from core.authorizations.codes import find_code
from core.authorizations.devices import find_device_code
from core.authorizations.refresh import find_refresh
from core.errors import WenzeError
from core.store.actor import Actor
from core.store.session import Reconfigured, TenantSession
from core.tenants.client import GrantType
from core.tenants.snapshot import Snapshot

_FINDERS = {
    GrantType.AUTHORIZATION_CODE.value: ("code", find_code),
    GrantType.REFRESH_TOKEN.value: ("refresh_token", find_refresh),
    GrantType.DEVICE_CODE.value: ("device_code", find_device_code),
}


class TokenEndpoint:
    """Gives tokens."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._services = desk, desk.services

    async def give_token(self, exchange: Exchange) -> Answer:
        """One request. Whatever is wrong with it is an OAuth error, never a problem document."""
        known = await self._desk.pipeline.find_tenant(exchange)
        try:
            posted = await read_posted(exchange)
        except WenzeError as error:
            return refusal(exchange, error)
        snapshot, presented = await self._look_up(known, posted.form)
        issue = await self._desk.issue(snapshot, presented)
        granted = answer_token_request(issue, posted.form, posted.authorization)
        replayed = await self._desk.spend(exchange, issue, granted.shown, granted.spent)
        return replayed or await self._settle(issue, granted)

    async def _look_up(self, known: Snapshot, form: Mapping[str, str]) -> tuple[Snapshot, Presented | None]:
        """What was shown, and the newest configuration; in one round trip where that is the one already known."""
        try:
            async with self._services.database.reading(known.tenant.id, expecting=known.tenant.revision) as session:
                return known, await _find(session, form)
        except Reconfigured:
            async with self._services.database.reading(known.tenant.id) as session:
                return await self._services.snapshots.of(session), await _find(session, form)

    async def _settle(self, issue: Issue, granted: Granted) -> Answer:
        """Commits what the answer does to the store; OAuth's errors do something, too, and are committed like the rest."""
        if granted.effect is None or granted.lost is None:
            return granted.answer
        async with self._services.database.tenant(issue.snapshot.tenant.id, actor=_actor(issue)) as session:
            stands = await granted.effect(session)
        return granted.answer if stands else granted.lost


async def _find(session: TenantSession, form: Mapping[str, str]) -> Presented | None:
    field, find = _FINDERS.get(form.get("grant_type", ""), ("", None))
    shown = form.get(field)
    return await find(session, shown) if find is not None and shown else None


def _actor(issue: Issue) -> Actor:
    """The client, and the person whose tokens they are."""
    shown = issue.presented
    authorization = shown.authorization if shown is not None else None
    if authorization is None:
        return Actor()
    return Actor(client_id=authorization.client_id, person_id=authorization.person_id)
