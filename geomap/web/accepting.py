"""What a reader accepts, read as programs write it and not only as RFC 9110 has it.

Java's own client writes ``*; q=.2``, and many name a charset beside JSON. werkzeug drops the one
and takes the other for another kind of document; here each of them is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_list_header, parse_options_header
from werkzeug.utils import cached_property

from geomap.web.ogc.documents import OPENAPI

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Its versions are kinds of documents; no other parameter makes a difference here.
_VERSIONED = OPENAPI["3.0"].partition(";")[0]


class AcceptingRequest(Request):
    """A request whose ``Accept`` is read by :func:`accepted`, where somebody asks for it."""

    @cached_property
    def accept_mimetypes(self) -> MIMEAccept:
        """Give the media types that the reader takes."""
        return accepted(self.headers.get("Accept", ""))


def accepted(header: str) -> MIMEAccept:
    """Read the header ``Accept``; what has no quality from 0 to 1 is left out.

    Examples
    --------
    >>> accepted("text/html, *; q=.2, text/csv;charset=utf-8;q=0.5, image/png;q=high").to_header()
    'text/html,text/csv;q=0.5,*/*;q=0.2'
    """
    return MIMEAccept([*_kinds(header)] if header else None)


def _kinds(header: str) -> Iterator[tuple[str, float]]:
    """Give each kind and how much it is liked."""
    for each in parse_list_header(header):
        kind, options = parse_options_header(each)
        try:
            quality = float(options.get("q", 1))
        except ValueError:
            continue
        if kind.lower() == _VERSIONED and "version" in options:
            kind = f"{kind};version={options['version']}"
        if 0 <= quality <= 1:
            yield "*/*" if kind == "*" else kind, quality
