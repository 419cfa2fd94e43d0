"""Addresses of people and units, read and shown without being told. Pure."""

from __future__ import annotations

import re

from core.errors import Invalid

_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_LONGEST_EMAIL = 254
_ENCODED = "=?"
"""How an encoded word begins (RFC 2047), as which a header is read wherever one stands."""
_HIDDEN = "***"


def read_email(address: str) -> str:
    """An address of mail; raises :class:`Invalid`. Only what needs no quoting and no other alphabet is taken."""
    if len(address) > _LONGEST_EMAIL or _ENCODED in address or not _EMAIL.fullmatch(address):
        raise Invalid("messages.address-malformed", field="/address")
    return address


def read_phone(address: str) -> str:
    """The digits of a telephone, without what people write between them; raises :class:`Invalid`."""
    digits = re.sub(r"[ -]", "", address)
    if not _PHONE.fullmatch(digits):
        raise Invalid("messages.address-malformed", field="/address")
    return digits


def mask(address: str) -> str:
    """The address as others may see it: enough to tell two apart, too little to use it."""
    name, at, host = address.rpartition("@")
    if at:
        return f"{name[:1]}{_HIDDEN}@{host}"
    if _PHONE.fullmatch(address):
        return f"{address[: max(0, len(address) - 8)][:3]}{_HIDDEN}{address[-2:]}"
    return f"{address[:1]}{_HIDDEN}"
