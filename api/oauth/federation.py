"""Signing in through the city's own identity provider (OpenID Connect), and linking an account to it.

    /providers/{key} → the provider → /providers/{key}/callback → signed in here, or linked

The browser that began is the one that ends, once, within minutes, at the provider where it began: the state stands for the
attempt (:mod:`core.accounts.attempts`), each provider has its own callback, and an answer must be its issuer's (RFC 9207).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from api.exchange import Answer
from api.oauth.provider_tokens import Person, Wanted, read_key_id, read_person
from api.screens.answers import go, go_to, page, text
from api.screens.onward import Onward, read_onward
from api.screens.rendering import in_language
from api.screens.signing_in import enter
from api.screens.visits import Visit
from core.accounts.attempts import Attempt, new_attempt, take_attempt, write_attempt
from core.accounts.links import find_linked, link_account
from core.accounts.providers import Provider, find_enabled, open_secret
from core.accounts.sign_ins import SignIn
from core.accounts.signing_in import open_by_provider
from core.errors import Forbidden, Invalid, Unauthenticated

if TYPE_CHECKING:
    from api.oauth.provider_client import ProviderClient, Tokens

PROVIDER: Final = "/providers/{key}"
CALLBACK: Final = f"{PROVIDER}/callback"
_LONGEST = 4_096


async def begin_sign_in(visit: Visit) -> Answer:
    """``GET …/providers/{key}?then=…``: off to the provider, from there to one of our own pages."""
    client = await _client(visit, visit.exchange.path["key"])
    onward = visit.onward
    attempt = new_attempt(visit.browser_value, onward.then, visit.now, anew=_is_anew(visit, onward))
    return go(visit, await _lead_out(visit, client, attempt))


async def begin_link(visit: Visit, key: str, sign_in: SignIn, then: str) -> Answer:
    """Off to the provider, to link the account of who is signed in; for the account's page, whose form was checked."""
    client = await _client(visit, key)
    attempt = new_attempt(visit.browser_value, then, visit.now, anew=True, linking_account_id=sign_in.account_id)
    address = await _lead_out(visit, client, attempt)
    if _origin(address) == _origin(client.provider.issuer):
        return go(visit, address)
    # A form may lead to the origin of the issuer alone (Content-Security-Policy); a link may lead anywhere.
    name = in_language(client.provider.name, visit.language)
    links = [(address, text(visit, "provider.go-on", name=name))]
    return page(visit, "told.html", title=name, message=text(visit, "provider.leads-out", name=name), links=links)


async def end_at_provider(visit: Visit) -> Answer:
    """``GET …/providers/{key}/callback``: the provider's answer, by the browser."""
    provider = await _provider(visit, visit.exchange.path["key"])
    attempt = await _take(visit, provider)
    client = await _client_of(visit, provider)
    tokens, person = await _who(visit, client, attempt)
    if attempt.linking_account_id is not None:
        return await _link(visit, provider, attempt, person)
    if provider.link_by is not None and provider.link_by not in person.claims:
        told = await client.ask_userinfo(tokens, person.subject)
        person = replace(person, claims={**told, **person.claims})
    return await _sign_in(visit, provider, attempt, person)


async def _provider(visit: Visit, key: str) -> Provider:
    async with visit.reading() as session:
        return await find_enabled(session, key)


async def _client(visit: Visit, key: str) -> ProviderClient:
    return await _client_of(visit, await _provider(visit, key))


async def _client_of(visit: Visit, provider: Provider) -> ProviderClient:
    from api.oauth.provider_client import ProviderClient  # here: Authlib's client takes long to load, and few ever need it

    services, tenant = visit.services, visit.tenant
    networks = services.settings.provider_networks
    document = await services.provider_documents.describe(networks, tenant.id, provider, visit.now)
    async with visit.reading() as session:
        secret = await open_secret(session, provider)
    return ProviderClient(provider, document, secret, visit.issuer + CALLBACK.format(key=provider.key), networks)


def _is_anew(visit: Visit, onward: Onward) -> bool:
    """Whether the person must show the provider anew who it is: where one is signed in already, or the client wants that."""
    return visit.found is not None or "login" in onward.query.get("prompt", "").split() or "max_age" in onward.query


async def _lead_out(visit: Visit, client: ProviderClient, attempt: Attempt) -> str:
    async with visit.services.database.tenant(visit.tenant.id, actor=visit.actor) as session:
        state = await write_attempt(session, client.provider, attempt)
    return client.lead_out(state, attempt, visit.language)


async def _take(visit: Visit, provider: Provider) -> Attempt:
    """The attempt that the answer belongs to; taken for good before anything else of the answer is looked at."""
    state = visit.query.get("state", "")
    if not 0 < len(state) <= _LONGEST:
        raise Invalid("federation.state-unknown")
    async with visit.services.database.tenant(visit.tenant.id) as session:
        attempt = await take_attempt(session, provider, state, visit.browser_value, visit.now)
    if attempt is None:
        raise Invalid("federation.state-unknown")
    return attempt


async def _who(visit: Visit, client: ProviderClient, attempt: Attempt) -> tuple[Tokens, Person]:
    """Whom the provider names; raises what is wrong with its answer."""
    query, issuer = visit.query, client.provider.issuer
    told = query.get("iss")
    if told != issuer and (told is not None or client.document.authorization_response_iss_parameter_supported):
        raise Unauthenticated("federation.issuer-mixed")
    if "error" in query:
        raise Forbidden("federation.declined", error=query["error"])
    code = query.get("code", "")
    if not 0 < len(code) <= _LONGEST:
        raise Invalid("federation.code-missing")
    tokens = await client.redeem(code, attempt)
    keys = await visit.services.provider_documents.find_keys(
        client.networks, visit.tenant.id, client.provider, read_key_id(tokens.id_token), visit.now
    )
    since = attempt.began_at if attempt.anew else None
    wanted = Wanted(issuer, client.provider.client_id, attempt.nonce, visit.services.wall.now(), since)
    return tokens, read_person(tokens.id_token, keys, wanted)


async def _link(visit: Visit, provider: Provider, attempt: Attempt, person: Person) -> Answer:
    if visit.sign_in is None or visit.sign_in.account_id != attempt.linking_account_id:
        raise Forbidden("federation.signed-out-meanwhile")
    async with visit.writing() as session:
        await link_account(session, visit.sign_in.account_id, provider, person.subject, visit.now)
    return go_to(visit, read_onward(attempt.then))


async def _sign_in(visit: Visit, provider: Provider, attempt: Attempt, person: Person) -> Answer:
    async with visit.services.database.tenant(visit.tenant.id) as session:
        account_id = await find_linked(session, provider, person.subject, person.claims, visit.now)
        opened = await open_by_provider(
            session,
            visit.snapshot,
            account_id,
            person.methods,
            visit.browser,
            visit.now,
            satisfied=provider.satisfies_second_factor,
            limits=visit.services.sign_in_limits,
        )
    visit.query = {"then": attempt.then}
    return await enter(visit, opened)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
