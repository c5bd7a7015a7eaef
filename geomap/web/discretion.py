"""What people type stays with them: out of addresses, titles, referrers and logs."""

from __future__ import annotations

import logging
import re
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from flask import has_request_context, request

from geomap.model.text import normalise
from geomap.web.finder.answer import POSITION_DECIMALS
from geomap.web.language import page_url
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from geomap.find.places import Hit
    from geomap.web.finder.answer import FinderQuery, Point

_HIDDEN = "***"
#: What people type, where they are, which homes they keep; other parameters are words of ours.
_THEIRS = (
    "q", "lon", "lat", "next", "text", "contact", "ids", "add", "remove", "removed", "full",
)  # fmt: skip
#: Shorter texts are no address, and would be found in every second word of a traceback.
_SHORTEST = 2
#: A number beside a word, or a number of a house, floor or room: where somebody lives, perhaps.
_HOUSE = re.compile(
    r"\d|[〇零一二三四五六七八九十百]+[号號弄栋棟幢室楼樓层層座组組队隊户戶]|单元|單元"
)
_CODE = re.compile(r"\d{6,12}", re.ASCII)


def private_spot(query: FinderQuery) -> str | None:
    """Give the finder's address around what was typed, where that says where somebody lives.

    Returns
    -------
    An address with a rounded place instead of the text; None where the text is no street address
    and has no house number beside the name of a place, or where it means nothing that we know.
    """
    place = meant_place(query)
    if place is None or (place.kind != "address" and not looks_like_an_address(query.q or "")):
        return None
    return spot_address(query, place)


def is_private(query: FinderQuery, point: Point | None) -> bool:
    """Tell whether the text of a query may say where somebody lives."""
    if query.q is None or query.lon is not None:
        return False
    return looks_like_an_address(query.q) or (point is not None and point.kind == "address")


def meant_place(query: FinderQuery) -> Hit | None:
    """Find the one place that a typed text means, if it is located and no facility."""
    hit = snapshot().search.resolve(query.q) if query.q else None
    known = hit is not None and hit.kind != "facility" and hit.lon is not None
    return hit if known else None


def spot_address(query: FinderQuery, place: Hit) -> str:
    """Give the finder's address around a place that was typed: rounded, about 100 m.

    A street address stands in it by its place alone and by how well that is known; of what was
    typed around the name of a place only the name stays.
    """
    lon, lat = (
        None if at is None else round(at, POSITION_DECIMALS) for at in (place.lon, place.lat)
    )
    known: dict[str, object] = {"lon": lon, "lat": lat, "page": None}
    if place.kind == "address":
        known |= {"q": None, "located": place.precision}
    else:
        known |= {"q": place.name, "located": None}
    return page_url("pages.finder", **query.parameters(**known))


def looks_like_an_address(text: str) -> bool:
    """Tell whether a text may say where somebody lives: it has a number that is no code.

    Examples
    --------
    >>> [looks_like_an_address(t) for t in ("文化路97号", "幸福里三号楼", "静安区", "410105")]
    [True, True, False, False]
    """
    return bool(_HOUSE.search(text)) and not _CODE.fullmatch(text.strip())


class Discreet(logging.Filter):
    """Takes what a request sent out of what is logged while it is answered, tracebacks too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record; every one passes."""
        texts = sorted(_sent(), key=len, reverse=True) if has_request_context() else []
        if not texts:
            return True
        record.msg, record.args = _without(record.getMessage(), texts), None
        if record.exc_info and record.exc_info[1] is not None:
            written = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            record.exc_text, record.exc_info = _without(written, texts), None
        return True


def log_discreetly(app: Flask) -> None:
    """Keep what people type out of the application's log."""
    for logger in (app.logger, logging.getLogger("geomap.web.problems")):
        if not any(isinstance(each, Discreet) for each in logger.filters):
            logger.addFilter(Discreet())


def _sent() -> Iterator[str]:
    """Give what people sent: as it is, as it is looked up, and as addresses write it."""
    given = request.args, request.form
    for value in (value for each in given for name in _THEIRS for value in each.getlist(name)):
        for text in {value, value.strip(), normalise(value)}:
            if len(text) >= _SHORTEST:
                yield from (
                    text,
                    repr(text)[1:-1],
                    ascii(text)[1:-1],
                    quote(text),
                    quote_plus(text),
                )


def _without(text: str, secrets: list[str]) -> str:
    """Hide some texts in another."""
    for each in secrets:
        text = text.replace(each, _HIDDEN)
    return text
