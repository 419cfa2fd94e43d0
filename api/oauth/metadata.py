"""What a client needs to know of a tenant's authorization server (RFC 8414, OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from typing import Any

from api.oauth import clients
from api.oauth.authorize import CHALLENGE_METHODS, PROMPTS, RESPONSE_MODES
from api.oauth.identity import CLAIMS
from api.oauth.scopes import OPENID_TEXTS
from api.oauth.server import GRANT_TYPES
from api.oauth.tokens import ALGORITHM
from api.services import Services
from core.tenants.scopes import Scope
from core.tenants.tenant import Tenant

ISSUER_PATH = "/t/{tenant}/oauth"
AUTHORIZE, TOKEN, JWKS, USERINFO = "/authorize", "/token", "/jwks", "/userinfo"
DEVICE, REVOKE, INTROSPECT = "/device_authorization", "/revoke", "/introspect"
REGISTER = "/register"
SIGN_OUT = "/sign-out"
METADATA_PATH = f"/.well-known/oauth-authorization-server{ISSUER_PATH}"
DISCOVERY_PATH = f"{ISSUER_PATH}/.well-known/openid-configuration"
"""OpenID Connect appends what RFC 8414 inserts; the document is the same."""


def metadata(services: Services, tenant: Tenant) -> dict[str, Any]:
    """The one document of both addresses."""
    issuer = services.issuer(tenant)
    return {
        "issuer": issuer,
        "service_documentation": f"{services.audience(tenant)}/openapi.json",
        **_addresses(issuer),
        **_ways_of_clients(),
        **_protocol(),
    }


def _addresses(issuer: str) -> dict[str, str]:
    return {
        "authorization_endpoint": f"{issuer}{AUTHORIZE}",
        "token_endpoint": f"{issuer}{TOKEN}",
        "jwks_uri": f"{issuer}{JWKS}",
        "userinfo_endpoint": f"{issuer}{USERINFO}",
        "device_authorization_endpoint": f"{issuer}{DEVICE}",
        "revocation_endpoint": f"{issuer}{REVOKE}",
        "introspection_endpoint": f"{issuer}{INTROSPECT}",
        "registration_endpoint": f"{issuer}{REGISTER}",
        "end_session_endpoint": f"{issuer}{SIGN_OUT}",
    }


def _ways_of_clients() -> dict[str, list[str]]:
    algorithms = list(clients.ASSERTION_ALGORITHMS)
    ways = {"token": clients.METHODS, "revocation": clients.METHODS, "introspection": clients.CONFIDENTIAL}
    return {
        **{f"{name}_endpoint_auth_methods_supported": list(methods) for name, methods in ways.items()},
        **{f"{name}_endpoint_auth_signing_alg_values_supported": algorithms for name in ways},
    }


def _protocol() -> dict[str, Any]:
    return {
        "scopes_supported": [*OPENID_TEXTS, *(scope.value for scope in Scope)],
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        "prompt_values_supported": list(PROMPTS),
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claim_types_supported": ["normal"],
        "claims_supported": list(CLAIMS),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": ["zh-CN", "en"],
    }
