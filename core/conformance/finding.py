"""What a check finds in a jurisdiction, said so that its author knows what to change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is missing or wrong: a stable code, the place in the city's data, and what to do about it."""

    code: str
    place: str
    advice: str

    def __str__(self) -> str:
        return f"{self.place}: {self.advice} [{self.code}]"
