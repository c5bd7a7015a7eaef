"""What is said while the names are indexed for the first time, and a search finds only some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from geomap.web.state import Snapshot


def preparing_note(data: Snapshot) -> Markup:
    """Say that a search may not find everything yet; nothing where it does."""
    if data.knows_all_names:
        return Markup()
    return escape(_sentence())


def preparing_words() -> str:
    """Write the same sentence for the script, which learns later whether it is to say so."""
    return _sentence().strip()  # in English it begins with a space, as it follows another one


def _sentence() -> str:
    return str(_("第一次使用，正在准备地名，结果还不全；请过半分钟再搜一次。"))
