"""Reads a page as a browser does: its elements, its forms with what they would send, and what is said on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = {"meta", "link", "input", "img", "br"}


@dataclass
class Element:
    """One element; ``text`` is all that is written in it."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    text: str = ""


@dataclass
class Form:
    """A form, with its hidden fields filled in and its others empty."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page that was parsed; fails where its elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self._open: list[Element] = []
        self.declaration = ""
        self.feed(text)
        self.close()
        assert not self._open, f"not closed: {[item.tag for item in self._open]}"

    def handle_decl(self, decl: str) -> None:
        self.declaration = decl

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice on {tag}: {names}"
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes, tuple(item.tag for item in self._open))
        self.elements.append(element)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get")))
        elif "form" in element.parents and self.forms:
            self._add_to_form(element, self.forms[-1])
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"closed and never opened: {tag}"
        assert self._open[-1].tag == tag, f"{tag} is closed within {self._open[-1].tag}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for item in self._open:
            item.text += data

    @staticmethod
    def _add_to_form(element: Element, form: Form) -> None:
        name, value = element.attributes.get("name", ""), element.attributes.get("value", "")
        if element.tag == "button":
            form.buttons.append((name, value))
        elif element.tag == "input" and element.attributes.get("type") == "hidden":
            form.values[name] = value
        elif element.tag == "input":
            form.fields.add(name)
            form.values[name] = value

    def all(self, tag: str) -> list[Element]:
        """Every element of a tag."""
        return [item for item in self.elements if item.tag == tag]

    def by_role(self, role: str) -> list[str]:
        """What is said in elements of a role."""
        return [" ".join(item.text.split()) for item in self.elements if item.attributes.get("role") == role]

    @property
    def heading(self) -> str:
        """The first-level heading."""
        return " ".join(self.all("h1")[0].text.split())

    @property
    def text(self) -> str:
        """Everything that is written on it."""
        return " ".join(self.all("body")[0].text.split())

    def form(self, path: str, button: tuple[str, str] | None = None) -> Form:
        """The first form that goes to a path, and has a button where one is named."""
        fitting = [
            form
            for form in self.forms
            if urlsplit(form.action).path.endswith(path) and (button is None or button in form.buttons)
        ]
        assert fitting, f"no form goes to {path} with {button}: {[(form.action, form.buttons) for form in self.forms]}"
        return fitting[0]

    def link(self, text: str) -> str:
        """Where the link with these words goes."""
        return next(item.attributes["href"] for item in self.all("a") if " ".join(item.text.split()) == text)
