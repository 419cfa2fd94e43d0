"""What every endpoint that clients post forms to does alike: the form, how the client shows itself, OAuth's errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

import msgspec
from authlib.oauth2.rfc6749.errors import OAuth2Error

from api.exchange import Answer, Exchange
from api.faults import BadInput
from api.oauth import clients
from api.oauth.issue import Issue, Lives, Presented, token_seconds
from api.oauth.keys import SigningKeys
from api.oauth.server import Spent, TokenRequest, TokenServer, shown_by
from api.oauth.subjects import describe
from api.pipeline import Pipeline
from api.requests import parse_pairs, read_body
from api.services import Services
from core.errors import TooLarge, Unauthenticated, WenzeError
from core.platforms.spending import spend_assertion
from core.tenants.snapshot import Snapshot

_LONGEST_FORM = 16_384
_FORM = b"application/x-www-form-urlencoded"
JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"pragma", b"no-cache"))


@dataclass(frozen=True, slots=True)
class Posted:
    """What came: the fields of the form, and the Authorization header."""

    form: Mapping[str, str]
    authorization: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a client that has shown who it is."""

    issue: Issue
    form: Mapping[str, str]
    client: clients.RegisteredClient


Step = Callable[[Asked], Awaitable[Answer]]


class Desk:
    """Where clients post their forms."""

    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self.services, self.pipeline = services, pipeline
        self._keys = SigningKeys(services)

    async def serve(self, exchange: Exchange, methods: tuple[str, ...], step: Step) -> Answer:
        """One request from its form to its answer, by a client that shows itself in one of ``methods``."""
        snapshot = await self.pipeline.find_newest(exchange)
        try:
            posted = await read_posted(exchange)
        except WenzeError as error:
            return refusal(exchange, error)
        issue = await self.issue(snapshot)
        request, server = TokenRequest(issue, posted.form, posted.authorization), TokenServer(issue)
        try:
            client = server.authenticate_client(request, methods)
            replayed = await self.spend(exchange, issue, shown_by(client))
            return replayed or await step(Asked(issue, posted.form, client))
        except OAuth2Error as error:
            return server.refuse(request, error)

    async def issue(self, snapshot: Snapshot, presented: Presented | None = None) -> Issue:
        """What a request of a tenant is answered from, at this moment."""
        services, tenant = self.services, snapshot.tenant
        return Issue(
            snapshot=snapshot,
            issuer=services.issuer(tenant),
            audience=services.audience(tenant),
            key=await self._keys.active(snapshot),
            now=services.wall.now(),
            seconds=token_seconds(services.settings),
            lives=Lives.of(services.settings),
            presented=presented,
        )

    async def spend(
        self, exchange: Exchange, issue: Issue, shown: Spent | None, subject: Spent | None = None
    ) -> Answer | None:
        """Uses up the assertions that show a client and its operator; the refusal where one was used before."""
        refuse_client = partial(clients.refuse_replay, issue.issuer)
        for spent, refuse in ((shown, refuse_client), (subject, partial(refusal, exchange))):
            try:
                if spent is not None:
                    await spend_assertion(self.services.database, issue.snapshot.tenant.id, *spent)
            except Unauthenticated as error:
                exchange.trace.code = error.code
                return refuse(error)
        return None


async def read_posted(exchange: Exchange) -> Posted:
    """The form and the header; raises :class:`WenzeError` for query parameters, fields told twice and what is no text."""
    if exchange.query_string:
        raise BadInput("api.parameter-unknown", place="query", name="?", known="–")
    if exchange.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _FORM:
        raise BadInput("api.media-unsupported", place="header", field="Content-Type", expected=_FORM.decode())
    authorization = exchange.headers.get(b"authorization")
    form = parse_pairs(await read_body(exchange.receive, exchange.headers, _LONGEST_FORM), "body")
    return Posted(form, authorization.decode("latin-1") if authorization is not None else None)


def refusal(exchange: Exchange, error: WenzeError) -> Answer:
    """Whatever is wrong with a request is an OAuth error, never a problem document."""
    exchange.trace.code = error.code
    body = msgspec.json.encode({"error": "invalid_request", "error_description": describe(error)})
    return Answer(413 if isinstance(error, TooLarge) else 400, body, JSON)
