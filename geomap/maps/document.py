"""Maps made by folium: documents without foreign files, scripts without anybody's text in them.

folium writes its script as a template and branca compiles the result as a template again: a
name such as ``{{7*7}}`` is then executed on the server. So nothing of ours goes that way. Data
travels as JSON (`as_json`, and GeoJSON properties in :class:`FeatureLayer`), scripts are taken
from the elements once (`script_of`), and static/js puts texts on the page as text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import folium
from branca.element import Element
from folium.utilities import JsCode

from geomap.maps.tilemath import MAX_ZOOM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from branca.element import Figure

#: Where the whole country is in view.
CHINA_CENTRE = (36.0, 104.2)
CHINA_ZOOM = 4
MIN_ZOOM = 3


class Literal(Element):
    """A text that is put into the document as it is, never compiled as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401, ARG002 (branca's signature)
        """Give the text."""
        return self.text


class FeatureLayer(folium.GeoJson):
    """GeoJSON whose features become layers by a function of static/js/map.js.

    Parameters
    ----------
    features : GeoJSON features; their properties are data, never markup or script.
    hook : the function, such as ``geomap.listedFacility``.
    """

    def __init__(self, features: Sequence[Mapping[str, Any]], hook: str) -> None:
        collection = {"type": "FeatureCollection", "features": list(features)}
        super().__init__(collection, point_to_layer=JsCode(hook))

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401, ARG002 (branca's signature)
        """Put the script into the figure once, without compiling it again."""
        figure = cast("Figure", self.get_root())
        figure.script.add_child(Literal(self.script()), name=self.get_name())
        return ""

    def script(self) -> str:
        """Write the layer's script: its features, then that it is shown on its map."""
        parent = cast("Element", self._parent)
        return f"{script_of(self)}\n{self.get_name()}.addTo({parent.get_name()});"


def map_document(
    config: Mapping[str, Any],
    features: Sequence[Mapping[str, Any]],
    *,
    point: Mapping[str, Any] | None = None,
) -> str:
    """Write the script of the finder's map, which fills the element `ELEMENT_ID`.

    The same input gives the same script, letter for letter.

    Parameters
    ----------
    config : what static/js/map.js reads; plain data.
    features : the listed facilities as GeoJSON features, in the order of the list.
    point : the searched place as a GeoJSON feature.
    """
    chart = folium.Map(
        location=CHINA_CENTRE,
        zoom_start=CHINA_ZOOM,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
        tiles=None,
        zoom_control=False,
        geomap=as_json(config),
    )
    if features:
        FeatureLayer(features, "geomap.listedFacility").add_to(chart)
    if point is not None:
        FeatureLayer([point], "geomap.searchedPoint").add_to(chart)
    elements = list(_elements(chart))
    for number, each in enumerate(elements, 1):
        each._id = str(number)
    scripts = [e.script() if isinstance(e, FeatureLayer) else script_of(e) for e in elements]
    return "\n".join(scripts)


def _elements(parent: Element) -> Iterator[Element]:
    """Walk an element and all below it, in the order of the document."""
    yield parent
    for child in parent._children.values():
        yield from _elements(child)


def script_of(element: Element) -> str:
    """Write the script of one folium element; empty if it has none."""
    macro = getattr(element._template.module, "script", None)
    return "" if macro is None else str(macro(element, {}))


def as_json(data: object) -> str:
    r"""Write data as JSON that no template language reads anything into.

    Examples
    --------
    >>> as_json(["{{7*7}}", "{% x %}", "{#"])
    '["\\u007b{7*7}}","\\u007b% x %}","\\u007b#"]'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in ("{{", "{%", "{#"):
        text = text.replace(mark, "\\u007b" + mark[1:])
    return text
