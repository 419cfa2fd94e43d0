"""A tenant: one city, county or department that runs its matters here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import Invalid
from core.law.instrument import Text
from core.store.session import configuration_of

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 40


@dataclass(frozen=True, slots=True)
class Tenant:
    """A row of the directory. ``revision`` counts every change of the tenant's configuration and of what is revoked."""

    id: int
    slug: str
    jurisdiction: str
    name: Text
    sandbox: bool
    parent_id: int | None
    revision: int
    origin: str | None = None
    """Scheme and host of its own, where it is served under one (``https://12345.example.gov.cn``); else the service's."""

    @property
    def configuration(self) -> int:
        """The part of the revision that counts changes of the configuration alone."""
        return configuration_of(self.revision)

    def address(self, public_url: str) -> str:
        """Where it is served, without a slash at its end: under its own origin where it has one, else the service's."""
        return f"{self.origin or public_url}/t/{self.slug}"


def check_slug(slug: str) -> str:
    """The slug, as it stands in every address of the tenant; raises :class:`Invalid` for one that cannot."""
    if len(slug) > _LONGEST_SLUG or not _SLUG.fullmatch(slug):
        raise Invalid("tenants.slug-malformed", field="/slug", slug=slug)
    return slug
