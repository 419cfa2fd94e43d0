"""Passwords, by NIST SP 800-63B-4: what is taken, and hashing that never holds up the event loop."""

from __future__ import annotations

from collections.abc import Iterable


class Passwords:
    """Hashes and verifies; one per process."""

    async def hash(self, text: str) -> str:
        """The hash of a password; raises :class:`core.errors.Unavailable` while too many wait."""
        raise NotImplementedError

    async def verify(self, text: str, hash_: str) -> bool:
        """Whether it is the password of that hash; raises :class:`core.errors.Unavailable` while too many wait."""
        raise NotImplementedError


def check_password(text: str, *, login: str, words: Iterable[str], alone: bool) -> None:
    """Raises :class:`core.errors.Refused` for a password that may not be chosen; ``alone``: without a second factor."""
    raise NotImplementedError
