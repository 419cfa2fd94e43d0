"""Reads the YAML that law, procedures and settings are written in, and says file, line and expectation of a fault.

Scalars are read as text (``4.10`` stays a clause number, ``no`` stays a word) and only the target type gives them a
meaning. The place of a fault is found by walking the parsed document along the path that the type checker reports.
"""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
# The parser in C where the platform has it: ten times as fast, and every process reads the law of every city.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATH_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+|\.\.\.)\]")


class FaultInSource(ValueError):
    """A data file is not what it must be: ``file:line: what was found; what was expected``."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file, self.line, self.message = file, line, message


class Source:
    """One parsed YAML file that can be converted to a typed value and can locate each of its parts."""

    def __init__(self, file: Traversable) -> None:
        self.name = str(file)
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            raise FaultInSource(self.name, mark.line + 1 if mark else 1, error.problem or "is not YAML") from error
        if node is None:
            raise FaultInSource(self.name, 1, "the file is empty")
        self.root = node
        self.data = self._plain(node)

    def read(self, type_: type[T]) -> T:
        """The whole file as ``type_``; raises :class:`FaultInSource`."""
        try:
            return msgspec.convert(self.data, type_, strict=False)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at ")
            raise FaultInSource(self.name, self.line(path.strip("`") or "$"), f"{message} (at {path or '$'})") from error

    def line(self, path: str) -> int:
        """The line on which the part at ``path`` (``$.versions[0].id``) stands, or its nearest parent."""
        node = self.root
        for name, index in _PATH_STEP.findall(path):
            found = _child(node, name, index)
            if found is None:
                break
            node = found
        return int(node.start_mark.line) + 1

    def fault(self, path: str, message: str) -> FaultInSource:
        """A fault at ``path``, for checks that types cannot express."""
        return FaultInSource(self.name, self.line(path), message)

    def _plain(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item) for item in node.value]
        return None if node.tag == "tag:yaml.org,2002:null" and node.value in {"", "~", "null"} else str(node.value)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, object]:
        plain: dict[str, object] = {}
        for key, value in node.value:
            if key.value in plain:
                raise FaultInSource(self.name, key.start_mark.line + 1, f"the key {key.value!r} stands twice")
            plain[key.value] = self._plain(value)
        return plain


def _child(node: yaml.Node, name: str, index: str) -> yaml.Node | None:
    if name and isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    if index.isdigit() and isinstance(node, yaml.SequenceNode) and int(index) < len(node.value):
        item: yaml.Node = node.value[int(index)]
        return item
    return None
