"""How long a sign-in lasts, by what the operator has decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """``idle``: how long it lasts unused; ``whole``: how long at all."""

    idle: timedelta
    whole: timedelta

    @classmethod
    def of(cls, settings: Settings) -> SignInLimits:
        """The limits of the settings."""
        return cls(timedelta(seconds=settings.sign_in_idle_seconds), timedelta(seconds=settings.sign_in_seconds))
