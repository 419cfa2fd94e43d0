"""Clients that register themselves with an initial access token (RFC 7591), and manage what they are (RFC 7592).

Nobody of the tenant vouches for such a client: it is not trusted, has no roles, and gets no more than the token allows.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from api.endpoints import Runner
from api.exchange import Answer, Exchange
from api.guard import guard_json
from api.limits import Limits
from api.oauth.client_metadata import MetadataFault, fault_of, read_metadata, statement_of, told
from api.oauth.desk import JSON
from api.oauth.metadata import ISSUER_PATH, REGISTER
from api.oauth.subjects import describe
from api.oauth.tokens import read_bearer
from api.pipeline import Pipeline
from api.problems import UnsupportedMedia
from api.requests import check_media_type, read_body
from api.services import Services
from core.errors import Invalid, Refused, TooLarge, Unauthenticated, WenzeError
from core.ids import secret_hash
from core.store.actor import Actor
from core.tenants.client import Client
from core.tenants.initial_token import InitialToken, make_management_token
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, Registration, add_client, disable_client, restated, write_client
from core.tenants.service.initial_tokens import find_initial_token, recognise_initial_token, use_up
from core.tenants.snapshot import Snapshot

REGISTER_PATH = f"{ISSUER_PATH}{REGISTER}"
MANAGE_PATH = f"{REGISTER_PATH}/{{client}}"
_LONGEST = 65_536


def registration_runners(services: Services, pipeline: Pipeline, limits: Limits) -> dict[str, dict[str, Runner]]:
    """What answers at each address, by method."""
    desk = RegistrationDesk(services, pipeline)
    manage = {"GET": desk.show, "PUT": desk.change, "DELETE": desk.remove}
    runners = {REGISTER_PATH: {"POST": desk.register}, MANAGE_PATH: manage}
    return {
        path: {method: limits.of_failures("registration", _saying_oauth(run)) for method, run in methods.items()}
        for path, methods in runners.items()
    }


@dataclass(frozen=True, slots=True)
class _Managed:
    """A client with the token that manages it, as it was just shown."""

    snapshot: Snapshot
    client: Client
    token: str


class RegistrationDesk:
    """Where clients register."""

    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._services, self._pipeline = services, pipeline

    async def register(self, exchange: Exchange) -> Answer:
        """``POST …/oauth/register``: the new client with its secret and the token that manages it, both told this once."""
        snapshot = await self._pipeline.find_newest(exchange)
        tenant, now = snapshot.tenant.id, self._services.wall.now()
        token = read_bearer(exchange.headers.get(b"authorization")).decode("latin-1")
        async with self._services.database.reading(tenant) as session:
            initial = await recognise_initial_token(session, token, now)
        new, management = await self._read(exchange, initial, snapshot)
        async with self._services.database.tenant(tenant) as session:
            admin = Administration(session, self._services.snapshots)
            begun = await admin.begin()
            await use_up(session, initial, now)
            made = add_client(admin, begun, new)
        answer = self._told(begun, made.client, management)
        if made.credentials.client_secret:
            answer |= {"client_secret": made.credentials.client_secret, "client_secret_expires_at": 0}
        answer |= {"client_id_issued_at": int(admin.recorded_at.timestamp())}
        return Answer(201, msgspec.json.encode(answer), JSON)

    async def show(self, exchange: Exchange) -> Answer:
        """``GET …/oauth/register/{client}``: what the client is."""
        managed = await self._manage(exchange)
        return self._answer(managed, managed.client)

    async def change(self, exchange: Exchange) -> Answer:
        """``PUT …/oauth/register/{client}``: says it anew, whole; how it shows itself stays, and no bound is widened."""
        managed = await self._manage(exchange)
        said = read_metadata(await _read_json(exchange))
        _check_unchanged(managed.client, said.client_id, said.client_secret, said.token_endpoint_auth_method)
        async with self._services.database.tenant(managed.snapshot.tenant.id, actor=_actor(managed.client)) as session:
            admin = Administration(session, self._services.snapshots)
            current = _still(await admin.begin(), managed)
            bounds = await find_initial_token(session, _token_of(current))
            after = restated(current, statement_of(said, bounds))
            after = await write_client(admin, after, "client.changed-itself")
        return self._answer(managed, after)

    async def remove(self, exchange: Exchange) -> Answer:
        """``DELETE …/oauth/register/{client}``: ends it, with every token that it holds."""
        managed = await self._manage(exchange)
        async with self._services.database.tenant(managed.snapshot.tenant.id, actor=_actor(managed.client)) as session:
            await disable_client(Administration(session, self._services.snapshots), managed.client.client_id)
        return Answer(204, b"", JSON[1:])

    async def _read(self, exchange: Exchange, initial: InitialToken, snapshot: Snapshot) -> tuple[NewClient, str]:
        said = read_metadata(await _read_json(exchange))
        statement, management = statement_of(said, initial), make_management_token()
        new = NewClient(
            name=statement.name,
            roles=(),
            scopes=frozenset(statement.scopes),
            valid_from=snapshot.local_day(self._services.wall.now() + snapshot.offset),
            auth_method=said.token_endpoint_auth_method,
            grant_types=frozenset(statement.grant_types),
            redirect_uris=statement.redirect_uris,
            post_logout_redirect_uris=statement.post_logout_redirect_uris,
            origins=statement.origins,
            keys=statement.keys,
            uri=statement.uri,
            registration=Registration(initial.id, secret_hash(management)),
        )
        return new, management

    async def _manage(self, exchange: Exchange) -> _Managed:
        """The client that the token manages; whatever does not fit is one and the same refusal (RFC 7592, section 2.1)."""
        snapshot = await self._pipeline.find_newest(exchange)
        token = read_bearer(exchange.headers.get(b"authorization")).decode("latin-1")
        client = snapshot.clients.get(exchange.path["client"])
        shown = secret_hash(token)
        if client is None or client.disabled_at is not None or not hmac.compare_digest(shown, client.registration_hash):
            raise Unauthenticated("clients.registration-token-invalid")
        return _Managed(snapshot, client, token)

    def _answer(self, managed: _Managed, client: Client) -> Answer:
        return Answer(200, msgspec.json.encode(self._told(managed.snapshot, client, managed.token)), JSON)

    def _told(self, snapshot: Snapshot, client: Client, management: str) -> dict[str, Any]:
        address = f"{self._services.issuer(snapshot.tenant)}{REGISTER}/{client.client_id}"
        return told(client) | {"registration_access_token": management, "registration_client_uri": address}


async def _read_json(exchange: Exchange) -> Any:
    check_media_type(exchange.headers)
    return guard_json(await read_body(exchange.receive, exchange.headers, _LONGEST))


def _check_unchanged(client: Client, named: str | None, secret: str | None, method: str) -> None:
    if named != client.client_id or (secret is not None and not client.knows(secret)):
        raise MetadataFault("invalid_client_metadata", "client_id, and client_secret if it is there, must be the client's.")
    if method != client.auth_method:
        raise MetadataFault("invalid_client_metadata", "token_endpoint_auth_method stays as it was registered.")


def _still(snapshot: Snapshot, managed: _Managed) -> Client:
    current = snapshot.clients[managed.client.client_id]
    if current.disabled_at is not None or current.registration_hash != managed.client.registration_hash:
        raise Unauthenticated("clients.registration-token-invalid")
    return current


def _token_of(client: Client) -> UUID:
    if client.registered_with is None:
        raise RuntimeError("only a client that registered itself has a token that manages it")
    return client.registered_with


def _actor(client: Client) -> Actor:
    return Actor(client_id=client.id, person_id=client.person_id)


def _saying_oauth(run: Runner) -> Runner:
    async def answer(exchange: Exchange) -> Answer:
        try:
            return await run(exchange)
        except MetadataFault as fault:
            return _error(400, fault)
        except (Invalid, Refused, UnsupportedMedia) as error:
            return _error(400, fault_of(error))
        except TooLarge as error:
            return _error(413, fault_of(error))
        except Unauthenticated as error:
            exchange.trace.code = error.code
            return _unauthorized(exchange, error)

    return answer


def _error(status: int, fault: MetadataFault) -> Answer:
    text = fault.cause if isinstance(fault.cause, str) else describe(fault.cause)
    plain = "".join(character for character in text.replace('"', "'").replace("\\", "/") if " " <= character <= "~")
    return Answer(status, msgspec.json.encode({"error": fault.error, "error_description": plain}), JSON)


def _unauthorized(exchange: Exchange, error: WenzeError) -> Answer:
    shown = f'Bearer realm="{exchange.trace.issuer}", error="invalid_token"'
    body = {"error": "invalid_token", "error_description": describe(error)}
    return Answer(401, msgspec.json.encode(body), (*JSON, (b"www-authenticate", shown.encode())))
