"""What a file really is, found while it streams by: first by how it begins, then by all of it."""

from __future__ import annotations

from collections.abc import Collection

from core.attachments.budget import CHECKED, Budget
from core.attachments.compound import CompoundCheck
from core.attachments.container import Container, kind_of_container
from core.attachments.kinds import KINDS, Kind, contradiction
from core.attachments.plain_text import TextCheck
from core.attachments.signatures import HEAD_BYTES, find_kind, name_binary, name_text_form
from core.errors import Refused

_COMPOUND_FOUND, _CONTAINER_FOUND = "application/x-ole-storage", "application/zip"


class Inspection:
    """Looks at a file chunk by chunk. What cannot be what is allowed is refused as early as it shows."""

    def __init__(self, allowed: Collection[str], declared: str, extension: str) -> None:
        self._allowed, self._declared, self._extension = allowed, declared, extension
        self._head = b""
        self._look: _Look | None = None

    @property
    def is_laborious(self) -> bool:
        """Whether looking at a chunk takes long enough to be done beside the event loop."""
        return isinstance(self._look, _ContainerLook)

    def feed(self, chunk: bytes) -> None:
        """Looks at the next part; raises :class:`Refused`."""
        if self._look is not None:
            self._feed_look(self._look, chunk)
            return
        self._head += chunk
        if len(self._head) >= HEAD_BYTES:
            self._begin()

    def finish(self) -> Kind:
        """The kind of the whole file; raises :class:`Refused` for what is not allowed or contradicts what was said of it."""
        look = self._look or self._begin()
        return self._settle(look.finish())

    def _feed_look(self, look: _Look, chunk: bytes) -> None:
        look.feed(chunk)
        if look.ruled_out is not None:
            self._settle(look.ruled_out)

    def _begin(self) -> _Look:
        if not self._head:
            raise Refused("attachments.empty", clause=CHECKED)
        found = find_kind(self._head)
        self._look = look = _look_for(found, self._head)
        if isinstance(look, _PlainLook):
            self._settle(look.finish())
        self._feed_look(look, self._head)
        self._head = b""
        return look

    def _settle(self, key: str) -> Kind:
        kind = KINDS.get(key)
        if kind is None or kind.key not in self._allowed:
            found = kind.media_type if kind else key
            raise Refused("attachments.kind-not-taken", clause=CHECKED, found=found, taken=", ".join(sorted(self._allowed)))
        said = contradiction(kind, self._declared, self._extension)
        if said is not None:
            raise Refused("attachments.kind-contradicted", clause=CHECKED, found=kind.media_type, said=said)
        return kind


class _Look:
    """One way of looking at the content. ``finish`` answers the key of a kind, or the media type of what is none."""

    ruled_out: str | None = None
    """What it can only be, once that is no kind; nothing more need be looked at."""

    def feed(self, chunk: bytes) -> None:
        """Looks at the next part."""

    def finish(self) -> str:
        """What it is."""
        raise RuntimeError("every look says what it has found")


class _PlainLook(_Look):
    def __init__(self, key: str) -> None:
        self._key = key

    def finish(self) -> str:
        return self._key


class _ContainerLook(_Look):
    def __init__(self) -> None:
        self._container = Container(Budget())

    def feed(self, chunk: bytes) -> None:
        self._container.feed(chunk)

    def finish(self) -> str:
        self._container.finish()
        return kind_of_container(self._container.names) or _CONTAINER_FOUND


class _CompoundLook(_Look):
    def __init__(self) -> None:
        self._check = CompoundCheck()

    def feed(self, chunk: bytes) -> None:
        self._check.feed(chunk)

    def finish(self) -> str:
        return self._check.kind or _COMPOUND_FOUND


class _TextLook(_Look):
    def __init__(self, head: bytes) -> None:
        self._check, self._binary, self._form = TextCheck(), name_binary(head), name_text_form(head)

    def feed(self, chunk: bytes) -> None:
        self._check.feed(chunk)
        if not self._check.holds:
            self.ruled_out = self._binary

    def finish(self) -> str:
        self._check.feed(b"", last=True)
        if not self._check.holds:
            return self._binary
        return self._form or "txt"


def _look_for(found: str | None, head: bytes) -> _Look:
    if found is None:
        return _TextLook(head)
    return {"zip": _ContainerLook, "compound": _CompoundLook}.get(found, lambda: _PlainLook(found))()
