"""Claims that a platform signs for one request, in a header beside its own token: who of its operators asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from core.errors import Forbidden, Unauthenticated
from core.platforms.assertions import CLAIMS_TYPES, Assertion, Claims, Expected, read_assertion
from core.platforms.platform import Operator
from core.tenants.client import Client
from core.tenants.snapshot import Snapshot

HEADER = b"wenze-operator"


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands in the header, and the request that it must have been signed for."""

    token: bytes
    method: str
    address: str
    """The request's address in the service's own terms, whatever Host says; percent-decoded, without a query."""


def check_claims(proof: Proof, snapshot: Snapshot, client: Client, issuer: str, now: datetime) -> tuple[Assertion, Operator]:
    """The assertion and its operator.

    Raises :class:`Forbidden` where the tenant has not allowed this way, or the operator is not one of today's, and
    :class:`Unauthenticated` for claims that do not hold, or not for this request.
    """
    platform = snapshot.platforms.of(client.id)
    if not platform.operator_claims:
        raise Forbidden("platforms.way-closed")
    expected = Expected(client.client_id, issuer, CLAIMS_TYPES, now)
    assertion, claims = read_assertion(proof.token, platform, expected)
    if not _is_for(claims, proof):
        raise Unauthenticated("platforms.assertion-elsewhere")
    return assertion, find_acting(snapshot, client, assertion, now)


def find_acting(snapshot: Snapshot, client: Client, assertion: Assertion, now: datetime) -> Operator:
    """Whom an assertion names on the tenant's day at ``now`` of wall time; raises :class:`Forbidden`."""
    day = snapshot.local_day(now + snapshot.offset)
    operator = snapshot.platforms.acting(client.id, assertion.external_id, day)
    if operator is None:
        raise Forbidden("platforms.operator-unknown")
    return operator


def _is_for(claims: Claims, proof: Proof) -> bool:
    if claims.htm != proof.method or claims.htu is None:
        return False
    try:
        asked, meant = urlsplit(proof.address), urlsplit(claims.htu)
    except ValueError:
        return False
    if meant.query or meant.fragment:
        return False
    return (meant.scheme, meant.netloc, unquote(meant.path)) == (asked.scheme, asked.netloc, asked.path)
