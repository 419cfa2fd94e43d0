"""One request at a page: whose pages, in which language, from which browser, and who is signed in there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from api.exchange import Exchange
from api.faults import BadInput
from api.languages import LANGUAGES
from api.requests import parse_pairs
from api.screens.browsers import browser_of
from api.screens.cookies import LANGUAGE_SECONDS, Cookie, Header, read_browser, read_cookie, read_token, set_cookie
from api.screens.onward import LONGEST_QUERY, Onward, read_onward
from api.services import Services
from core.accounts.sign_ins import SignIn, find_sign_in, touch_sign_in
from core.accounts.signing_in import Browser
from core.errors import Invalid, OutOfOrder
from core.ids import new_secret
from core.store.actor import Actor
from core.store.envelope import TenantKeys
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot
from core.tenants.tenant import Tenant

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class Visit:
    """What every page is made from."""

    exchange: Exchange
    services: Services
    snapshot: Snapshot
    keys: TenantKeys
    query: dict[str, str]
    language: str
    browser_value: str
    token: str | None
    """Of the sign-in cookie, whether it is good or not."""
    found: SignIn | None
    """The sign-in of the token, which may still lack its second factor."""
    now: datetime
    headers: list[Header] = field(default_factory=list)
    """Cookies that are set whatever the answer is."""

    @property
    def tenant(self) -> Tenant:
        """Whose pages these are."""
        return self.snapshot.tenant

    @property
    def issuer(self) -> str:
        """The address that all pages are below."""
        return self.services.issuer(self.tenant)

    @property
    def root(self) -> str:
        """The path of that address, for links within the pages."""
        return urlsplit(self.issuer).path

    @property
    def sign_in(self) -> SignIn | None:
        """Who is signed in, all factors confirmed that the account has or the tenant asks for."""
        return None if self.must_enrol else self.present

    @property
    def present(self) -> SignIn | None:
        """The same, but for a second factor that is asked for and has yet to be set up."""
        return self.found if self.found is not None and not self.found.needs_second_factor else None

    @property
    def must_enrol(self) -> bool:
        """Whether who is here has to set up a second factor before anything else."""
        here = self.present
        return here is not None and self.snapshot.lacks_factor(here.person_id, here.methods, self.now)

    @property
    def onward(self) -> Onward:
        """Where it goes on to after signing in."""
        return read_onward(self.query.get("then"))

    @property
    def browser(self) -> Browser:
        """The browser, for what counts failures by it."""
        return browser_of(self.exchange, self.services, self.tenant)

    def require_present(self) -> SignIn:
        """Who is here, to set up a second factor; raises as :meth:`require_sign_in`."""
        if self.present is None:
            raise OutOfOrder("screens.signed-out-meanwhile")
        return self.present

    def require_sign_in(self) -> SignIn:
        """Who is signed in; raises :class:`OutOfOrder` where nobody is any more."""
        if self.sign_in is None:
            raise OutOfOrder("screens.signed-out-meanwhile")
        return self.sign_in

    def writing(self) -> TenantSession:
        """A session in which the person who is signed in changes something."""
        return self.services.database.tenant(self.tenant.id, actor=self.actor)

    def reading(self) -> TenantSession:
        """A session that reads."""
        return self.services.database.reading(self.tenant.id)

    @property
    def actor(self) -> Actor:
        """Who the audit trail says it was."""
        return Actor(person_id=self.found.person_id if self.found else None)


async def open_visit(services: Services, tenant: Tenant, exchange: Exchange) -> Visit:
    """Looks up the tenant as it stands and who is signed in; raises :class:`BadInput` for a query that cannot be read."""
    now = services.wall.now()
    token, browser = read_token(exchange, services, tenant), read_browser(exchange, services, tenant)
    async with services.database.reading(tenant.id) as session:
        snapshot = await services.snapshots.of(session)
        keys = await session.keys()
        found = await find_sign_in(session, token, now) if token else None
    query = read_query(exchange)
    visit = Visit(
        exchange=exchange,
        services=services,
        snapshot=snapshot,
        keys=keys,
        query=query,
        language=choose(exchange, services, tenant, query),
        browser_value=browser or new_secret(),
        token=token,
        found=found,
        now=now,
    )
    if browser is None:
        visit.headers.append(set_cookie(services, tenant, Cookie.BROWSER, visit.browser_value))
    if "ui_locales" in query and read_cookie(exchange, services, tenant, Cookie.LANGUAGE) != visit.language:
        visit.headers.append(set_cookie(services, tenant, Cookie.LANGUAGE, visit.language, LANGUAGE_SECONDS))
    await _touch(visit)
    return visit


async def _touch(visit: Visit) -> None:
    if visit.present is None or visit.now - visit.present.seen_at < _SEEN_EVERY:
        return
    async with visit.writing() as session:
        await touch_sign_in(session, visit.present, visit.now)


def read_query(exchange: Exchange) -> dict[str, str]:
    """The query; raises :class:`BadInput` for one that is too long, says something twice, or is no UTF-8 text."""
    if len(exchange.query_string) > LONGEST_QUERY * 3:
        raise Invalid("screens.query-too-long")
    return parse_pairs(exchange.query_string, "query")


def choose(exchange: Exchange, services: Services, tenant: Tenant, query: dict[str, str]) -> str:
    """The language: as the address says (``ui_locales``), as it was chosen before, or as the browser asks for."""
    for tag in query.get("ui_locales", "").split():
        if tag.lower().partition("-")[0] in LANGUAGES:
            return tag.lower().partition("-")[0]
    chosen = read_cookie(exchange, services, tenant, Cookie.LANGUAGE)
    return chosen if chosen in LANGUAGES else exchange.language


def language_of(exchange: Exchange, services: Services, tenant: Tenant) -> str:
    """The same for a request that cannot be read."""
    try:
        return choose(exchange, services, tenant, read_query(exchange))
    except (BadInput, Invalid):
        return exchange.language
