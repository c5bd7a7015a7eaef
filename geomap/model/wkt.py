"""Parse well-known text of coordinate systems by a strict grammar: keywords, names, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geomap.errors import CRSError

#: No definition of a coordinate system nests deeper.
DEEPEST = 24
_TOKEN = re.compile(
    r'\s*(?:(?P<open>[A-Za-z_][A-Za-z0-9_]*)\s*[\[(]|(?P<text>"(?:[^"]|"")*")'
    r"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<close>[\])])|(?P<comma>,))\s*",
    re.ASCII,
)


@dataclass(frozen=True)
class Node:
    """``KEYWORD["text", 1.5, CHILD[...]]``."""

    keyword: str
    values: tuple[str | float, ...]
    children: tuple[Node, ...]

    def child(self, *keywords: str) -> Node | None:
        """Give the first child of one of these kinds."""
        return next((each for each in self.children if each.keyword in keywords), None)

    def text(self) -> str:
        """Give the name."""
        return str(self.values[0]) if self.values else ""

    def number(self, place: int) -> float:
        """Give a number.

        Raises
        ------
        CRSError : if there is none.
        """
        value = self.values[place] if place < len(self.values) else ""
        if isinstance(value, str):
            raise unreadable(f"{self.keyword}: {value!r}")
        return value


def parse_wkt(text: str) -> Node:
    """Parse WKT as a tree.

    Raises
    ------
    CRSError : if it does not follow the grammar.

    Examples
    --------
    >>> parse_wkt('UNIT["Meter",1.0]')
    Node(keyword='UNIT', values=('Meter', 1.0), children=())
    """
    stack: list[tuple[str, list[str | float], list[Node]]] = [("", [], [])]
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None or (token["close"] and len(stack) == 1) or len(stack) > DEEPEST:
            raise unreadable(text[place : place + 40])
        place = token.end()
        if token["open"]:
            stack.append((token["open"].upper(), [], []))
        elif token["close"]:
            keyword, values, children = stack.pop()
            stack[-1][2].append(Node(keyword, tuple(values), tuple(children)))
        elif not token["comma"]:
            stack[-1][1].append(_value(token))
    _, stray, roots = stack[0]
    if len(stack) > 1 or stray or len(roots) != 1:
        raise unreadable(text[:40])
    return roots[0]


def _value(token: re.Match[str]) -> str | float:
    """Read a name in quotes, a number or a bare word."""
    if token["text"]:
        return token["text"][1:-1].replace('""', '"')
    return float(token["number"]) if token["number"] else token["word"]


def unreadable(what: str) -> CRSError:
    """Say that a definition means nothing here."""
    return CRSError(
        f"the definition of a coordinate system must be one of the accepted ones, got {what!r}: "
        "name its EPSG code, or reproject the file to WGS-84"
    )
