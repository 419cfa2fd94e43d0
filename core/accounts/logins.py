"""Logins: the name that a person signs in with, in the one form in which it is stored and compared."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from msgspec import Meta

Login = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=64,
        pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._@+-]*[A-Za-z0-9])?$(?!\n)",
        title="登录名",
        description="What the person signs in with: ASCII, so that no two look alike. Large and small letters are the same.",
    ),
]


def read_login(text: str) -> str:
    """A login as it was typed, full-width letters and capitals too, in the form in which it is stored."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
