"""What requests may ask: strict, bounded parameters, parsed and documented by the same classes.

A parameter that is unknown, repeated, empty or out of range is refused with its name, what
came and what is allowed. Digits are ASCII digits: Python's own ``int`` takes ``٣`` and ``1_0``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, cast

from apiflask import Schema
from marshmallow import RAISE, ValidationError, fields, post_load, pre_load, validate

from geomap.errors import ParameterError
from geomap.find.adcodes import code_range
from geomap.model.facility import TYPES
from geomap.web.problems import Fault, RefusedParametersError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: A longer text is no name, place or address.
LONGEST_TEXT = 200
#: A larger limit is clamped to this.
LARGEST_LIMIT = 10_000
_WHOLE = re.compile(r"[0-9]{1,30}", re.ASCII)
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII
)
_SIDES = 4
_SHOWN = 40
_CODE = r"^[1-9][0-9](?:[0-9]{2}){0,2}(?:[0-9]{3}){0,2}$"


def whole(text: str, *, minimum: int, maximum: int | None = None) -> int:
    """Read a whole number in ASCII digits.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> whole("12", minimum=1)
    12
    >>> whole("٣", minimum=1)
    Traceback (most recent call last):
    ValueError: must be a whole number of at least 1, got '٣'
    """
    span = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    if _WHOLE.fullmatch(text):
        number = int(text)
        if number >= minimum and (maximum is None or number <= maximum):
            return number
    raise ValueError(f"must be a whole number {span}, got {_shown(text)}")


def decimal(text: str, *, minimum: float, maximum: float) -> float:
    """Read a decimal number in ASCII digits; never nan or infinity.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> decimal("121.45", minimum=-180, maximum=180)
    121.45
    >>> decimal("nan", minimum=-180, maximum=180)
    Traceback (most recent call last):
    ValueError: must be a number from -180 to 180, got 'nan'
    """
    if _DECIMAL.fullmatch(text):
        number = float(text)
        if math.isfinite(number) and minimum <= number <= maximum:
            return number
    raise ValueError(f"must be a number from {minimum:g} to {maximum:g}, got {_shown(text)}")


def facility_types(texts: Sequence[str]) -> tuple[str, ...]:
    """Read facility types, repeated or separated by commas, in the order of the table.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> facility_types(["street_center,nursing_home", "nursing_home"])
    ('nursing_home', 'street_center')
    """
    named = [each.strip() for text in texts for each in text.split(",")]
    for each in named:
        if each not in TYPES:
            raise ValueError(f"must be among {', '.join(TYPES)}, got {_shown(each)}")
    return tuple(kind for kind in TYPES if kind in named)


def bounding_box(text: str) -> tuple[float, float, float, float]:
    """Read ``west,south,east,north`` in degrees; west may exceed east across the antimeridian.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> bounding_box("116,39.5,117,40.5")
    (116.0, 39.5, 117.0, 40.5)
    """
    parts = text.split(",")
    if len(parts) != _SIDES:
        raise ValueError(f"must be west,south,east,north in degrees, got {_shown(text)}")
    west, east = (decimal(parts[i].strip(), minimum=-180, maximum=180) for i in (0, 2))
    south, north = (decimal(parts[i].strip(), minimum=-90, maximum=90) for i in (1, 3))
    if south > north:
        raise ValueError(f"must have south at or below north, got {_shown(text)}")
    return west, south, east, north


def _shown(text: str) -> str:
    """Quote what came, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def plain_text(text: str) -> str:
    """Read a text of 1 to 200 characters without control characters, spaces around it cut.

    Raises
    ------
    ValueError : with what came and what is allowed.

    Examples
    --------
    >>> plain_text(" 静安区 ")
    '静安区'
    """
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise ValueError(f"must have 1 to {LONGEST_TEXT} characters, got {len(text)}")
    if not text.isprintable():
        raise ValueError("must not hold control characters")
    return text


def division_code(text: str) -> str:
    """Read a Chinese division code or its beginning.

    Raises
    ------
    ValueError : with what came and what is allowed.
    """
    try:
        code_range(text)
    except ParameterError as error:
        said = "must be a division code of 2, 4, 6, 9 or 12 digits such as 310106"
        raise ValueError(f"{said}, got {_shown(text)}") from error
    return text


def one_language(text: str) -> str:
    """Read the language of an answer.

    Raises
    ------
    ValueError : with what came and what is allowed.
    """
    if text not in ("zh", "en"):
        raise ValueError(f"must be zh or en, got {_shown(text)}")
    return text


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


@dataclass(frozen=True)
class FacilitiesQuery:
    """Which facilities to list."""

    bbox: tuple[float, float, float, float] | None
    type: tuple[str, ...]
    q: str | None
    adcode: str | None
    limit: int
    offset: int


class FacilitiesParameters(_Query):
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


class NearestParameters(_Query):
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
