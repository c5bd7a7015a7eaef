"""The picture of an embed: the same view, for links that are shared and for oEmbed's thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Response, request

from geomap.errors import ParameterError
from geomap.maps.view_picture import SHARE_MAP, View, view_of
from geomap.web.addresses import public_address
from geomap.web.embed.asked import MIN_ZOOM, EmbedAsk
from geomap.web.embed.embed_page import embed_answer, embed_pages, embed_title, read_asked
from geomap.web.finder.finder_page import count_homes
from geomap.web.language import current_language
from geomap.web.maps.map import bounds_of
from geomap.web.open_data.pictures import (
    Shared,
    drawn,
    facility_picture,
    kept_picture,
    view_for,
)
from geomap.web.query import whole
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from geomap.web.finder.answer import FinderAnswer
    from geomap.web.state import Snapshot

#: The sizes that are drawn, px, the largest first; all of the same shape.
SIZES: Final = ((1200, 630), (800, 420), (400, 210), (200, 105))


@embed_pages.get("/embed/picture.png")
def picture() -> Response:
    """Draw what an embed shows."""
    ask, data, width = read_asked(), snapshot(), _width()
    return kept_picture(data, lambda: _picture(ask, data, width))


def thumbnail_of(
    ask: EmbedAsk, *, most_px: tuple[int | None, int | None], lang: str | None
) -> dict[str, str | int]:
    """Tell the picture of an embed as oEmbed does: the largest that fits, none where none does.

    Parameters
    ----------
    most_px : the greatest width and height; None where the consumer states none.
    """
    for width, height in SIZES:
        own = zip((width, height), most_px, strict=True)
        if all(most is None or px <= most for px, most in own):
            address = _address(ask, lang, width=None if (width, height) == SIZES[0] else width)
            return {"thumbnail_url": address, "thumbnail_width": width, "thumbnail_height": height}
    return {}


def shared_embed(ask: EmbedAsk, answer: FinderAnswer, title: str) -> Shared:
    """Say what is shown where the link of an embed is shared."""
    lang = current_language()
    link = public_address("embed_pages.show", **ask.parameters(lang=lang))
    return Shared(title, str(count_homes(answer.total)), link, _address(ask, lang))


def _address(ask: EmbedAsk, lang: str | None, **more: object) -> str:
    """Give the address of a picture; how the page around it looks is no part of it."""
    plain = {"list": None, "search": None, "elder": None, "lang": lang}
    return public_address("embed_pages.picture", **ask.parameters(**plain, **more))


def _width() -> int:
    """Read how wide the picture is to be."""
    known = [width for width, _height in SIZES]
    try:
        asked = whole(request.args.get("width", "").strip() or str(known[0]), minimum=1)
    except ValueError as error:
        raise ParameterError(f"width {error}") from error
    if asked not in known:
        raise ParameterError(
            f"width must be one of {', '.join(map(str, known))}, got {asked}",
            zh=f"宽度只有 {'、'.join(map(str, known))}",
        )
    return asked


def _picture(ask: EmbedAsk, data: Snapshot, width: int) -> bytes:
    """Draw a picture."""
    if ask.facility is not None:
        return facility_picture(data, ask.facility, width=width)
    answer = embed_answer(ask, data)
    said = [str(count_homes(answer.total))] if answer.total else []
    title = embed_title(ask, answer, data)
    return drawn(data, _view(ask, answer, data), ask.query, title, said, width=width)


def _view(ask: EmbedAsk, answer: FinderAnswer, data: Snapshot) -> View | None:
    """Choose the view: the embed's own, of its division, or as for any list."""
    query = ask.query
    if ask.zoom is not None and query.lon is not None and query.lat is not None:
        return View(query.lon, query.lat, max(MIN_ZOOM, ask.zoom - 1))  # it is half as wide
    if query.filters.adcode is None:
        return view_for(answer, data, SHARE_MAP)
    bounds = bounds_of(data, query.selection.mask(data.columns))
    return None if bounds is None else view_of(bounds, SHARE_MAP)
