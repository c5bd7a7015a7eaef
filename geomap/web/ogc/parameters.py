"""What the items of a collection may be asked: place, days, page, system, and each property."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from marshmallow import fields, validate

from geomap.model.crs import OFFERED, offered_box
from geomap.model.table import LARGEST
from geomap.web.api.fields import (
    DecimalField,
    Query,
    TextField,
    WholeField,
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
            f" got {','.join(f'{each:g}' for each in box)}",
        }])  # fmt: skip
    return sides


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
        return TextField(str, validate=validate.OneOf(list(told.choices)), **about)
    if told.kind == "yes_no":
        return fields.Boolean(truthy={"true"}, falsy={"false"}, **about)
    if told.kind == "integer":
        return WholeField(partial(whole, minimum=0), validate=validate.Range(min=0), **about)
    if told.kind == "number":
        bounds = validate.Range(min=-LARGEST, max=LARGEST)
        read = partial(decimal, minimum=-LARGEST, maximum=LARGEST)
        return DecimalField(read, validate=bounds, **about)
    if told.kind == "date":
        about["metadata"]["format"] = "date"
        return TextField(_read_day, **about)
    return TextField(str, validate=validate.Length(min=1, max=LONGEST_TEXT), **about)


def _read_day(text: str) -> Any:  # noqa: ANN401 (a timestamp)
    """Read a day as the frames hold it."""
    import pandas as pd

    try:
        return pd.Timestamp(date.fromisoformat(text))
    except ValueError as error:
        raise ValueError(f"must be a day such as 2026-01-31, got {text[:40]!r}") from error
