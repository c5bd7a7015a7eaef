"""What the API may be asked about facilities: lists, the nearest, a search."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from marshmallow import fields, post_load, validate

from geomap.find.filters import GROUPS, NOT_KNOWN, Group
from geomap.web.api.fields import (
    DecimalField,
    ListField,
    Query,
    TextField,
    described,
    form_field,
    labelled,
    limit_field,
    number,
    offset_field,
    types_field,
    words_field,
)
from geomap.web.problems import contradiction
from geomap.web.query import FILTERS, LARGEST_LIMIT, choices, corners, decimal, division_code

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Groups whose choices depend on the data take so many values, and the unknown.
_LEAST_VALUES = 3
_CODE = r"^[1-9][0-9]([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"


def _degrees(bound: int, word: str) -> DecimalField:
    """Make a required coordinate."""
    read = partial(decimal, minimum=-bound, maximum=bound)
    span = validate.Range(min=-bound, max=bound)
    return DecimalField(
        read,
        required=True,
        error_messages={"required": f"must be given: {word.lower()}, -{bound} to {bound} degrees"},
        validate=span,
        metadata=described(f"{word}, degrees, WGS 84"),
    )


class _Filtered(Query):
    """Parameters of the filters: one for each group, repeated or separated by commas."""

    f = form_field()

    @post_load
    def freeze(self, data: Mapping[str, Any], **_: object) -> object:
        """Make the typed query, its filters gathered."""
        filters = {name: data[name] for name in FILTERS if data[name]}
        rest = {name: value for name, value in data.items() if name not in (*FILTERS, "lang")}
        return self.result(**rest, filters=filters)


def _filter(group: Group) -> ListField:
    """Make the parameter of one group."""
    offered = ", ".join(filter(None, (labelled(group.choices), group.besides)))
    said = (
        f"{group.label.en} ({group.label.zh}): {offered}, or {NOT_KNOWN}; facilities that fit"
        f" {group.needs} of those given"
    )
    most = max(len(group.choices), _LEAST_VALUES) + 1
    return ListField(partial(choices, group=group), fields.String(), said, most=most)


def _with_filters(schema: type[_Filtered]) -> type[_Filtered]:
    """Give a schema the parameters of all groups."""
    extra = {name: _filter(GROUPS[name]) for name in FILTERS}
    return cast(
        "type[_Filtered]", type(schema.__name__, (schema,), {**extra, "__doc__": schema.__doc__})
    )


@dataclass(frozen=True)
class FacilitiesQuery:
    """Which facilities to list."""

    bbox: tuple[float, float, float, float] | None
    type: tuple[str, ...]
    q: str | None
    adcode: str | None
    limit: int
    offset: int
    filters: Mapping[str, tuple[str, ...]]
    f: str | None = None


@_with_filters
class FacilitiesParameters(_Filtered):
    """Parameters of the facility list."""

    result = FacilitiesQuery
    bbox = TextField(
        corners,
        load_default=None,
        metadata=described(
            "west,south,east,north in degrees, WGS 84; west may exceed east across 180°"
        ),
    )
    type = types_field()
    q = words_field("Words to look for in names", load_default=None)
    adcode = TextField(
        division_code,
        load_default=None,
        validate=validate.Regexp(_CODE),
        metadata=described("Division code, or its beginning: 31 is Shanghai"),
    )
    limit = limit_field(100, LARGEST_LIMIT)
    offset = offset_field()

    @post_load
    def freeze(self, data: Mapping[str, Any], **more: object) -> object:
        """Make the typed query; a box that is upside down is none."""
        box = data["bbox"]
        if box is not None and box[1] > box[3]:
            raise contradiction(
                f"must have south at or below north, got {box[1]:g} and {box[3]:g}", "bbox"
            )
        return super().freeze(data, **more)


@dataclass(frozen=True)
class NearestQuery:
    """From where, how many, of what type, how far."""

    lon: float
    lat: float
    k: int
    type: tuple[str, ...]
    max_distance_m: float | None
    filters: Mapping[str, tuple[str, ...]]
    f: str | None = None


@_with_filters
class NearestParameters(_Filtered):
    """Parameters of the nearest facilities."""

    result = NearestQuery
    lon = _degrees(180, "Longitude")
    lat = _degrees(90, "Latitude")
    k = limit_field(10, LARGEST_LIMIT)
    type = types_field()
    max_distance_m = number(
        0, 20_100_000, "Greatest straight-line distance, metres, the edge included", None
    )


@dataclass(frozen=True)
class SearchQuery:
    """What to look for."""

    q: str
    limit: int


class SearchParameters(Query):
    """Parameters of the search."""

    result = SearchQuery
    q = words_field(
        "Name of a facility or place, address or code",
        required=True,
        error_messages={"required": "must be given: a name, address or code"},
    )
    limit = limit_field(20, 100)
