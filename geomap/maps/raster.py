"""Pictures of ours as PNG, for those who read no SVG: chat programs, old maps."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geomap.maps.drawing import symbol_svg

if TYPE_CHECKING:
    from PIL.Image import Image

_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
#: Every symbol in two languages, open and closed, at both sizes of tiles.
_MOST_SYMBOLS = 64


def png_of(svg: bytes | str, *, width: int) -> bytes:
    """Turn an SVG document into a PNG so many pixels wide, with the fonts of this machine."""
    import resvg_py

    text = svg.decode() if isinstance(svg, bytes) else svg
    options: dict[str, Any] = {"width": width, "sans_serif_family": "Noto Sans CJK SC"}
    return bytes(resvg_py.svg_to_bytes(svg_string=text, **options))


@lru_cache(maxsize=_MOST_SYMBOLS)
def symbol_image(kind: str, language: str, *, closed: bool, px: int) -> Image:
    """Draw a facility's symbol so many pixels wide; nobody may change it."""
    from PIL import Image

    symbol = symbol_svg(kind, language, closed=closed)
    drawn = png_of(symbol.replace("<svg ", f"<svg {_NAMESPACE} ", 1), width=px)
    return Image.open(io.BytesIO(drawn)).convert("RGBA")
