"""Which of the two languages a reader wants (RFC 9110, section 12.5.4). Chinese where nothing is said."""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("zh", "en")
TAGS = {"zh": "zh-CN", "en": "en"}
"""The value of Content-Language."""


@lru_cache(maxsize=256)
def choose_language(header: str) -> str:
    """``zh`` or ``en`` by an Accept-Language header; malformed parts of it are passed over."""
    best, weight = LANGUAGES[0], 0.0
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = _language(tag.strip().lower())
        quality = _quality(parameters)
        if language and quality > weight:
            best, weight = language, quality
    return best


def _language(tag: str) -> str | None:
    if tag == "*":
        return LANGUAGES[0]
    primary = tag.split("-", 1)[0]
    return primary if primary in LANGUAGES else None


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    digits = value.strip()
    if name.strip() != "q" or not digits.replace(".", "", 1).isdecimal() or not digits.isascii():
        return 0.0
    return min(float(digits), 1.0)
