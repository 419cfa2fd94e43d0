"""Reads what a request brings: headers, body and query, each to a typed value or to a problem that names the field."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import inspect

from api.faults import BadInput, explain_fault
from api.guard import LARGEST_INTEGER, guard_json, guard_string
from api.problems import TooSlow, UnsupportedMedia
from core.errors import TooLarge

_SINGLE = frozenset(
    {
        b"authorization",
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"idempotency-key",
        b"if-match",
        b"wenze-operator",
    }
)
_INTEGER = re.compile(r"-?[0-9]{1,16}", re.ASCII)
PATIENCE = 20.0
"""Seconds for which the next part of a body is waited for."""
_KEY = re.compile(r"[\x21-\x7e]{1,128}")

Receive = Callable[[], Awaitable[Any]]


class Disconnected(Exception):
    """The client went away before its request was whole."""


def read_headers(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers by lower-case name; raises :class:`BadInput` where one that must be single stands twice."""
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in headers and name in _SINGLE:
            raise BadInput("api.header-twice", place="header", field=name.decode("latin-1"), name=name.decode("latin-1"))
        headers[name] = value
    return headers


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The whole body; raises :class:`TooLarge` as soon as it is known to exceed ``limit`` bytes, and :class:`TooSlow` where
    it stays away."""
    if (announced_length(headers) or 0) > limit:
        raise TooLarge("api.body-too-large", limit=limit)
    body: bytes = b""
    while (message := await _wait_for(receive))["type"] == "http.request":
        part: bytes = message.get("body", b"")
        if len(body) + len(part) > limit:
            raise TooLarge("api.body-too-large", limit=limit)
        body = body + part if body else part
        if not message.get("more_body"):
            return body
    raise Disconnected


async def _wait_for(receive: Receive) -> Any:
    try:
        async with asyncio.timeout(PATIENCE):
            return await receive()
    except TimeoutError as error:
        raise TooSlow("api.body-too-slow", seconds=int(PATIENCE)) from error


async def stream_body(receive: Receive) -> AsyncIterator[bytes]:
    """The body as it comes; raises :class:`Disconnected` where the client goes away before it is whole, and
    :class:`TooSlow` where it stays away."""
    while (message := await _wait_for(receive))["type"] == "http.request":
        part: bytes = message.get("body", b"")
        if part:
            yield part
        if not message.get("more_body"):
            return
    raise Disconnected


def announced_length(headers: Mapping[bytes, bytes]) -> int | None:
    """The Content-Length, where there is one."""
    announced = headers.get(b"content-length", b"")
    return int(announced[:20]) if announced.isdigit() else None


def declared_media_type(headers: Mapping[bytes, bytes]) -> str:
    """The media type without its parameters, in lower case; raises :class:`UnsupportedMedia` for a content encoding."""
    _check_encoding(headers)
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")


def _check_encoding(headers: Mapping[bytes, bytes]) -> None:
    if headers.get(b"content-encoding", b"identity").strip().lower() not in {b"identity", b""}:
        raise UnsupportedMedia("api.encoding-unsupported")


def check_media_type(headers: Mapping[bytes, bytes]) -> None:
    """Raises :class:`UnsupportedMedia` for anything but plain JSON in UTF-8."""
    _check_encoding(headers)
    media, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.strip().replace(b'"', b"").replace(b" ", b"")
    if media.strip() != b"application/json" or charset not in {b"", b"charset=utf-8"}:
        raise UnsupportedMedia("api.media-unsupported", expected="application/json")


def decode_body(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """The body as its type; raises :class:`BadInput`."""
    plain = guard_json(body)
    try:
        typed = decoder.decode(body)
    except msgspec.ValidationError as error:
        raise explain_fault(error) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadInput("api.body-malformed", position=0) from error
    _check_tag(decoder.type, plain)
    return typed


def _check_tag(type_: Any, plain: Any) -> None:
    """A city's only kind is named like one of several: msgspec takes it without, until a second one comes."""
    config = getattr(type_, "__struct_config__", None)
    tag = config.tag_field if config else None
    if tag is not None and tag not in plain:
        raise BadInput("api.field-missing", field=f"/{tag}", name=tag)


class QueryReader:
    """Turns a query string into a struct: no unknown names, no name twice, numbers only in ASCII digits."""

    def __init__(self, type_: type[Any] | None) -> None:
        self._type = type_
        self._kinds = _kinds(type_) if type_ else {}

    def read(self, query_string: bytes) -> Any:
        """The query as its type; raises :class:`BadInput`."""
        if self._type is None and not query_string:
            return None
        plain = {name: self._value(name, value) for name, value in parse_pairs(query_string, "query").items()}
        if self._type is None:
            return None
        try:
            return msgspec.convert(plain, self._type)
        except msgspec.ValidationError as error:
            fault = explain_fault(error, "query")
            fault.field = (fault.field or "").removeprefix("/")
            raise fault from error

    def _value(self, name: str, text: str) -> Any:
        if name not in self._kinds:
            raise BadInput("api.parameter-unknown", place="query", field=name, name=name, known=self._known())
        kind = self._kinds[name]
        if kind is int:
            return _integer(name, text)
        if kind is bool:
            return _boolean(name, text)
        return text

    def _known(self) -> str:
        return ", ".join(self._kinds) or "–"


def _kinds(type_: type[Any]) -> dict[str, type]:
    info = inspect.type_info(type_)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{type_} is no struct")
    return {item.encode_name: _kind(item.type) for item in info.fields}


def _kind(type_: inspect.Type) -> type:
    if isinstance(type_, inspect.Metadata):
        return _kind(type_.type)
    if isinstance(type_, inspect.UnionType):
        kinds = {_kind(option) for option in type_.types if not isinstance(option, inspect.NoneType)}
        return kinds.pop() if len(kinds) == 1 else str
    return {inspect.IntType: int, inspect.BoolType: bool}.get(type(type_), str)


def parse_pairs(text: bytes, place: str) -> dict[str, str]:
    """The names and values of a query or a form; raises :class:`BadInput` for a name twice or what is no UTF-8 text."""
    pairs: dict[str, str] = {}
    for part in text.split(b"&"):
        if not part:
            continue
        name, _, value = part.partition(b"=")
        key = unquote_form(name, place, "")
        if key in pairs:
            raise BadInput("api.parameter-twice", place=place, field=key, name=key)
        pairs[key] = unquote_form(value, place, key)
    return pairs


def unquote_form(part: bytes, place: str, field: str) -> str:
    """One name or value, percent-decoded; raises :class:`BadInput` for what is no UTF-8 text or has U+0000 in it."""
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("api.parameter-encoding", place=place, field=field) from error
    guard_string(text, place, field)
    return text


def _integer(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) > LARGEST_INTEGER:
        raise BadInput("api.parameter-integer", place="query", field=name)
    return int(text)


def _boolean(name: str, text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadInput("api.parameter-boolean", place="query", field=name)
    return text == "true"


def read_idempotency_key(headers: Mapping[bytes, bytes]) -> str:
    """The Idempotency-Key; raises :class:`BadInput` where it is missing or not 1 to 128 visible ASCII characters."""
    value = headers.get(b"idempotency-key")
    if value is None:
        raise BadInput("api.idempotency-key-missing", place="header", field="Idempotency-Key")
    key = value.decode("latin-1")
    if not _KEY.fullmatch(key):
        raise BadInput("api.idempotency-key-malformed", place="header", field="Idempotency-Key")
    return key
