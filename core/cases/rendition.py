"""The rendition (脱敏文本) of a narrative: what a unit reads in place of the words as they were told. Pure.

It is made when a case is registered, with visible masks, and confirmed by a person before a unit sees the case. A text that
a person wrote is confirmed by being given, unless it still tells who brought the matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from core.cases.case import Case
from core.cases.identity import Identity
from core.cases.order import Order
from core.cases.tells import Span, Tell, find_tells
from core.errors import Refused
from core.law.instrument import Text
from core.procedure import CaseKind, Verb

RENDITION = "wenze:house#rendition"
FIELD = "rendition"
"""The field of a body in which a person's own text comes."""
TITLES = {
    Tell.NAME: Text(zh="姓名", en="a name"),
    Tell.PHONE: Text(zh="电话号码", en="a phone number"),
    Tell.ID_NUMBER: Text(zh="证件号", en="an id number"),
    Tell.ADDRESS: Text(zh="住址", en="an address"),
    Tell.EMAIL: Text(zh="电子邮箱", en="an e-mail address"),
    Tell.BANK_CARD: Text(zh="银行卡号", en="a card number"),
    Tell.PLATE: Text(zh="车牌号", en="a plate number"),
}
"""What people are told of it; the Chinese words stand in the masks."""
_BY_FORM = frozenset({Tell.PHONE, Tell.ID_NUMBER})
"""What is refused in a person's text by its form alone, whoever it belongs to."""


class RenditionState(StrEnum):
    """How far a rendition has come."""

    MADE = "made"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text with masks in place of what tells who brought it; the spans are places in the original."""

    text: str
    masked: tuple[Span, ...]


def propose_rendition(narrative: str, identities: Iterable[Identity] = ()) -> Proposal:
    """The narrative without the petitioners' own values and without phone, id, card and plate numbers and e-mail."""
    spans = find_tells(narrative, identities)
    return Proposal(_masked(narrative, spans), spans)


def _masked(text: str, spans: tuple[Span, ...]) -> str:
    parts, place = [], 0
    for span in spans:
        parts += [text[place : span.start], f"[{TITLES[span.tell].zh}]"]
        place = span.end
    return "".join([*parts, text[place:]])


def mask_title(title: str, identities: Iterable[Identity]) -> str:
    """The title without the petitioners' own values and without phone and id numbers; units read it as it is."""
    spans = (span for span in find_tells(title, identities) if span.own or span.tell in _BY_FORM)
    return _masked(title, tuple(spans))


def check_rendition(text: str, identities: Iterable[Identity], place: str | None, field: str = f"/{FIELD}") -> None:
    """A person's text tells nothing of the petitioners and has no phone or id number; ``place`` is where the matter is.

    Raises :class:`Refused` that says what kind of thing is left in it, and never the thing. The petitioner's own address may
    stand in it where it is the place of the matter.
    """
    _check_left("cases.rendition-tells", _left(text, identities, place, _BY_FORM), field)


def check_for_newcomers(case: Case, kind: CaseKind, identities: Sequence[Identity], field: str) -> None:
    """What units read of a case tells nothing of who comes to it later: its confirmed rendition, and its title.

    Raises :class:`Refused`. A title stays as it was registered, so that somebody whom it tells has a case of their own.
    """
    if case.rendition_state == RenditionState.CONFIRMED:
        check_rendition(case.rendition or "", identities, case.intake.address, field)
    if not kind.confidential:
        _check_left("cases.title-tells", _left(case.title, identities, case.intake.address, frozenset()), field)


def _left(text: str, identities: Iterable[Identity], place: str | None, by_form: frozenset[Tell]) -> set[Tell]:
    """What a text still tells of the petitioners, and by its form alone."""
    known = tuple(identities)
    left = {span.tell for span in find_tells(text, known, addressed=False) if span.own or span.tell in by_form}
    if place and any(identity.address and identity.address in place for identity in known):
        left.discard(Tell.ADDRESS)
    return left


def _check_left(code: str, left: set[Tell], field: str) -> None:
    if left:
        told = [TITLES[tell] for tell in sorted(left)]
        zh, en = "、".join(item.zh for item in told), ", ".join(item.en for item in told)
        raise Refused(code, field=field, clause=RENDITION, zh=zh, en=en)


def has_rendition(kind: CaseKind) -> bool:
    """Whether cases of this kind have one: those that somebody brings."""
    return kind.petitioner != "none"


def render(kind: CaseKind, draft: Case, given: str | None, identities: Sequence[Identity]) -> Case:
    """The new case with its rendition: the clerk's own text, or the one that is made. Units read its title, too.

    Raises :class:`Refused` for a text that tells who brings the matter.
    """
    if not has_rendition(kind):
        return draft
    if given is not None:
        check_rendition(given, identities, draft.intake.address)
    text = propose_rendition(draft.narrative or "", identities).text if given is None else given
    state = RenditionState.MADE if given is None else RenditionState.CONFIRMED
    title = draft.title if kind.confidential else mask_title(draft.title, identities)
    return msgspec.structs.replace(draft, title=title, rendition=text, rendition_state=state.value)


def require_rendition(case: Case, order: Order, kind: CaseKind) -> None:
    """Before units get a case its rendition is confirmed, by then or by the same act; raises :class:`Refused`."""
    if order.step.verb is not Verb.DISPATCH or not has_rendition(kind) or FIELD in order.data:
        return
    if case.rendition_state != RenditionState.CONFIRMED:
        raise Refused("cases.rendition-unconfirmed", field=f"/{FIELD}", clause=RENDITION)


def rendition_after(case: Case, order: Order) -> tuple[str | None, str | None]:
    """The rendition, and its state, after a step: a text that the step brings is confirmed by it."""
    given = order.data.get(FIELD)
    return (given, RenditionState.CONFIRMED.value) if given is not None else (case.rendition, case.rendition_state)
