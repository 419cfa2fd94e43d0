"""The grants without a person: client credentials (RFC 6749, section 4.4) and token exchange for platforms (RFC 8693)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749.errors import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, ClientCredentialsGrant, TokenEndpointMixin

from api.oauth import clients
from api.oauth.issue import check_target
from api.oauth.subjects import ACCESS_TOKEN, ActingOperator, describe, exchange_assertion
from core.errors import Forbidden


class CredentialsGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """Client credentials, for this tenant's API only."""

    TOKEN_ENDPOINT_AUTH_METHODS = clients.CONFIDENTIAL

    def validate_token_request(self) -> None:
        """Also checks ``resource``, and ``audience`` as others call it."""
        super().validate_token_request()
        check_target(self.request.payload.data, self.server.issue)


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """An assertion that a platform has signed, for a token of its operator (RFC 8693)."""

    GRANT_TYPE = clients.EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = clients.CONFIDENTIAL

    def validate_token_request(self) -> None:
        """The client, what it asks for, and the assertion; raises an error of OAuth for each."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(describe(Forbidden("platforms.way-closed")))
        self.request.client = client
        form, issue = self.request.payload.data, self.server.issue
        check_target(form, issue)
        assertion, operator = exchange_assertion(form, client, issue.snapshot, issue.issuer, issue.now)
        self.request.user = ActingOperator(operator)
        self.server.spent = (client.client.id, assertion)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token, and what kind it is (RFC 8693, section 2.2.1)."""
        asked = self.request.payload.scope
        token = self.generate_token(user=self.request.user, scope=asked, include_refresh_token=False)
        return 200, {**token, "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER
