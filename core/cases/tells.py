"""Finds in a text what tells who somebody is: the values that a petitioner gave, and numbers by their form. Pure.

A text is read character by character in one form, so that a place found there is a place in the text as it was written:
full-width letters and digits as plain ones, digits written in Chinese as digits, small letters as capitals. Between the
digits of a number people leave blanks, dashes and dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.cases.identity import Identity, plain_phone


class Tell(StrEnum):
    """What a stretch of text tells."""

    NAME = "name"
    PHONE = "phone"
    ID_NUMBER = "id-number"
    ADDRESS = "address"
    EMAIL = "email"
    BANK_CARD = "bank-card"
    PLATE = "plate"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text, from its first character to the one after the last: what it tells, and whether it is a
    petitioner's own value."""

    start: int
    end: int
    tell: Tell
    own: bool = False


_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_CAPITALS = {code: code - 32 for code in (*range(0x61, 0x7B), *range(0xFF41, 0xFF5B))}
_NUMERALS = str.maketrans("〇零○一幺壹二贰三叁四肆五伍六陆七柒八捌九玖", "0001112233445566778899")
_ONE_FORM = _WIDE | {code: target - (0xFEE0 if code > 0xFF00 else 0) for code, target in _CAPITALS.items()} | _NUMERALS

_GAP = r"[\s\-\u2010-\u2015.·_\u200b-\u200f\u2060\ufeff]{0,2}"
"""What may stand between two digits, characters that nobody sees among it."""
_NAME_GAP = r"[\s、*·_\u200b-\u200f\u2060\ufeff]{0,2}"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_COMPOUND = frozenset({
    "欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "长孙", "宇文", "东方", "南宫",
    "端木", "百里", "独孤", "司空", "澹台",
})  # fmt: skip
_LETTERS = "A-HJ-NP-Z"
_TITLES = "(?:先生|女士|小姐|老师|师傅|大爷|大妈|阿姨|同志|某某|某)"
_SHORTEST_PHONE, _SHORTEST_ADDRESS, _SHORTEST_NAME = 7, 4, 2
_LUHN_LENGTHS = range(16, 20)


def _spaced(*parts: str) -> str:
    """The pattern of characters with gaps between them."""
    return _GAP.join(parts)


def _digits(count: int) -> str:
    return _spaced(*["[0-9]"] * count)


_DAY = f"(?:{_spaced('0', '[1-9]')}|{_spaced('1', '[0-2]')}){_GAP}(?:{_spaced('[0-2]', '[0-9]')}|{_spaced('3', '[01]')})"
_RESIDENT = _GAP.join(
    ["[1-9]", _digits(5), f"(?:{_spaced('1', '[89]')}|{_spaced('2', '0')})", _digits(2), _DAY, _digits(3), "[0-9X]"]
)
_OLD_RESIDENT = _GAP.join(["[1-9]", _digits(5), _digits(2), _DAY, _digits(3)])
_MOBILE = rf"(?:(?:\+{_GAP})?(?:{_spaced('0', '0')}{_GAP})?{_spaced('8', '6')}{_GAP})?1{_GAP}[3-9]{_GAP}{_digits(9)}"
_AREA = rf"[（(]?0{_GAP}[1-9]{_GAP}[0-9](?:{_GAP}[0-9])?[)）]?"
_LANDLINE = rf"{_AREA}{_GAP}[2-8]{_GAP}{_digits(6)}(?:{_GAP}[0-9])?"
_NAMED_PHONE = r"(?:电话|手机|座机|联系方式|号码)[^0-9]{0,4}"
_FORMS: tuple[tuple[Tell, re.Pattern[str]], ...] = (
    (Tell.EMAIL, re.compile(r"[A-Z0-9._%+-]{1,64}@[A-Z0-9-]{1,63}(?:\.[A-Z0-9-]{1,63}){1,4}", re.ASCII)),
    (Tell.ID_NUMBER, re.compile(rf"(?<![0-9])(?:{_RESIDENT}|{_OLD_RESIDENT})(?![0-9])")),
    (Tell.BANK_CARD, re.compile(rf"(?<![0-9])[1-9](?:{_GAP}[0-9]){{15,18}}(?![0-9])")),
    (Tell.PHONE, re.compile(rf"(?<![0-9])(?:{_MOBILE}|{_LANDLINE})(?![0-9])")),
    (Tell.PHONE, re.compile(rf"{_NAMED_PHONE}(?P<part>[2-8]{_GAP}{_digits(6)}(?:{_GAP}[0-9])?)(?![0-9])")),
    (
        Tell.PLATE,
        re.compile(rf"[{_PROVINCES}][{_LETTERS}][·•.\s]?(?:[{_LETTERS}0-9]{{5,6}}|[{_LETTERS}0-9]{{4}}[挂学警港澳领])"),
    ),
)
"""Longer numbers first: what is found is taken out before the next form is looked for."""


