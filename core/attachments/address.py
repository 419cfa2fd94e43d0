"""The addresses of the object store and of the scanner, each as its one setting says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

_PARAMETERS = frozenset({"endpoint", "region"})
_USUAL_REGION = "us-east-1"
"""What stores without regions take."""


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A folder of this machine, or one that all processes share."""

    folder: Path


@dataclass(frozen=True, slots=True)
class S3Address:
    """A bucket; without an endpoint it is Amazon's own."""

    bucket: str
    prefix: str
    region: str
    endpoint: str | None


def read_address(text: str) -> FileAddress | S3Address:
    """The address; raises :class:`ValueError` for what is none."""
    parts = urlsplit(text)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/") and not parts.query:
        return FileAddress(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        return _read_s3(parts.netloc, parts.path, parts.query)
    raise ValueError("is neither file:///folder nor s3://bucket/prefix?endpoint=https://…&region=…")


def _read_s3(bucket: str, path: str, query: str) -> S3Address:
    given = dict(parse_qsl(query))
    if given.keys() - _PARAMETERS or "@" in bucket:
        raise ValueError("an s3 address takes endpoint and region alone; credentials come from the AWS_… variables")
    endpoint = given.get("endpoint")
    if endpoint is not None and urlsplit(endpoint).scheme not in {"http", "https"}:
        raise ValueError(f"the endpoint '{endpoint}' is not an http or https address")
    return S3Address(bucket, unquote(path).strip("/"), given.get("region", _USUAL_REGION), endpoint)


def read_scanner(address: str) -> tuple[str, int] | str:
    """Host and port of ``tcp://host:port``, or the path of ``unix:///path``; raises :class:`ValueError`."""
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname and parts.port and not parts.path.strip("/"):
        return parts.hostname, parts.port
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/"):
        return parts.path
    raise ValueError("is neither tcp://host:port nor unix:///path of a clamd socket")
