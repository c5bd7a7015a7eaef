"""What the API may be asked: parameters parsed and documented by the same classes.

A parameter that is unknown, repeated, empty or out of range is refused with its name, what
came and what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, cast

from apiflask import Schema
from marshmallow import RAISE, ValidationError, fields, post_load, pre_load, validate

from geomap.find.filters import GROUPS, NOT_KNOWN, Group
from geomap.model.facility import TYPES
from geomap.web.problems import Fault, RefusedParametersError
from geomap.web.query import (
    FILTERS,
    LARGEST_LIMIT,
    LONGEST_TEXT,
    bounding_box,
    choices,
    decimal,
    division_code,
    facility_types,
    one_language,
    plain_text,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CODE = r"^[1-9][0-9](?:[0-9]{2}){0,2}(?:[0-9]{3}){0,2}$"


class _Reading:
    """A field that reads its text by a function of this module."""

    def __init__(
        self, read: Callable[[Any], object], *arguments: object, **options: object
    ) -> None:
        self.read = read
        super().__init__(*arguments, **options)

    def _deserialize(self, value: object, *_: object, **__: object) -> Any:  # noqa: ANN401 (what the function gives)
        """Read the text; a refusal becomes marshmallow's."""
        try:
            return self.read(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class _WholeField(_Reading, fields.Integer):
    """Documented as an integer."""


class _DecimalField(_Reading, fields.Float):
    """Documented as a number."""


class _TextField(_Reading, fields.String):
    """Documented as a string."""


class _ListField(_Reading, fields.List[str]):
    """Documented as an array."""


def _meta(description: str) -> dict[str, str]:
    """Describe a parameter for OpenAPI."""
    return {"description": description}


def _degrees(bound: int, word: str) -> _DecimalField:
    """Make a required coordinate."""
    read = partial(decimal, minimum=-bound, maximum=bound)
    span = validate.Range(min=-bound, max=bound)
    return _DecimalField(
        read, required=True, validate=span, metadata=_meta(f"{word}, degrees, WGS 84")
    )


def _clamped(text: str, *, most: int) -> int:
    """Read a whole number from 1 on, at most `most`."""
    return min(whole(text, minimum=1), most)


def _limit(default: int, most: int) -> _WholeField:
    """Make the number of rows to answer."""
    return _WholeField(
        partial(_clamped, most=most),
        load_default=default,
        validate=validate.Range(min=1),
        metadata=_meta(f"Rows to answer; above {most:,} it is clamped"),
    )


def _types() -> _ListField:
    """Make the types of facility."""
    kind = fields.String(validate=validate.OneOf(list(TYPES)))
    said = _meta("Facility types, repeated or separated by commas")
    return _ListField(facility_types, kind, load_default=(), metadata=said)


def _words(description: str, **options: Any) -> _TextField:  # noqa: ANN401 (marshmallow's own options)
    """Make a text to look for."""
    length = validate.Length(min=1, max=LONGEST_TEXT)
    return _TextField(plain_text, validate=length, metadata=_meta(description), **options)


class _Query(Schema):
    """Query parameters that are refused, all at once, where they are not exactly as documented."""

    error_messages = {"unknown": "is not a parameter here"}  # noqa: RUF012 (marshmallow's own attribute)
    result: type

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE

    lang = _TextField(
        one_language,
        load_default=None,
        validate=validate.OneOf(["zh", "en"]),
        metadata=_meta("Language of labels; else by Accept-Language"),
    )

    @pre_load
    def refuse_repeats(self, data: Any, **_: object) -> Any:  # noqa: ANN401 (webargs' own view of the arguments)
        """Refuse a single parameter that came twice: which one counts is a guess."""
        repeated = {
            name: [f"must be given once, got {len(values)} values"]
            for name, values in data.data.lists()
            if len(values) > 1 and not isinstance(self.fields.get(name), fields.List)
        }
        if repeated:
            raise ValidationError(repeated)
        return data

    @post_load
    def freeze(self, data: Mapping[str, Any], **_: object) -> object:
        """Make the typed query."""
        return self.result(**{name: value for name, value in data.items() if name != "lang"})

    def handle_error(self, error: ValidationError, data: object, **_: object) -> NoReturn:  # noqa: ARG002 (marshmallow's signature)
        """Report every fault in the one shape of :mod:`geomap.web.problems`."""
        known = ", ".join(self.fields)
        faults: list[Fault] = []
        for name, messages in _messages(error).items():
            said = " ".join(str(each) for each in messages)
            if name not in self.fields:
                said = f"is not a parameter here; known are {known}"
            faults.append({"parameter": str(name), "detail": said})
        raise RefusedParametersError(faults)


def _messages(error: ValidationError) -> dict[str, Any]:
    """Give the messages by parameter."""
    return cast("dict[str, Any]", error.normalized_messages())  # type: ignore[no-untyped-call]  # marshmallow leaves it untyped


class _Filtered(_Query):
    """Parameters of the filters: one for each group, repeated or separated by commas."""

    @post_load
    def freeze(self, data: Mapping[str, Any], **_: object) -> object:
        """Make the typed query, its filters gathered."""
        filters = {name: data[name] for name in FILTERS if data[name]}
        rest = {name: value for name, value in data.items() if name not in (*FILTERS, "lang")}
        return self.result(**rest, filters=filters)


def _filter(group: Group) -> _ListField:
    """Make the parameter of one group."""
    offered = ", ".join([*group.choices, NOT_KNOWN])
    said = f"{group.label.en}: {offered}; {'any' if group.needs == 'any' else 'all'} of those given"
    return _ListField(
        partial(choices, group=group), fields.String(), load_default=(), metadata=_meta(said)
    )


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


@_with_filters
class FacilitiesParameters(_Filtered):
    """Parameters of the facility list."""

    result = FacilitiesQuery
    bbox = _TextField(
        bounding_box, load_default=None, metadata=_meta("west,south,east,north in degrees, WGS 84")
    )
    type = _types()
    q = _words("Words to look for in names", load_default=None)
    adcode = _TextField(
        division_code,
        load_default=None,
        validate=validate.Regexp(_CODE),
        metadata=_meta("Division code, or its beginning: 31 is Shanghai"),
    )
    limit = _limit(100, LARGEST_LIMIT)
    offset = _WholeField(
        partial(whole, minimum=0),
        load_default=0,
        validate=validate.Range(min=0),
        metadata=_meta("Rows to skip"),
    )


@dataclass(frozen=True)
class NearestQuery:
    """From where, how many, of what type, how far."""

    lon: float
    lat: float
    k: int
    type: tuple[str, ...]
    max_distance_m: float | None
    filters: Mapping[str, tuple[str, ...]]


@_with_filters
class NearestParameters(_Filtered):
    """Parameters of the nearest facilities."""

    result = NearestQuery
    lon = _degrees(180, "Longitude")
    lat = _degrees(90, "Latitude")
    k = _limit(10, LARGEST_LIMIT)
    type = _types()
    max_distance_m = _DecimalField(
        partial(decimal, minimum=0, maximum=20_100_000),
        load_default=None,
        validate=validate.Range(min=0, max=20_100_000),
        metadata=_meta("Greatest straight-line distance, metres, the edge included"),
    )


@dataclass(frozen=True)
class SearchQuery:
    """What to look for."""

    q: str
    limit: int


class SearchParameters(_Query):
    """Parameters of the search."""

    result = SearchQuery
    q = _words("Name of a facility or place, address or code", required=True)
    limit = _limit(20, 100)


class NoParameters(_Query):
    """No parameters besides the language."""

    result = dict
