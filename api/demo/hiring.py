"""Hires who works with a front-end: a person with an account, and the front-end's client, which has no secret."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date

from api.demo.cast import ANYBODY, Cast
from core.accounts.service import register_account
from core.jurisdictions import Jurisdictions
from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.database import Database
from core.story import StoryPerson
from core.tenants.client import AuthMethod, GrantType
from core.tenants.commands import GrantableRole, NewGrant, NewPerson, NewPost
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshots

CALLBACK = "http://127.0.0.1/callback"
"""Where people are sent back to: an app on their own machine, at any port."""
_GRANTS = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN})
_FRONT_END = "工作台 · Desk"


@dataclass(frozen=True, slots=True)
class Clerk:
    """Whoever begins a city's story, with an account of their own, and the front-end that they use."""

    cast: Cast
    person: StoryPerson
    login: str
    client_id: str
    invitation: str = field(repr=False)
    password: str = field(repr=False)
    """Which the clerk is going to choose; another one in every run."""


async def hire(owner: Database, jurisdictions: Jurisdictions, cast: Cast) -> Clerk:
    """Registers the person, the account and the client; raises what the administration of tenants raises."""
    snapshots, since = Snapshots(jurisdictions), date(cast.city.story.opens_at.year, 1, 1)
    key = cast.city.story.scenes[0].acts[0].who
    person = next(item for item in cast.city.story.people if item.key == key)
    async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
        hired = (await register_person(Administration(session, snapshots), _staff(cast, person, since))).person
    async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
        invited = await register_account(Administration(session, snapshots), hired.id, key)
    async with owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
        made = await register_client(Administration(session, snapshots), _front_end(since))
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    return Clerk(cast, person, invited.account.login, made.credentials.client_id, invited.code, password)


def _staff(cast: Cast, person: StoryPerson, since: date) -> NewPerson:
    unit = cast.units[person.unit]
    roles = tuple(
        NewGrant(role=GrantableRole(role), unit_id=unit if role is Role.UNIT_OFFICER else None, valid_from=since)
        for role in person.roles
    )
    post = NewPost(unit_id=unit, title=person.title or person.name, valid_from=since)
    return NewPerson(name=person.name, posts=(post,), roles=roles)


def _front_end(since: date) -> NewClient:
    return NewClient(
        _FRONT_END, (), ANYBODY, since, auth_method=AuthMethod.NONE, grant_types=_GRANTS, redirect_uris=(CALLBACK,)
    )
