"""What is in a page: elements in order with their attributes, and the words a person reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "wbr", "hr", "img"})


@dataclass(eq=False)
class Element:
    """One element; ``ancestors`` from the root down."""

    name: str
    attributes: dict[str, str]
    ancestors: tuple["Element", ...]
    text: str = ""


@dataclass(eq=False)
class Outline(HTMLParser):
    """A parsed page. Raises AssertionError where elements do not nest or an id is there twice."""

    markup: str
    elements: list[Element] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.markup)
        self.close()
        assert not self._open, f"never closed: {[element.name for element in self._open]}"
        ids = [element.attributes["id"] for element in self.elements if "id" in element.attributes]
        assert len(ids) == len(set(ids)), "an id is there twice"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len({name for name, _ in attrs}), f"an attribute of {tag} is there twice"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"{tag} closed before it was opened"
        assert self._open.pop().name == tag, f"{tag} closed out of order"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def named(self, *names: str) -> Iterator[Element]:
        """The elements of these names, in order."""
        return (element for element in self.elements if element.name in names)

    def one(self, name: str) -> Element:
        """The only element of this name."""
        (element,) = self.named(name)
        return element

    def inside(self, parent: Element, *names: str) -> list[Element]:
        """The elements of these names within another."""
        return [element for element in self.named(*names) if parent in element.ancestors]
