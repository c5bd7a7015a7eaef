"""Editing one value by hand: what a field accepts, and who is named as the value's source."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry.base import BaseGeometry

from geomap.data.store.bodies import GEOMETRY, PROVENANCE
from geomap.errors import ParameterError
from geomap.model.table import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomap.model.table import Field, GeometryKind, Kind, Table

_OUTLINES = ("Polygon", "MultiPolygon")
_GEOMETRIES: Mapping[GeometryKind, tuple[str, ...]] = {
    "point": ("Point",),
    "polygon": _OUTLINES,
    "any": ("Point", "MultiPoint", *_OUTLINES),
}


def checked(table: Table, name: str, value: object) -> Any:  # noqa: ANN401 (a field may hold anything)
    """Check a new value of a field and give it as JSON takes it.

    Parameters
    ----------
    table : whose field it is.
    name : of the field, or ``geometry`` (WGS-84 degrees).
    value : of the field's kind; None for unknown.

    Raises
    ------
    ParameterError : if the field is unknown, may not be changed, or does not take the value.

    Examples
    --------
    >>> from geomap.model.facility import FACILITIES
    >>> checked(FACILITIES, "opened_on", date(2024, 5, 1))
    '2024-05-01'
    >>> checked(FACILITIES, "beds_total", -1)
    Traceback (most recent call last):
    geomap.errors.ParameterError: beds_total must be at least 0, got -1
    """
    if name == GEOMETRY:
        return _checked_geometry(table, value)
    field = table.by_name.get(name)
    if field is None or name in ("id", PROVENANCE):
        raise ParameterError(f"{table.name} have no field {name!r} that may be edited")
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        if field.required:
            raise ParameterError(f"{name} must be known, got nothing")
        return None
    expected, accepts = _KINDS[field.kind]
    if not accepts(value):
        raise ParameterError(f"{name} must be {expected}, got {value!r}")
    _check_bounds(field, value)
    return _as_json(field, value)


def sourced(record: Mapping[str, Any], name: str, entry: Mapping[str, Any] | None) -> str | None:
    """Write a record's sources of values with that of one field replaced, or removed.

    Examples
    --------
    >>> sourced({}, "phone", {"source": "家属反馈", "verified_on": "2026-03-01"})
    '{"phone": {"source": "家属反馈", "verified_on": "2026-03-01"}}'
    >>> sourced({"provenance": '{"phone": {}}'}, "phone", None) is None
    True
    """
    sources = json.loads(record.get("provenance") or "{}")
    sources.pop(name, None)
    if entry is not None:
        sources[name] = dict(entry)
    return json.dumps(sources, ensure_ascii=False) if sources else None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))


def _is_text(value: object) -> bool:
    """Whether this is text that can be written: half of a surrogate pair cannot."""
    return isinstance(value, str) and not any("\ud800" <= each <= "\udfff" for each in value)


def _are_texts(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_text, value))


def _is_day(value: object) -> bool:
    """Whether this is a day; pandas' NaT calls itself one."""
    return isinstance(value, date) and value == value  # noqa: PLR0124 (NaT does not)


_KINDS: Mapping[Kind, tuple[str, Callable[[object], bool]]] = {
    "text": ("text", _is_text),
    "phone": ("text", _is_text),
    "url": ("text", _is_text),
    "code": ("text", _is_text),
    "choice": ("one of its choices", _is_text),
    "choices": ("a list of its choices", _are_texts),
    "integer": ("a whole number", _is_whole),
    "number": ("a number", _is_number),
    "date": ("a date", _is_day),
    "yes_no": ("True or False", lambda value: isinstance(value, bool)),
}


def _check_bounds(field: Field, value: Any) -> None:  # noqa: ANN401 (of the field's kind)
    """Refuse what is out of range or not among the choices."""
    if field.kind in ("integer", "number") and abs(value) > LARGEST:
        raise ParameterError(f"{field.name} must be at most {LARGEST:g}, got a larger number")
    if field.minimum is not None and value < field.minimum:
        raise ParameterError(f"{field.name} must be at least {field.minimum:g}, got {value}")
    if field.maximum is not None and value > field.maximum:
        raise ParameterError(f"{field.name} must be at most {field.maximum:g}, got {value}")
    chosen = {"choice": [value], "choices": value}.get(field.kind, [])
    foreign = [each for each in chosen if each not in field.choices]
    if foreign:
        allowed = ", ".join(field.choices)
        raise ParameterError(f"{field.name} must be among {allowed}, got {', '.join(foreign)}")


def _as_json(field: Field, value: Any) -> Any:  # noqa: ANN401 (of the field's kind)
    """Write a checked value as records keep it."""
    if field.kind == "date":
        return value.isoformat()[:10]
    if field.kind == "choices":
        return list(value)
    return float(value) if field.kind == "number" else value


def _checked_geometry(table: Table, value: object) -> str | None:
    """Check a geometry and write it as text; None and empty are no location."""
    if value is None or (isinstance(value, BaseGeometry) and value.is_empty):
        return None
    kinds = _GEOMETRIES[table.geometry]
    if not isinstance(value, BaseGeometry) or value.geom_type not in kinds:
        raise ParameterError(f"geometry must be a {' or '.join(kinds).lower()}, got {value!r}")
    west, south, east, north = value.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004 (degrees)
        raise ParameterError(f"geometry must be in degrees, got {value!r}")
    return str(shapely.to_wkt(shapely.force_2d(value), rounding_precision=-1))
