"""Parse XML without document types: nothing that stands in it can name another file or host.

Entities can be declared in a document type only, so that one that is refused as soon as it begins
leaves nothing to expand and nothing to fetch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from geomap.data.files.findings.report import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

#: No element is nested deeper; what a program writes is far below.
DEEPEST = 200
_PIECE = 2**20
_DECLARED = re.compile(r"\s*<\?xml[^>]*\?>")


class _FoundError(Exception):
    """Ends the parsing at the first element."""


def root_element(head: bytes) -> str | None:
    """Give the local name of the first element; None where the bytes are no XML up to there.

    Raises
    ------
    RefusedError : if a document type is declared.

    Examples
    --------
    >>> root_element(b"<?xml version='1.0'?><kml xmlns='http://www.opengis.net/kml/2.2'>")
    'kml'
    """
    found: list[str] = []

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        found.append(name)
        raise _FoundError

    parser = _parser()
    parser.StartElementHandler = start
    try:
        parser.Parse(head, False)  # noqa: FBT003 (expat takes it by place only)
    except _FoundError:
        return local_name(found[0])
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, RefusedError):
            raise
    return None


def walk(
    text: str,
    *,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    data: Callable[[str], None],
) -> None:
    """Go through an XML text, element by element, by local names.

    Parameters
    ----------
    text : the document; what encoding it declares no longer matters.
    start, end, data : called for each element that begins or ends, and for text.

    Raises
    ------
    expat.ExpatError : if it is not well formed.
    RefusedError : if it declares a document type or nests beyond all measure.
    """
    depth = 0

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise RefusedError("invalid_file", came="<<<<…", expected="XML")
        start(local_name(name), attributes)

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(local_name(name))

    parser = _parser("utf-8")
    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = data
    parser.buffer_text = True
    declared = _DECLARED.match(text)
    for place in range(declared.end() if declared else 0, len(text), _PIECE):
        piece = text[place : place + _PIECE].encode("utf-8", "replace")
        parser.Parse(piece.lstrip() if place == 0 else piece, False)  # noqa: FBT003 (by place only)
    parser.Parse(b"", True)  # noqa: FBT003 (by place only)


def local_name(name: str) -> str:
    """Take the namespace prefix off."""
    return name.rpartition(":")[2]


def declared_encoding(head: bytes) -> str | None:
    """Give the encoding that an XML declaration names, if it does."""
    match = re.match(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""", head)
    return match[1].decode("ascii") if match else None


def _parser(encoding: str | None = None) -> expat.XMLParserType:
    """Make a parser that refuses document types and whatever would need one."""
    parser = expat.ParserCreate(encoding)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    return parser


def _refuse(*_: object) -> NoReturn:
    """Refuse a document type."""
    raise RefusedError("unsafe_xml")
