"""Where somebody goes on to after signing in: one of our own pages, and never an address from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from api.faults import BadInput
from api.requests import parse_pairs

AUTHORIZE, DEVICE, ACCOUNT = "/authorize", "/device", "/account"
PASSWORD, SECOND_FACTOR, RECOVERY_CODES = f"{ACCOUNT}/password", f"{ACCOUNT}/second-factor", f"{ACCOUNT}/recovery-codes"
_PAGES = frozenset({AUTHORIZE, DEVICE, ACCOUNT, PASSWORD, SECOND_FACTOR, RECOVERY_CODES})
LONGEST_QUERY = 6_000


@dataclass(frozen=True, slots=True)
class Onward:
    """A page below the issuer, and its query. What the query says is looked at by that page, each time anew."""

    page: str = ACCOUNT
    query: dict[str, str] = field(default_factory=dict)

    @property
    def then(self) -> str:
        """As it is carried along, and as :func:`read_onward` reads it."""
        return f"{self.page}?{urlencode(self.query)}" if self.query else self.page

    def address(self, issuer: str) -> str:
        """The whole address."""
        return issuer + self.then

    def after_sign_in(self, page: str = "/sign-in") -> str:
        """The page to go to first, which leads here."""
        return f"{page}?{urlencode({'then': self.then})}"


def enrolling_for(onward: Onward) -> Onward:
    """The page on which a second factor is set up, which leads on to where it was for."""
    return Onward(SECOND_FACTOR, {} if onward.page == SECOND_FACTOR else {"then": onward.then})


def read_onward(then: str | None) -> Onward:
    """What was carried along; the account's page where that is nothing, or nothing of ours."""
    page, _, query = (then or "").partition("?")
    if page not in _PAGES or len(query) > LONGEST_QUERY:
        return Onward()
    try:
        return Onward(page, parse_pairs(query.encode(), "query"))
    except BadInput:
        return Onward()
