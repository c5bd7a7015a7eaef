"""Take the definition of a coordinate system apart, by a strict grammar: names and numbers.

It may be WKT in one of its dialects (ESRI's, GDAL's, ISO's) or PROJJSON. None of it ever reaches
PROJ, so that nothing in it can name a file or a host.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geomap.model.wkt import DEEPEST, Node, parse_wkt, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: No definition of a coordinate system is longer.
_LONGEST = 50_000
_METHODS = {
    "transversemercator": "tm",
    "gausskruger": "tm",
    "mercatorauxiliarysphere": "web",
    "popularvisualisationpseudomercator": "web",
    "lambertazimuthalequalarea": "laea",
    "albers": "aea",
    "albersequalarea": "aea",
    "albersconicequalarea": "aea",
}
_PARAMETERS = {
    "latitudeoforigin": "lat_0",
    "latitudeofnaturalorigin": "lat_0",
    "latitudeoffalseorigin": "lat_0",
    "latitudeofcenter": "lat_0",
    "centralmeridian": "lon_0",
    "longitudeoforigin": "lon_0",
    "longitudeofnaturalorigin": "lon_0",
    "longitudeoffalseorigin": "lon_0",
    "longitudeofcenter": "lon_0",
    "scalefactor": "k",
    "scalefactoratnaturalorigin": "k",
    "falseeasting": "x",
    "eastingatfalseorigin": "x",
    "falsenorthing": "y",
    "northingatfalseorigin": "y",
    "standardparallel1": "lat_1",
    "latitudeof1ststandardparallel": "lat_1",
    "standardparallel2": "lat_2",
    "latitudeof2ndstandardparallel": "lat_2",
    "auxiliaryspheretype": "",
}
_DEFAULTS = {"lat_0": 0.0, "lon_0": 0.0, "lat_1": 0.0, "lat_2": 0.0, "k": 1.0, "x": 0.0, "y": 0.0}
_UNIT = 1e-9
_DEGREE = math.pi / 180
_PROJECTED = ("PROJCS", "PROJCRS", "PROJECTEDCRS")
_GEOGRAPHIC = ("GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS")
_BASE = (*_GEOGRAPHIC, "BASEGEOGCRS", "BASEGEODCRS")


@dataclass(frozen=True)
class Definition:
    """A coordinate system as a text writes it out.

    Parameters
    ----------
    name : what it calls itself.
    datums : names of its datum and of its longitudes and latitudes.
    semi_major_m, inverse_flattening : of its ellipsoid.
    method : projection, one of tm, web, laea and aea; "" for degrees.
    parameters : of the projection: degrees, metres, scale.
    code : EPSG code that it states for itself, None where it has none.
    """

    name: str
    datums: tuple[str, ...]
    semi_major_m: float
    inverse_flattening: float
    method: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)
    code: int | None = None


def read_definition(text: str) -> Definition:
    """Take a definition apart.

    Raises
    ------
    CRSError : if it is none, or of a kind that no accepted system is.
    """
    if len(text) > _LONGEST:
        raise unreadable(f"{len(text)} characters")
    plain = text.strip().lstrip("\ufeff\x00")
    if not plain.startswith("{"):
        return _of_wkt(parse_wkt(plain.rstrip("\x00")))
    try:
        document = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise unreadable(plain[:40]) from error
    return of_projjson(document)


def of_projjson(document: object) -> Definition:
    """Take PROJJSON, parsed, apart.

    Raises
    ------
    CRSError : if it is none, or of a kind that no accepted system is.
    """
    try:
        return _of_json(document)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise unreadable(str(document)[:40]) from error


def _of_wkt(node: Node) -> Definition:
    """Read the tree of a WKT definition."""
    while node.keyword in ("COMPD_CS", "COMPOUNDCRS", "BOUNDCRS", "SOURCECRS"):
        inner = node.child("SOURCECRS", *_PROJECTED, *_GEOGRAPHIC)
        if inner is None:
            raise unreadable(node.keyword)
        node = inner
    projected = node.keyword in _PROJECTED
    base = node.child(*_BASE) if projected else node
    if base is None or base.keyword not in _BASE:
        raise unreadable(node.text() or node.keyword)
    datum = base.child("DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE", "TDATUM")
    ellipsoid = datum.child("SPHEROID", "ELLIPSOID") if datum else None
    if datum is None or ellipsoid is None or ellipsoid.number(1) <= 0:
        raise unreadable(node.text())
    meridian = base.child("PRIMEM", "PRIMEMERIDIAN")
    _require(meridian is None or meridian.number(1) == 0, "PRIMEM")
    degrees = base.child("UNIT", "ANGLEUNIT") or (base.child("AXIS") or base).child("ANGLEUNIT")
    _require(degrees is None or abs(degrees.number(1) - _DEGREE) < _UNIT, "UNIT")
    method, parameters = _projection_of_wkt(node) if projected else ("", {})
    return Definition(
        node.text(),
        (datum.text(), base.text()),
        ellipsoid.number(1),
        ellipsoid.number(2),
        method,
        parameters,
        _code_of_wkt(node),
    )


def _projection_of_wkt(node: Node) -> tuple[str, dict[str, float]]:
    """Read the projection of a projected system."""
    holder = node.child("CONVERSION") or node
    method = holder.child("PROJECTION", "METHOD")
    units = node.child("UNIT", "LENGTHUNIT") or (node.child("AXIS") or node).child("LENGTHUNIT")
    _require(units is None or abs(units.number(1) - 1) < _UNIT, "UNIT")
    parameters = []
    for each in holder.children:
        if each.keyword == "PARAMETER":
            unit = each.child("ANGLEUNIT", "LENGTHUNIT", "SCALEUNIT")
            expected = _DEGREE if unit and unit.keyword == "ANGLEUNIT" else 1.0
            _require(unit is None or abs(unit.number(1) - expected) < _UNIT, "PARAMETER")
            parameters.append((each.text(), each.number(1)))
    return _projection(method.text() if method else "", parameters)


def _projection(name: str, given: Iterable[tuple[str, float]]) -> tuple[str, dict[str, float]]:
    """Name the method and the parameters in the one way in which they are compared."""
    method = _METHODS.get(plain_name(name))
    if method is None:
        raise unreadable(name or "PROJECTION")
    parameters = dict(_DEFAULTS)
    for label, value in given:
        known = _PARAMETERS.get(plain_name(label))
        _require(known is not None and math.isfinite(value), label)
        if known:
            parameters[known] = value
    if method == "web":
        parameters = dict(_DEFAULTS) | {name: parameters[name] for name in ("lon_0", "x", "y")}
    return method, parameters


def _code_of_wkt(node: Node) -> int | None:
    """Give the EPSG code that the whole definition states for itself."""
    own = node.child("AUTHORITY", "ID")
    if own is None or len(own.values) < 2 or str(own.values[0]).upper() != "EPSG":  # noqa: PLR2004 (name, code)
        return None
    return _whole(own.values[1])


def _whole(value: object) -> int | None:
    """Read a code."""
    text = f"{value:.0f}" if isinstance(value, float) else str(value)
    return int(text) if re.fullmatch(r"[1-9][0-9]{3,5}", text, re.ASCII) else None


def _of_json(document: Any) -> Definition:  # noqa: ANN401 (parsed JSON)
    """Read parsed PROJJSON; what does not fit raises KeyError and the like."""
    for _ in range(DEEPEST):
        kind = document["type"]
        if kind == "CompoundCRS":
            document = document["components"][0]
        elif kind == "BoundCRS":
            document = document["source_crs"]
    projected = document["type"] == "ProjectedCRS"
    base = document["base_crs"] if projected else document
    if not projected:
        _require(document["type"] in ("GeographicCRS", "GeodeticCRS"), str(document["type"]))
    datum = base.get("datum") or base["datum_ensemble"]
    ellipsoid = datum["ellipsoid"]
    meridian = datum.get("prime_meridian", {"longitude": 0})["longitude"]
    _require(meridian == 0, "prime_meridian")
    axes = document["coordinate_system"]["axis"]
    _require(all(each["unit"] == ("metre" if projected else "degree") for each in axes[:2]), "unit")
    method: str = ""
    parameters: dict[str, float] = {}
    if projected:
        conversion = document["conversion"]
        given = [(each["name"], _in_unit(each)) for each in conversion["parameters"]]
        method, parameters = _projection(conversion["method"]["name"], given)
    semi_major = float(ellipsoid.get("semi_major_axis", ellipsoid.get("radius", 0)))
    flattening = ellipsoid.get("inverse_flattening")
    if flattening is None:
        semi_minor = float(ellipsoid.get("semi_minor_axis", semi_major))
        flattening = 0.0 if semi_minor == semi_major else semi_major / (semi_major - semi_minor)
    own = document.get("id", {})
    code = _whole(own["code"]) if str(own.get("authority", "")).upper() == "EPSG" else None
    return Definition(
        str(document["name"]),
        (str(datum["name"]), str(base["name"])),
        semi_major,
        float(flattening),
        method,
        parameters,
        code,
    )


def _in_unit(parameter: Mapping[str, Any]) -> float:
    """Give the value of a parameter in degrees, metres or one."""
    _require(parameter.get("unit") in ("degree", "metre", "unity"), str(parameter.get("unit")))
    return float(parameter["value"])


def plain_name(name: str) -> str:
    """Write a name as names are compared: letters and digits in lower case, no accents."""
    flat = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in flat if char.isascii() and char.isalnum())


def _require(fits: bool, what: str) -> None:  # noqa: FBT001 (an assertion)
    """Refuse what no accepted system has."""
    if not fits:
        raise unreadable(what)
