"""What the items of a collection may be asked: place, days, page, system, and each property."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from marshmallow import validate

from geomap.model.crs import OFFERED, offered_box, offered_points
from geomap.model.table import LARGEST
from geomap.web.api.fields import (
    DecimalField,
    Query,
    TextField,
    WholeField,
    YesNoField,
    described,
    limit_field,
    offset_field,
    one_of,
)
from geomap.web.ogc.collections import filters_of
from geomap.web.ogc.days import read_days
from geomap.web.problems import RefusedParametersError
from geomap.web.query import LARGEST_LIMIT, LONGEST_TEXT, decimal, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marshmallow import fields

    from geomap.model.crs import Offered
    from geomap.model.table import Field
    from geomap.web.ogc.days import Days

    Box = tuple[float, float, float, float]

DEFAULT_LIMIT: Final = 100
FORMATS: Final = ("json", "html")
_FLAT, _HIGH = 4, 6
_BY_URI: Final = {each.uri: each for each in OFFERED}


@dataclass(frozen=True)
class ItemsQuery:
    """Which items are wanted, and how they are written.

    Parameters
    ----------
    bbox : west, south, east, north in degrees; west > east crosses 180°.
    days : of :data:`geomap.web.ogc.collections.DAY`.
    system : in which coordinates are written.
    given : values by property.
    """

    bbox: Box | None
    days: Days | None
    limit: int
    offset: int
    system: Offered
    given: Mapping[str, Any] = field(default_factory=dict)


def read_system(text: str) -> Offered:
    """Read the URI of a coordinate system.

    Raises
    ------
    ValueError : naming those that are offered.
    """
    if text not in _BY_URI:
        raise ValueError(f"must be one of {', '.join(_BY_URI)}, got {text[:80]!r}")
    return _BY_URI[text]


def read_box(text: str) -> tuple[float, ...]:
    """Read four numbers, or six with heights, which are left out.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> read_box("121,31,0,122,32,9")
    (121.0, 31.0, 122.0, 32.0)
    """
    parts = text.split(",")
    if len(parts) not in (_FLAT, _HIGH):
        raise ValueError(f"must be 4 numbers, or 6 with heights, got {text[:80]!r}")
    numbers = [decimal(each.strip(), minimum=-LARGEST, maximum=LARGEST) for each in parts]
    return tuple(numbers if len(numbers) == _FLAT else numbers[:2] + numbers[3:5])


def degrees_box(box: tuple[float, ...], system: Offered) -> Box:
    """Turn a box into degrees.

    Raises
    ------
    RefusedParametersError : if it is none on earth.
    """
    west, south, east, north = offered_box((box[0], box[1], box[2], box[3]), system)
    sides = (west, south, east, north)
    on_earth = all(map(math.isfinite, sides)) and min(west, east) >= -180  # noqa: PLR2004 (degrees)
    if not (on_earth and max(west, east) <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise RefusedParametersError([{
            "parameter": "bbox",
            "detail": f"must be a box on earth in {system.uri}, lower corner first,"
            f" {_span(system)}, got {','.join(repr(each).removesuffix('.0') for each in box)}",
        }])  # fmt: skip
    return sides


def _span(system: Offered) -> str:
    """Say from where to where the earth goes, in the axes and units of a system.

    Examples
    --------
    >>> _span(OFFERED[1])
    'within -90,-180,90,180'
    """
    corners = zip(*offered_points([-180, 180], [-90, 90], system), strict=True)
    return f"within {','.join(f'{each:.10g}' for corner in corners for each in corner)}"


class Shape(Query):
    """Parameters of documents that are always the same."""

    result = dict
    f = one_of(FORMATS, "json or html; else by Accept")


class JsonShape(Query):
    """Parameters of a document that has no page."""

    result = dict
    f = one_of(("json",), "json", "json")


class DefinitionShape(Shape):
    """Parameters of the definition."""

    version = one_of(("3.0", "3.1"), "Of OpenAPI; else by Accept, else 3.0")


class ItemShape(Shape):
    """Parameters of one item."""

    crs = TextField(
        read_system, load_default=OFFERED[0],
        metadata=described("URI of the system of the coordinates; else CRS84"),
    )  # fmt: skip


@cache
def items_schema(name: str) -> Query:
    """Make the parameters of a collection."""
    own = {
        "bbox": TextField(read_box, load_default=None, metadata=described(
            "Only what touches this box: 4 numbers in the axes of bbox-crs, or 6 with heights,"
            " which do not count")),
        "bbox-crs": TextField(read_system, load_default=OFFERED[0],
                              metadata=described("URI of the system of bbox; else CRS84")),
        "crs": TextField(read_system, load_default=OFFERED[0], metadata=described(
            "URI of the system of the coordinates; else CRS84")),
        "datetime": TextField(read_days, load_default=None, metadata=described(
            "A day, a time, or an interval with / and .. for an open end: when the row was"
            " verified; rows without such a day match any")),
        "limit": limit_field(DEFAULT_LIMIT, LARGEST_LIMIT), "offset": offset_field(),
    }  # fmt: skip
    asked = {each.name: _property(each) for each in filters_of(name)}
    kind = type("ItemsParameters", (Shape,), {**asked, **own, "__doc__": "Parameters of items."})
    made: Query = kind()
    return made


def read_items(name: str, values: Mapping[str, Any]) -> ItemsQuery:
    """Make the typed query of what the schema of a collection read."""
    box = values["bbox"]
    given = {each.name: values[each.name] for each in filters_of(name)}
    return ItemsQuery(
        bbox=None if box is None else degrees_box(box, values["bbox-crs"]),
        days=values["datetime"], limit=values["limit"], offset=values["offset"],
        system=values["crs"],
        given={each: value for each, value in given.items() if value is not None},
    )  # fmt: skip


def _property(told: Field) -> fields.Field[Any]:
    """Make the parameter of a property: only rows with exactly this value."""
    unit = f", {told.unit.en}" if told.unit else ""
    about: Any = {"load_default": None, "metadata": described(f"{told.label.en}{unit}")}
    if told.kind in ("choice", "choices"):
        return one_of(tuple(told.choices), about["metadata"]["description"])
    if told.kind == "yes_no":
        return YesNoField(_read_yes_no, **about)
    if told.kind == "integer":
        return WholeField(partial(whole, minimum=0), validate=validate.Range(min=0), **about)
    if told.kind == "number":
        bounds = validate.Range(min=-LARGEST, max=LARGEST)
        read = partial(decimal, minimum=-LARGEST, maximum=LARGEST)
        return DecimalField(read, validate=bounds, **about)
    if told.kind == "date":
        about["metadata"]["format"] = "date"
        return TextField(_read_day, **about)
    length = validate.Length(min=1, max=LONGEST_TEXT)
    return TextField(_read_exactly, validate=length, **about)


def _read_yes_no(text: str) -> bool:
    """Read true or false, as JSON writes them."""
    if text not in ("true", "false"):
        raise ValueError(f"must be true or false, got {text[:40]!r}")
    return text == "true"


def _read_exactly(text: str) -> str:
    """Take a text with its spaces: rows are to have exactly this one."""
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise ValueError(f"must have 1 to {LONGEST_TEXT} characters, got {len(text)}")
    return text


def _read_day(text: str) -> Any:  # noqa: ANN401 (a timestamp)
    """Read a day as the frames hold it; of the forms of ISO 8601 only that of JSON."""
    import pandas as pd

    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValueError(f"must be a day such as 2026-01-31, got {text[:40]!r}")
    return pd.Timestamp(day)
