"""What the pages of OGC API Features say besides their documents: a map, filters, first steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from geomap.maps.symbols import is_closed
from geomap.web.addresses import local_address, plain_address
from geomap.web.maps.basemap import street_tiles
from geomap.web.maps.tiles import context
from geomap.web.ogc.collections import FIELDS, filters_of, titles
from geomap.web.ogc.parameters import DEFAULT_LIMIT
from geomap.web.query import LARGEST_LIMIT
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.model.table import Field

    Document = dict[str, Any]

_LIMITS: Final = (20, DEFAULT_LIMIT, 1000)
#: What tells features of one name apart, in lists.
_BRIEF: Final[Mapping[str, Sequence[str]]] = {
    "facilities": ("type", "address"),
    "areas": ("level", "adcode", "population"),
    "gaps": ("population", "area_km2", "distance_m"),
}
#: From here on numbers are written whole.
_WHOLE_FROM: Final = 100
#: How people name the systems that are offered.
_SYSTEMS: Final[Mapping[str, str]] = {
    "CRS84": "WGS 84", "4326": "WGS 84", "4490": "CGCS2000", "3857": "Web Mercator",
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A filter of the form: a property, its values, and the one that is chosen."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True)
class Applied:
    """A filter that is applied, and the address without it."""

    label: str
    without: str


@dataclass(frozen=True)
class Shown:
    """Puts what a page shows into words, for one reader.

    Parameters
    ----------
    name : of the collection; empty on pages of none.
    language : zh or en.
    """

    name: str
    language: str

    @property
    def names(self) -> Sequence[str]:
        """Name the collections."""
        return tuple(FIELDS)

    @property
    def address(self) -> str:
        """Give the address that programs are told."""
        return plain_address("ogc.landing").rstrip("/")

    @property
    def limit(self) -> int:
        """Tell how many this page may hold."""
        return min(request.args.get("limit", DEFAULT_LIMIT, type=int), LARGEST_LIMIT)

    @property
    def limits(self) -> Sequence[int]:
        """List how many a page may hold."""
        return _LIMITS

    @property
    def title(self) -> str:
        """Give the title of the collection."""
        return self.titled(self.name)[0]

    def titled(self, name: str) -> tuple[str, str]:
        """Give the title and the description of a collection."""
        return titles(name, self.language)

    def told(self, feature: Document) -> list[tuple[str, str]]:
        """Write what is known of a feature."""
        known = feature["properties"]
        return [
            (each.label.of(self.language), written(each, known[each.name], self.language))
            for each in FIELDS[self.name]
            if known.get(each.name) is not None and each.name != "provenance"
        ]

    def named(self, feature: Document) -> str:
        """Name a feature."""
        known = feature["properties"]
        return str(known.get("name") or known.get("area_name") or feature["id"])

    def local(self, href: str) -> str:
        """Give the address of a document as the pages write addresses: without the host."""
        return local_address(href)

    def page(self, href: str) -> str:
        """Give the address of a document as a page."""
        return self.local(href).replace("f=json", "f=html")

    def brief(self, feature: Document) -> str:
        """Tell what tells a feature from others of its name."""
        known, fields = feature["properties"], {each.name: each for each in FIELDS[self.name]}
        parts = []
        for each in (fields[name] for name in _BRIEF[self.name] if known.get(name) is not None):
            said = written(each, known[each.name], self.language)
            named = each.kind in ("number", "integer", "code")
            parts.append(f"{each.label.of(self.language)} {said}" if named else said)
        return " · ".join(parts)

    def choices(self) -> Sequence[Choice]:
        """List the filters that have few values."""
        yes_no = (("true", _("是")), ("false", _("否")))
        return [
            Choice(
                each.name,
                each.label.of(self.language),
                [(key, label.of(self.language)) for key, label in each.choices.items()] or yes_no,
                request.args.get(each.name, ""),
            )
            for each in filters_of(self.name)
            if each.choices or each.kind == "yes_no"
        ]

    def applied(self) -> Sequence[Applied]:
        """List what narrows this list."""
        fields: Mapping[str, Field | None] = {
            **{each.name: each for each in filters_of(self.name)}, "bbox": None, "datetime": None,
        }  # fmt: skip
        said = {"bbox": _("范围"), "datetime": _("核对日期")}
        found = []
        for key, value in request.args.items():
            if key not in fields:
                continue
            field = fields[key]
            told = value if field is None else _value(field, value, self.language)
            label = said[key] if field is None else field.label.of(self.language)
            rest = {n: v for n, v in request.args.items() if n not in (key, "offset")}
            without = _href("list_items", self.name, rest)
            found.append(Applied(f"{label}{_('：')}{told}", without))
        return found

    def pages(self, document: Document) -> tuple[int, int]:
        """Tell which page this is, and of how many."""
        offset = request.args.get("offset", 0, type=int)
        return offset // self.limit + 1, max(1, -(-document["numberMatched"] // self.limit))

    def crs(self, uri: str) -> str:
        """Name a coordinate system."""
        code = uri.rpartition("/")[2]
        order = _("经度在前") if code in ("CRS84", "3857") else _("纬度在前")
        known = "CRS84" if code == "CRS84" else f"EPSG:{code}"
        return str(
            _("%(name)s（%(code)s，%(order)s）", name=_SYSTEMS[code], code=known, order=order)
        )

    def extent(self, document: Document) -> Sequence[tuple[str, str]]:
        """Tell where a collection lies, and of which days it is."""
        told = document.get("extent", {})
        lines = []
        if "spatial" in told:
            west, south, east, north = told["spatial"]["bbox"][0]
            box = _("经度 %(west)s 到 %(east)s，纬度 %(south)s 到 %(north)s", west=f"{west:.2f}",
                    east=f"{east:.2f}", south=f"{south:.2f}", north=f"{north:.2f}")  # fmt: skip
            lines.append((_("范围"), str(box)))
        first, last = told.get("temporal", {}).get("interval", [[None, None]])[0]
        if first and last:
            days = _("%(first)s 到 %(last)s", first=first[:10], last=last[:10])
            lines.append((_("核对日期"), str(days)))
        return lines

    def map_href(self, **only: str) -> str:
        """Give the address of the picture of what a page lists, or of one feature."""
        kept = {n: v for n, v in request.args.items() if n not in ("f", "crs")}
        return _href("picture", self.name, {**(only or kept), "lang": self.language})

    def picture(self, features: Sequence[Document]) -> bytes:
        """Draw features on the map: an SVG document, empty where there are none."""
        import numpy as np
        import orjson
        import shapely

        from geomap.maps.feature_picture import feature_picture

        told = np.array(
            [orjson.dumps(each["geometry"]).decode() for each in features], dtype=object
        )
        of_homes = self.name == "facilities"
        return feature_picture(
            context().index(snapshot(), self.language),
            shapely.from_geojson(told, on_invalid="ignore"),
            kinds=[_symbol(each["properties"]) for each in features] if of_homes else [],
            gaps=self.name == "gaps", title=self.title, language=self.language,
            streets=street_tiles(),
        )  # fmt: skip


def _symbol(known: Document) -> tuple[str, bool]:
    """Choose the symbol of a facility."""
    return known["type"], is_closed(known["status"])


def written(field: Field, value: Any, language: str) -> str:  # noqa: ANN401 (a value of JSON)
    """Write a value in words."""
    if isinstance(value, list):
        parts = [written(field, each, language) for each in value]
        return (", " if language == "en" else "、").join(parts)
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if value in field.choices:
        return field.choices[value].of(language)
    unit = "" if field.unit is None else f" {field.unit.of(language)}"
    if isinstance(value, float):
        value = round(value, 2 if abs(value) < _WHOLE_FROM and value % 1 else None)
    return f"{value:,}{unit}" if isinstance(value, int | float) else str(value)


def _value(field: Field, text: str, language: str) -> str:
    """Write the value of a filter in words."""
    flag = {"true": True, "false": False}.get(text) if field.kind == "yes_no" else None
    return written(field, text if flag is None else flag, language)


def without_empty(name: str) -> str | None:
    """Give the address of a list without what its form left empty; None where nothing is."""
    filled = {each: value for each, value in request.args.items() if value.strip()}
    if len(filled) == len(request.args) or filled.get("f") != "html":
        return None
    return _href("list_items", name, filled)


def _href(endpoint: str, name: str, asked: Mapping[str, str]) -> str:
    """Give the address of a list or picture; what is asked is data, no option of Flask's."""
    return f"{url_for(f'ogc.{endpoint}', name=name)}?{urlencode(asked)}"
