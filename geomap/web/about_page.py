"""What the page on the data says of each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geomap.web import wording
from geomap.web.facility.contacts import web_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geomap.data.layers import Layer
    from geomap.web.facility.facts import Reader


@dataclass(frozen=True)
class Line:
    """One thing said of a layer."""

    label: str
    value: str
    link: str | None = None
    points: Sequence[str] = ()


@dataclass(frozen=True)
class LayerNote:
    """What is said of a layer."""

    title: str
    lines: Sequence[Line]


def layer_notes(layers: Iterable[Layer], reader: Reader) -> list[LayerNote]:
    """Put what layers say of themselves into words.

    Parameters
    ----------
    layers : descriptions, in the order of the page.
    reader : for whom.
    """
    return [_note(each, reader) for each in layers]


def _note(layer: Layer, reader: Reader) -> LayerNote:
    """Say where a layer comes from, how old it is, and what to keep in mind."""
    lines = [
        Line(_("收录"), _("%(count)s 条", count=f"{layer.rows:,}")),
        Line(
            _("数据日期"), wording.stated_day(layer.data_date, reader.language, today=reader.today)
        ),
        Line(_("来源"), layer.source),
        Line(_("署名"), layer.attribution),
        Line(_("许可"), layer.licence, web_address(layer.licence_url)),
    ]
    caveats = [each.of(reader.language) for each in layer.caveats]
    lines.append(Line(_("要注意"), "", points=caveats))
    said = [each for each in lines if each.value or each.points]
    return LayerNote(layer.title.of(reader.language), said)
