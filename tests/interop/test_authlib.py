"""Authlib as a client, set up by the issuer's metadata and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from core.tenants.client import AuthMethod, Credentials
from core.tenants.client_keys import ClientKey
from tests.interop.office import Colleague, Office, public_client

BACK = "https://desk.example.cn/callback"
SCOPE = "openid profile cases:read"


@pytest.fixture(scope="module")
def server(office: Office) -> dict[str, Any]:
    """What the issuer says of itself, by RFC 8414."""
    told: dict[str, Any] = httpx.get(office.metadata_address).raise_for_status().json()
    return told


@pytest.fixture(scope="module")
def desk(office: Office) -> Credentials:
    """A client with a secret."""
    return office.client(redirect_uris=(BACK,))


def verify(server: dict[str, Any], token: dict[str, Any], client: Credentials, nonce: str) -> dict[str, Any]:
    """The claims of an id token, checked as a client does (OpenID Connect Core 1.0, section 3.1.3.7)."""
    keys = KeySet.import_key_set(httpx.get(server["jwks_uri"]).raise_for_status().json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=server["id_token_signing_alg_values_supported"])
    params = {"nonce": nonce, "client_id": client.client_id, "access_token": token["access_token"]}
    said = {"iss": {"essential": True, "value": server["issuer"]}, "aud": {"essential": True, "value": client.client_id}}
    claims = CodeIDToken(decoded.claims, decoded.header, said, params)
    claims.validate()
    return dict(claims)


def test_both_documents_are_whole_and_the_same(office: Office, server: dict[str, Any]) -> None:
    AuthorizationServerMetadata(server).validate_issuer()
    openid = httpx.get(office.discovery_address).raise_for_status().json()
    assert openid == server
    metadata = OpenIDProviderMetadata(openid)
    # Whatever Authlib checks of a provider, save that it is reached by https, where this one is on a loopback address, and
    # that it signs by RS256, too, which no tenant's key does.
    for name in metadata.REGISTRY_KEYS:
        value = metadata.get(name)
        if name != "id_token_signing_alg_values_supported" and not (isinstance(value, str) and value.startswith("http:")):
            getattr(metadata, f"validate_{name}", lambda: None)()
    assert server["issuer"] == office.issuer


async def test_an_asynchronous_client_gets_through_the_code_flow(
    office: Office, li_ming: Colleague, desk: Credentials, server: dict[str, Any]
) -> None:
    verifier, nonce = generate_token(48), generate_token()
    told = {"redirect_uri": BACK, "scope": SCOPE, "code_challenge_method": "S256", **server}
    async with AsyncOAuth2Client(desk.client_id, desk.client_secret, **told) as client:
        address, state = client.create_authorization_url(
            server["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        back = office.visitor(li_ming).authorize(address)
        assert parse_qs(urlsplit(back).query)["iss"] == [server["issuer"]]
        token = await client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        claims = verify(server, token, desk, nonce)
        (await client.get(f"{office.api}/cases")).raise_for_status()
        person = (await client.get(server["userinfo_endpoint"])).raise_for_status().json()
        assert (person["sub"], person["name"]) == (claims["sub"], "李明")
        earlier = token["access_token"]
        renewed = await client.refresh_token()
        assert renewed["access_token"] != earlier
        assert renewed["refresh_token"] != token["refresh_token"]
        told = await client.introspect_token(server["introspection_endpoint"], renewed["access_token"])
        assert told.json()["active"] is True
        assert told.json()["sub"] == claims["sub"]
        ended = await client.revoke_token(server["revocation_endpoint"], renewed["refresh_token"], "refresh_token")
        assert ended.status_code == 200
        assert (await client.get(f"{office.api}/cases")).status_code == 401
        with pytest.raises(OAuthError, match="invalid_grant"):
            await client.refresh_token(refresh_token=renewed["refresh_token"])


def test_a_session_of_a_machine_asks_for_its_own_token(office: Office, desk: Credentials, server: dict[str, Any]) -> None:
    with OAuth2Session(desk.client_id, desk.client_secret, scope="organisation:read cases:read", **server) as session:
        token = session.fetch_token(grant_type="client_credentials")
        assert set(token["scope"].split()) == {"organisation:read", "cases:read"}
        assert session.get(f"{office.api}/me").json()["client_name"] == "Desk of the hotline"


def test_a_session_without_a_secret_gets_through_the_code_flow(
    office: Office, li_ming: Colleague, server: dict[str, Any]
) -> None:
    app, verifier = public_client(office, BACK), generate_token(48)
    told = {"redirect_uri": BACK, "scope": "cases:read", "code_challenge_method": "S256", **server}
    with OAuth2Session(app.client_id, **told) as session:
        address, state = session.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier)
        back = office.visitor(li_ming).authorize(address)
        token = session.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        assert token["scope"] == "cases:read"
        assert session.get(f"{office.api}/cases").status_code == 200
        # An expired token is renewed by itself.
        session.token = {**token, "expires_at": 1}
        assert session.get(f"{office.api}/cases").status_code == 200
        assert session.token["access_token"] != token["access_token"]
        assert session.revoke_token(server["revocation_endpoint"], session.token["access_token"]).status_code == 200
        assert session.get(f"{office.api}/cases").status_code == 401


async def test_a_client_signs_its_own_assertions(office: Office, server: dict[str, Any]) -> None:
    key = ECKey.generate_key("P-256", {"kid": "2026-11"})
    public = msgspec.convert({**key.as_dict(private=False), "kid": "2026-11"}, ClientKey)
    made = office.client(auth_method=AuthMethod.PRIVATE_KEY, keys=(public,), redirect_uris=(BACK,))
    told = {"scope": "cases:read", "token_endpoint_auth_method": "private_key_jwt", **server}
    told |= {"revocation_endpoint_auth_method": "private_key_jwt"}
    async with AsyncOAuth2Client(made.client_id, key, **told) as client:
        client.register_client_auth_method(PrivateKeyJWT(alg="ES256", headers={"kid": "2026-11"}))
        token = await client.fetch_token(grant_type="client_credentials")
        assert (await client.get(f"{office.api}/cases")).status_code == 200
        told = await client.introspect_token(server["introspection_endpoint"], token["access_token"])
        assert told.json()["client_id"] == made.client_id
        assert (await client.revoke_token(server["revocation_endpoint"], token["access_token"])).status_code == 200
        assert (await client.get(f"{office.api}/cases")).status_code == 401
