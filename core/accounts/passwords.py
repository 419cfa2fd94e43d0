"""Passwords, by NIST SP 800-63B-4: what is taken, and hashing that never holds up the event loop."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.errors import Refused, Unavailable

T = TypeVar("T")

LEAST_ALONE = 15
"""Characters of a password that is the only factor."""
LEAST_BESIDE = 8
"""Characters of a password beside a second factor."""
LONGEST = 256
_GUESSES_ALONE, _GUESSES_BESIDE = 10**10, 10**8
"""How many guesses it must be worth by zxcvbn's count: beyond what a stolen hash, or a patient guesser, gets through."""
_LOOKED_AT = 32
"""Characters that the guesses are counted of: the count takes longer than linear time, and so many are enough to tell."""
_EXPECTED = ("wenze", "问责", "mima", "woaini", "woaini1314", "5201314", "1314520", "a123456", "zhongguo", "12345")
"""What is expected of anybody here; ``mima`` is what a password is called."""
_PART = re.compile(r"[^\W_]{2,}")
_NICENESS = 15
_THREADS = 2
_MOST_WAITING = 64


def owasp_hasher() -> PasswordHasher:
    """argon2id with 19 MiB, two passes and one lane."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """Hashes and verifies in a few threads that give way to everything else; one per process.

    Every method raises :class:`Unavailable` while too many others wait. Other parameters of argon2 are given by tests.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, most_waiting: int = _MOST_WAITING) -> None:
        self._hasher = hasher or owasp_hasher()
        self._room = threading.BoundedSemaphore(most_waiting)
        self._threads = ThreadPoolExecutor(_THREADS, "wenze-passwords", initializer=_give_way)

    async def choose(self, text: str, *, login: str, words: Iterable[str], alone: bool) -> str:
        """The hash of a new password; raises :class:`Refused` as :func:`check_password` does."""
        return await self._run(lambda: self._choose(text, login, tuple(words), alone))

    async def check(self, text: str, *, login: str, words: Iterable[str], alone: bool) -> None:
        """Raises :class:`Refused` as :func:`check_password` does, which takes too long for the event loop."""
        await self._run(lambda: check_password(text, login=login, words=words, alone=alone))

    async def hash(self, text: str) -> str:
        """The hash of a password that is known to be good."""
        return await self._run(lambda: self._hasher.hash(normalise(text)))

    async def verify(self, text: str, hash_: str | None) -> bool:
        """Whether it is the password of that hash; without one it takes as long, and is not."""
        return await self._run(lambda: self._verify(text, hash_))

    def needs_rehash(self, hash_: str) -> bool:
        """Whether it was made with other parameters than are in use."""
        return self._hasher.check_needs_rehash(hash_)

    def require_room(self) -> None:
        """Raises :class:`Unavailable` where a check would have to be refused now."""
        if not self._room.acquire(blocking=False):
            raise Unavailable("accounts.busy")
        self._room.release()

    def close(self) -> None:
        """Ends the threads when what they have begun is done."""
        self._threads.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise Unavailable("accounts.busy")
        try:
            running = self._threads.submit(work)
        except BaseException:
            self._room.release()
            raise
        running.add_done_callback(self._leave)  # and not when the caller is cancelled: the thread works on
        return await asyncio.wrap_future(running)

    def _leave(self, _running: Future[T]) -> None:
        self._room.release()

    def _choose(self, text: str, login: str, words: tuple[str, ...], alone: bool) -> str:
        check_password(text, login=login, words=words, alone=alone)
        return self._hasher.hash(normalise(text))

    def _verify(self, text: str, hash_: str | None) -> bool:
        plain = normalise(text)
        nobody = hash_ is None or len(plain) > LONGEST
        try:
            return self._hasher.verify(self._of_nobody if nobody else hash_ or "", plain[:LONGEST]) and not nobody
        except (VerifyMismatchError, InvalidHashError):
            return False

    @cached_property
    def _of_nobody(self) -> str:
        return self._hasher.hash(os.urandom(32))


def normalise(text: str) -> str:
    """The form that is hashed: what looks the same on two keyboards is the same."""
    return unicodedata.normalize("NFKC", text)


def check_password(text: str, *, login: str, words: Iterable[str], alone: bool) -> None:
    """Raises :class:`Refused` for a password that may not be chosen.

    ``alone``: it is the only factor. ``words`` are what others would try for this person: names, the place.
    """
    plain = normalise(text)
    least = LEAST_ALONE if alone else LEAST_BESIDE
    if len(plain) < least:
        raise Refused("accounts.password-too-short", field="/password", least=least)
    if len(plain) > LONGEST:
        raise Refused("accounts.password-too-long", field="/password", most=LONGEST)
    if _guesses(plain, login, words) < (_GUESSES_ALONE if alone else _GUESSES_BESIDE):
        raise Refused("accounts.password-guessable", field="/password")


def _guesses(plain: str, login: str, words: Iterable[str]) -> float:
    from zxcvbn import zxcvbn  # here: its lists take a tenth of a second to load, and few processes ever ask

    expected = {form.casefold() for word in (login, *words) for form in _forms(word) if len(form) > 1}
    found = zxcvbn(plain[:_LOOKED_AT], user_inputs=[*_EXPECTED, *sorted(expected)])
    return float(found["guesses"])


def _forms(word: str) -> tuple[str, ...]:
    """A name whole, in its parts, and without what stands between them."""
    parts = _PART.findall(word)
    return (word, "".join(parts), *parts)


def _give_way() -> None:
    """On Linux a thread has a priority of its own: sign-ins wait for requests, and not requests for sign-ins."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
