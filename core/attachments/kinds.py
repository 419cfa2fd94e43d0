"""The kinds of file that can be attached: media type, how it is called otherwise, and the extensions that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["plain", "zip", "compound", "text"]
"""How its content is looked at: by its signature alone, member by member, by the directory of its streams, or whole."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. ``key`` is what the setting calls it."""

    key: str
    media_type: str
    extensions: tuple[str, ...]
    family: Family = "plain"
    also_called: tuple[str, ...] = ()
    """Other media types that clients declare for it."""

    def is_called(self, media_type: str) -> bool:
        """Whether a declared media type means this kind."""
        return media_type == self.media_type or media_type in self.also_called


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pdf", "application/pdf", ("pdf",)),
        Kind("jpeg", "image/jpeg", ("jpg", "jpeg", "jpe"), also_called=("image/jpg", "image/pjpeg")),
        Kind("png", "image/png", ("png",)),
        Kind("webp", "image/webp", ("webp",)),
        Kind("heic", "image/heic", ("heic", "heif"), also_called=("image/heif",)),
        Kind("mp3", "audio/mpeg", ("mp3",), also_called=("audio/mp3",)),
        Kind("m4a", "audio/mp4", ("m4a",), also_called=("audio/m4a", "audio/x-m4a")),
        Kind("amr", "audio/amr", ("amr", "awb"), also_called=("audio/amr-wb",)),
        Kind("wav", "audio/wav", ("wav",), also_called=("audio/x-wav", "audio/wave", "audio/vnd.wave")),
        Kind("mp4", "video/mp4", ("mp4", "m4v"), also_called=("video/x-m4v",)),
        Kind("docx", f"{_OFFICE}.wordprocessingml.document", ("docx",), "zip"),
        Kind("xlsx", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",), "zip"),
        Kind("ofd", "application/ofd", ("ofd",), "zip", ("application/vnd.ofd",)),
        Kind("doc", "application/msword", ("doc", "wps"), "compound"),
        Kind("xls", "application/vnd.ms-excel", ("xls", "et"), "compound"),
        Kind("txt", "text/plain", ("txt", "log", "csv", "md"), "text", ("text/csv", "text/markdown")),
    )
}

UNDECLARED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""What a client sends that does not say what the file is."""


def contradiction(kind: Kind, declared: str, extension: str) -> str | None:
    """What of the declared media type and the extension cannot be true of the kind; ``None`` where nothing does."""
    if declared not in UNDECLARED and not kind.is_called(declared):
        return declared
    return f".{extension}" if extension and extension not in kind.extensions else None
