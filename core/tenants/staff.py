"""People, their posts and the roles granted to them, each from one day to another (promise 8, decision 15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Person:
    """A person by name; posts and roles are told apart from it."""

    id: UUID
    kind: PersonKind
    name: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person with every post and role, ended ones too."""

    person: Person
    posts: tuple[Post, ...] = ()
    grants: tuple[RoleGrant, ...] = ()

    @property
    def version(self) -> int:
        """Counts what was ever said of the posts and roles, beginnings and ends; the person's entity tag."""
        items: tuple[Post | RoleGrant, ...] = (*self.posts, *self.grants)
        return len(items) + sum(item.valid_to is not None for item in items)

    def with_post(self, post: Post) -> StaffMember:
        """With a further post, or with one of them as it now is."""
        others = tuple(held for held in self.posts if held.id != post.id)
        return replace(self, posts=tuple(sorted((*others, post), key=lambda held: held.id)))

    def with_grant(self, grant: RoleGrant) -> StaffMember:
        """With a further role, or with one of them as it now is."""
        others = tuple(held for held in self.grants if held.id != grant.id)
        return replace(self, grants=tuple(sorted((*others, grant), key=lambda held: held.id)))


class Staff:
    """The posts and roles of everybody, by person. Immutable."""

    def __init__(self, posts: Iterable[Post] = (), grants: Iterable[RoleGrant] = ()) -> None:
        self._posts: dict[UUID, list[Post]] = {}
        self._grants: dict[UUID, list[RoleGrant]] = {}
        for post in posts:
            self._posts.setdefault(post.person_id, []).append(post)
        for grant in grants:
            self._grants.setdefault(grant.person_id, []).append(grant)

    @property
    def granted(self) -> tuple[UUID, ...]:
        """Everybody who has or had a role."""
        return tuple(self._grants)

    def posts_of(self, person: UUID) -> tuple[Post, ...]:
        """Every post the person has or had, ended ones too."""
        return tuple(self._posts.get(person, ()))

    def grants_of(self, person: UUID) -> tuple[RoleGrant, ...]:
        """Every role the person has or had, ended ones too."""
        return tuple(self._grants.get(person, ()))

    def member(self, person: Person) -> StaffMember:
        """A person with every post and role."""
        return StaffMember(person, self.posts_of(person.id), self.grants_of(person.id))
