"""The sprite of facility symbols: which picture a facility has, and the sprite to put in a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geomap.errors import ParameterError
from geomap.model.facility import NOT_OPEN, TYPES
from geomap.settings import static_text

if TYPE_CHECKING:
    from collections.abc import Mapping

SPRITE = "vendor/symbols.svg"


def is_closed(status: object) -> bool:
    """Tell whether a facility is drawn hollow: closed, planned or being built.

    Examples
    --------
    >>> is_closed("planned"), is_closed("open"), is_closed(None)
    (True, False, False)
    """
    return status in NOT_OPEN


def symbol_id(kind: str, language: str, *, closed: bool = False) -> str:
    """Name a facility's picture in the sprite.

    Raises
    ------
    ParameterError : if there is no such type.

    Examples
    --------
    >>> symbol_id("nursing_home", "zh"), symbol_id("other", "en", closed=True)
    ('nursing_home-zh', 'other-en-closed')
    """
    if kind not in TYPES:
        raise ParameterError(f"type must be one of {', '.join(TYPES)}, got {kind!r}")
    return f"{kind}-{'en' if language == 'en' else 'zh'}{'-closed' if closed else ''}"


def inline_sprite(attributes: Mapping[str, str]) -> str:
    """Give the sprite as an element of a document, its root with these attributes."""
    content = static_text(SPRITE)
    own = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return re.sub(r"^<svg", lambda found: found[0] + own, content, count=1)
