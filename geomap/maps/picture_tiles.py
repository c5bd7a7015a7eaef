"""Facilities as PNG tiles, for old maps that draw pictures only: symbols, and discs with numbers.

A tile shows the groups of :mod:`geomap.maps.clusters`; symbols that reach over its edge are drawn
on both sides.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from geomap.maps.clusters import disc_px
from geomap.maps.raster import png_of, symbol_image
from geomap.maps.tilemath import TILE_PX, Tile
from geomap.maps.view_picture import short
from geomap.model.mercator import to_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from geomap.maps.clusters import Cluster
    from geomap.maps.view_picture import Facilities

SYMBOL_PX = 44
_NUMBER_PX = 16
_INK = (20, 33, 43, 255)
_DISC = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px} {px}">'
    '<circle cx="{half}" cy="{half}" r="{r}" fill="#fff" stroke="#14212B" stroke-width="3"/></svg>'
)


def picture_tile(facilities: Facilities, tile: Tile, *, language: str, scale: int = 1) -> bytes:
    """Draw the facilities of a tile on clear ground.

    Parameters
    ----------
    facilities : what stands where.
    tile : a tile of the grid.
    language : "zh" or "en", of the letters in the symbols.
    scale : 1 for 256 px, 2 for 512 px.

    Returns
    -------
    A PNG picture.
    """
    from PIL import Image

    side = TILE_PX * scale
    picture = Image.new("RGBA", (side, side))
    for x, y, each in sorted(_around(facilities, tile), key=lambda found: found[1]):
        sign = _sign(facilities, each, language, scale)
        corner = round(x * scale - sign.width / 2), round(y * scale - sign.height / 2)
        _lay(picture, sign, corner)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _lay(picture: Image, sign: Image, corner: tuple[int, int]) -> None:
    """Lay a sign over a picture, cut at its edges."""
    x, y = corner
    box = (
        max(0, -x),
        max(0, -y),
        min(sign.width, picture.width - x),
        min(sign.height, picture.height - y),
    )
    if box[0] < box[2] and box[1] < box[3]:
        picture.alpha_composite(sign, (max(0, x), max(0, y)), box)


def _around(facilities: Facilities, tile: Tile) -> Iterator[tuple[float, float, Cluster]]:
    """Give what stands in a tile and its neighbours, with its place in px."""
    most = 1 << tile.z
    for line in range(max(0, tile.y - 1), min(most, tile.y + 2)):
        for column in range(tile.x - 1, tile.x + 2):
            for each in facilities.tile(Tile(tile.z, column % most, line)):
                x, y = (float(value) * most * TILE_PX for value in to_world(each.lon, each.lat))
                shift = (column - column % most) * TILE_PX  # the world goes on beyond 180°
                yield x + shift - tile.x * TILE_PX, y - tile.y * TILE_PX, each


def _sign(facilities: Facilities, each: Cluster, language: str, scale: int) -> Image:
    if each.count > 1:
        return _disc(disc_px(each.count), short(each.count), scale)
    kind, closed = facilities.symbol(each.rows[0])
    return symbol_image(kind, language, closed=closed, px=SYMBOL_PX * scale)


@lru_cache(maxsize=4096)
def _disc(px: int, number: str, scale: int) -> Image:
    """Draw a disc with a number; nobody may change it."""
    from PIL import ImageDraw

    disc = _plain_disc(px, scale).copy()
    middle = disc.width / 2
    pen = ImageDraw.Draw(disc)
    pen.text((middle, middle), number, fill=_INK, font=_font(_NUMBER_PX * scale), anchor="mm")
    return disc


@lru_cache(maxsize=16)
def _plain_disc(px: int, scale: int) -> Image:
    from PIL import Image

    drawn = png_of(_DISC.format(px=px, half=px / 2, r=px / 2 - 2), width=px * scale)
    return Image.open(io.BytesIO(drawn)).convert("RGBA")


@lru_cache(maxsize=4)
def _font(px: int) -> FreeTypeFont | ImageFont:
    """Take the letters that Pillow carries: digits need no font of the machine."""
    from PIL import ImageFont

    return ImageFont.load_default(px)
