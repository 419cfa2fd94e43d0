"""Sends text messages through a gateway that takes them over HTTP, in the form that the tenant's provider asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from core.errors import Invalid
from core.law.instrument import Text
from core.messages.addresses import read_phone
from core.messages.channel import PHONE, Failed, Outgoing, Reach, Report, Sent
from core.messages.posting import check_url, post

_PLACE = re.compile(r"\$\{([a-z_]+)\}")
_KNOWN = frozenset({"phone", "text", "subject", "id", "secret"})
_LONGEST_WORD = 64
_OURS = frozenset({
    "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "accept-encoding", "connection",
    "keep-alive", "te", "trailer", "upgrade", "expect",
})  # fmt: skip
"""Headers that say to whom a request goes and where it ends; with them a secret could go elsewhere, or a second request."""
_FieldName = Annotated[str, Meta(min_length=1, max_length=100)]
_FieldValue = Annotated[str, Meta(max_length=1_000)]
_Header = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,64}$(?!\n)")]
_HeaderValue = Annotated[str, Meta(pattern=r"^[\x20-\x7e]{0,500}$(?!\n)")]
_JsonPath = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,9}$(?!\n)")]
_Word = Annotated[str, Meta(min_length=1, max_length=_LONGEST_WORD)]
_Words = Annotated[tuple[_Word, ...], Meta(max_length=50)]


class Form(StrEnum):
    """How the fields are written."""

    JSON = "json"
    FORM = "form"


class Reports(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the gateway says later what became of a message. ``items`` leads to a list of them, where it sends several."""

    reference: _JsonPath
    state: _JsonPath
    arrived: Annotated[_Words, Meta(min_length=1)]
    items: _JsonPath | None = None


class SmsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tenant's gateway. In the values of ``fields`` stand ``${phone}``, ``${text}``, ``${subject}``, ``${id}`` and
    ``${secret}``, in those of ``headers`` ``${secret}`` alone. A path (``data.0.code``) leads into the JSON of an answer."""

    url: Annotated[str, Meta(max_length=500)]
    fields: Annotated[dict[_FieldName, _FieldValue], Meta(min_length=1, max_length=40)]
    form: Form = Form.JSON
    headers: Annotated[dict[_Header, _HeaderValue], Meta(max_length=20)] = {}
    secret: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,512}$(?!\n)")] | None = None
    success_path: _JsonPath | None = None
    success: _Words = ()
    again: _Words = ()
    """What else can stand there that is worth another try; anything else is not."""
    reference_path: _JsonPath | None = None
    reports: Reports | None = None


class SmsHttp:
    """Text messages."""

    key, title, address_kind = "sms-http", Text(zh="短信网关", en="Text messages through a gateway"), PHONE
    settings: type[Struct] = SmsSettings
    secrets = frozenset({"secret"})
    place = ("url",)

    def check(self, settings: SmsSettings) -> None:
        """Raises :class:`Invalid` for an address that is not safe, a name that is none, and an answer half described."""
        check_url(settings.url, "/settings/url")
        _check_names(settings.fields, _KNOWN, "/settings/fields")
        _check_names(settings.headers, frozenset({"secret"}), "/settings/headers")
        _check_headers(settings.headers)
        if (settings.success_path is None) != (not settings.success):
            raise Invalid("messages.success-incomplete", field="/settings/success")

    def read_address(self, address: str) -> str:
        """A telephone; raises :class:`Invalid`."""
        return read_phone(address)

    async def send(self, message: Outgoing, settings: SmsSettings, reach: Reach) -> Sent:
        """Hands the message to the gateway; raises :class:`Failed`."""
        known = {"phone": message.address, "text": message.text, "subject": message.subject, "id": str(message.id)}
        known |= {"secret": settings.secret or ""}
        media_type, content = _write({name: _fill(value, known) for name, value in settings.fields.items()}, settings.form)
        headers = {name: _fill(value, known) for name, value in settings.headers.items()} | {"content-type": media_type}
        return read_answer((await post(settings.url, content, headers, reach)).content, settings)

    def read_report(self, body: dict[str, Any], settings: SmsSettings) -> tuple[Report, ...]:
        """What the gateway says of messages; nothing of what is not in the form that the tenant has told."""
        told = settings.reports
        if told is None:
            return ()
        items = _follow(body, told.items) if told.items else [body]
        found = (_read_report(item, told) for item in (items if isinstance(items, list) else ()))
        return tuple(item for item in found if item is not None)


SMS_HTTP = SmsHttp()


def read_answer(content: bytes, settings: SmsSettings) -> Sent:
    """What the gateway says of it, its status being one of success; raises :class:`Failed`."""
    if settings.success_path is None and settings.reference_path is None:
        return Sent()
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # It may well have been taken over: under the same id it is told again.
        raise Failed("answer-unreadable", temporary=True) from error
    if settings.success_path is not None:
        word = _word(_follow(answer, settings.success_path))
        if word not in settings.success:
            raise Failed(f"gateway-{_safe(word)}", temporary=word in settings.again)
    return Sent(_word(_follow(answer, settings.reference_path)) if settings.reference_path else None)


def _read_report(item: Any, told: Reports) -> Report | None:
    reference, state = _word(_follow(item, told.reference)), _word(_follow(item, told.state))
    if reference is None or state is None:
        return None
    arrived = state in told.arrived
    return Report(reference, arrived, None if arrived else f"gateway-{_safe(state)}")


def _check_names(values: Mapping[str, str], known: frozenset[str], field: str) -> None:
    for value in values.values():
        for name in _PLACE.findall(value):
            if name not in known:
                raise Invalid("messages.name-unknown", field=field, name=name, known=", ".join(sorted(known)))


def _check_headers(headers: Mapping[str, str]) -> None:
    for name in headers:
        if name.lower() in _OURS:
            raise Invalid("messages.header-reserved", field="/settings/headers", name=name)


def _fill(value: str, known: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: known[match[1]], value)


def _write(fields: Mapping[str, str], form: Form) -> tuple[str, bytes]:
    if form is Form.JSON:
        return "application/json", msgspec.json.encode(dict(fields))
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def _follow(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _word(value: Any) -> str | None:
    """A short text, number or truth value as a word; ``None`` for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:_LONGEST_WORD] if isinstance(value, str | int) else None


def _safe(word: str | None) -> str:
    """A code as it can stand on record; what has another form than a code could hold an address."""
    return word if word is not None and re.fullmatch(r"[A-Za-z][A-Za-z0-9_.:-]{0,39}|-?[0-9]{1,6}", word) else "other"
