"""A client in the words of RFC 7591: what one that registers itself says, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry
from msgspec import Meta, Struct

from core.errors import WenzeError
from core.tenants.client import AuthMethod, Client, GrantType
from core.tenants.client_commands import MOST_ADDRESSES, ClientStatement
from core.tenants.client_keys import MOST_KEYS, ClientKey
from core.tenants.initial_token import InitialToken
from core.tenants.names import Name
from core.tenants.redirects import LONGEST
from core.tenants.scopes import Scope

_Text = Annotated[str, Meta(max_length=LONGEST)]
_Texts = Annotated[tuple[_Text, ...], Meta(max_length=MOST_ADDRESSES)]
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid", "use")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class _KeySet(Struct, frozen=True):
    keys: Annotated[tuple[dict[str, Any], ...], Meta(max_length=MOST_KEYS)]


class Metadata(Struct, frozen=True, kw_only=True):
    """What a client says of itself. What is not understood is ignored, as section 2 asks."""

    client_name: Name
    redirect_uris: _Texts = ()
    post_logout_redirect_uris: _Texts = ()
    token_endpoint_auth_method: AuthMethod = AuthMethod.SECRET_BASIC
    grant_types: Annotated[tuple[GrantType, ...], Meta(min_length=1, max_length=8)] = (GrantType.AUTHORIZATION_CODE,)
    response_types: Annotated[tuple[str, ...], Meta(max_length=4)] | None = None
    client_uri: _Text | None = None
    scope: Annotated[str, Meta(max_length=4_000)] | None = None
    jwks: _KeySet | None = None
    jwks_uri: str | None = None
    origins: _Texts = ()
    """Ours: from which pages a browser may call the API."""
    client_id: str | None = None
    client_secret: str | None = None
    """The last two only where a registration is changed (RFC 7592, section 2.2)."""


class MetadataFault(Exception):
    """What is wrong with the metadata, in the codes of section 3.2.2."""

    def __init__(self, error: str, cause: str | WenzeError) -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


def read_metadata(plain: Any) -> Metadata:
    """The metadata of a JSON value; raises :class:`MetadataFault`."""
    try:
        said = msgspec.convert(plain, Metadata)
    except msgspec.ValidationError as error:
        raise MetadataFault("invalid_client_metadata", str(error)) from error
    wanted = ("code",) if GrantType.AUTHORIZATION_CODE in said.grant_types else ()
    if said.response_types not in {None, wanted}:
        raise MetadataFault("invalid_client_metadata", f"response_types must be {list(wanted)} for these grant_types.")
    if said.jwks_uri is not None:
        raise MetadataFault("invalid_client_metadata", "Keys are registered by value in jwks; none are fetched.")
    return said


def statement_of(said: Metadata, bounds: InitialToken) -> ClientStatement:
    """What it comes to, within what the initial access token allows; raises :class:`MetadataFault`."""
    if not set(said.grant_types) <= bounds.grant_types:
        raise MetadataFault("invalid_client_metadata", "The initial access token does not allow these grant_types.")
    names = [scope.value for scope in bounds.scopes] if said.scope is None else said.scope.split()
    if not set(names) <= {scope.value for scope in bounds.scopes}:
        raise MetadataFault("invalid_client_metadata", "The initial access token does not allow this scope.")
    return ClientStatement(
        name=said.client_name,
        grant_types=said.grant_types,
        scopes=tuple(sorted(map(Scope, names))),
        redirect_uris=said.redirect_uris,
        post_logout_redirect_uris=said.post_logout_redirect_uris,
        origins=said.origins,
        keys=_keys_of(said),
        uri=said.client_uri,
    )


def fault_of(error: WenzeError) -> MetadataFault:
    """A refusal of ours in the words of OAuth."""
    about_redirects = (error.field or "").startswith("/redirect_uris")
    return MetadataFault("invalid_redirect_uri" if about_redirects else "invalid_client_metadata", error)


def told(client: Client) -> dict[str, Any]:
    """A client's own metadata, without what shows that it is it (section 3.2.1)."""
    code = GrantType.AUTHORIZATION_CODE in client.grant_types
    made: dict[str, Any] = {
        "client_id": client.client_id,
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "token_endpoint_auth_method": client.auth_method,
        "grant_types": sorted(client.grant_types),
        "response_types": ["code"] if code else [],
        "scope": " ".join(sorted(client.scopes)),
        "origins": sorted(client.origins),
        "id_token_signed_response_alg": "ES256",
    }
    made |= {"client_uri": client.uri} if client.uri else {}
    return made | ({"jwks": {"keys": client.keys}} if client.keys else {})


def _keys_of(said: Metadata) -> tuple[ClientKey, ...]:
    keys = said.jwks.keys if said.jwks else ()
    try:
        return msgspec.convert(tuple(map(_public_key, keys)), tuple[ClientKey, ...])
    except msgspec.ValidationError as error:
        raise MetadataFault("invalid_client_metadata", f"jwks: {error}") from error


def _public_key(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """The members that matter, and the thumbprint (RFC 7638) in the place of an id that is missing."""
    if _PRIVATE_MEMBERS & jwk.keys():
        raise MetadataFault("invalid_client_metadata", "jwks holds a private key. Make a new one, and send its public half.")
    kept = {name: jwk[name] for name in _PUBLIC_MEMBERS if name in jwk}
    if "kid" in kept:
        return kept
    try:
        return kept | {"kid": JWKRegistry.import_key(kept).thumbprint()}
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise MetadataFault("invalid_client_metadata", "jwks holds something that is no key.") from error