def find_tells(text: str, identities: Iterable[Identity] = (), *, addressed: bool = True) -> tuple[Span, ...]:
    """Every stretch that tells who somebody is, in order and none over another.

    ``addressed`` says whether a title with the petitioner's surname (王女士) counts.
    """
    looked_at, found = text.translate(_ONE_FORM), list[Span]()
    own = _given(tuple(identities), addressed)
    for place, (tell, pattern) in enumerate((*own, *_FORMS)):
        spans = [Span(start, end, tell, own=place < len(own)) for start, end in _places(tell, pattern, looked_at)]
        found += spans
        for span in spans:
            looked_at = looked_at[: span.start] + "\0" * (span.end - span.start) + looked_at[span.end :]
    return tuple(sorted(found))


def _places(tell: Tell, pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        start, end = match.span("part" if "part" in pattern.groupindex else 0)
        if tell is not Tell.BANK_CARD or _is_card(text[start:end]):
            yield start, end


def _is_card(text: str) -> bool:
    """Whether the digits have the check digit of a payment card (ISO/IEC 7812-1)."""
    digits = [int(item) for item in text if item.isdecimal()]
    doubled = sum(sum(divmod(digit * 2, 10)) for digit in digits[-2::-2])
    return len(digits) in _LUHN_LENGTHS and (doubled + sum(digits[-1::-2])) % 10 == 0


@lru_cache(maxsize=256)
def _given(identities: tuple[Identity, ...], addressed: bool) -> tuple[tuple[Tell, re.Pattern[str]], ...]:
    """The patterns of the values that petitioners gave, longest first."""
    values = {(tell, value) for identity in identities for tell, value in _values(identity, addressed)}
    ordered = sorted(values, key=lambda item: (-len(item[1]), item))
    return tuple((tell, re.compile(pattern)) for tell, pattern in ordered)


def _values(identity: Identity, addressed: bool) -> Iterator[tuple[Tell, str]]:
    if identity.id_number:
        yield Tell.ID_NUMBER, _loose(identity.id_number, _GAP)
    if identity.phone and len(phone := plain_phone(identity.phone)) >= _SHORTEST_PHONE:
        yield Tell.PHONE, rf"(?<![0-9])(?:\+?(?:00)?86{_GAP})?{_loose(phone, _GAP)}(?![0-9])"
    if identity.email:
        yield Tell.EMAIL, _loose(identity.email, "")
    if identity.address and len(identity.address) >= _SHORTEST_ADDRESS:
        yield Tell.ADDRESS, _loose(identity.address, r"\s{0,2}")
    if identity.name and len(identity.name) >= _SHORTEST_NAME:
        yield Tell.NAME, _loose(identity.name, _NAME_GAP)
        if addressed:
            surname = identity.name[:2] if identity.name[:2] in _COMPOUND else identity.name[0]
            yield Tell.NAME, re.escape(surname.translate(_ONE_FORM)) + _TITLES


def _loose(value: str, gap: str) -> str:
    return gap.join(re.escape(item) for item in value.translate(_ONE_FORM) if not item.isspace())
