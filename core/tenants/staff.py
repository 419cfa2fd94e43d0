"""People, their posts and the roles granted to them, each from one day to another (promise 8, decision 15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from core.procedure import Role


class PersonKind(StrEnum):
    """A member of staff, or the service person that a machine client acts as (decision 3)."""

    HUMAN = "human"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Post:
    """A place that a person has in a unit. ``valid_to`` is the last day; ``None`` while none is known."""

    id: UUID
    person_id: UUID
    unit_id: UUID
    title: str
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the post is held on that day, its last day included (R1)."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role that a person has, in one unit or (without ``unit_id``) in the whole tenant."""

    id: UUID
    person_id: UUID
    role: Role
    unit_id: UUID | None
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the role is held on that day, its last day included (R1)."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Staff:
    """The posts and roles of everybody, by person. Immutable."""

    def __init__(self, posts: Iterable[Post] = (), grants: Iterable[RoleGrant] = ()) -> None:
        self._posts: dict[UUID, list[Post]] = {}
        self._grants: dict[UUID, list[RoleGrant]] = {}
        for post in posts:
            self._posts.setdefault(post.person_id, []).append(post)
        for grant in grants:
            self._grants.setdefault(grant.person_id, []).append(grant)

    def posts_of(self, person: UUID) -> tuple[Post, ...]:
        """Every post the person has or had, ended ones too."""
        return tuple(self._posts.get(person, ()))

    def grants_of(self, person: UUID) -> tuple[RoleGrant, ...]:
        """Every role the person has or had, ended ones too."""
        return tuple(self._grants.get(person, ()))
