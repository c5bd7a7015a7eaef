"""The parameters of API version 1 as OpenAPI tells them: exactly what their fields accept.

A field documents its kind and bounds. What it cannot say is told here by pattern, so that a
program that keeps to the definition is not refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geomap.find.filters import GROUPS, NOT_KNOWN
from geomap.model.facility import TYPES
from geomap.plan.discs import MOST_M
from geomap.web.plan.ask import MOST_MINUTES
from geomap.web.query import LONGEST_TEXT
from geomap.web.siting.ask import MOST_P

if TYPE_CHECKING:
    from collections.abc import Mapping

    Document = dict[str, Any]

_CONTROL: Final = r"\u0000-\u001f\u007f-\u009f"
_SPACES: Final = r"\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_LON: Final = r"-?(180(\.0{1,9})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,15})?)"
_LAT: Final = r"-?(90(\.0{1,9})?|[1-8]?[0-9](\.[0-9]{1,15})?)"
_WORDS: Final = {
    "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT,
    "pattern": f"^[^{_CONTROL}]*[^{_CONTROL}{_SPACES}][^{_CONTROL}]*$",
}  # fmt: skip
#: As ids are made when files are read, and longer by the digest that a repeated one gets.
_ID: Final = {"type": "string", "minLength": 1, "maxLength": 80,
              "pattern": "^[A-Za-z0-9_~][A-Za-z0-9._~-]*$"}  # fmt: skip
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[a-z0-9_-]+$"}
_SCHEME: Final = f"[^|,{_CONTROL}{_SPACES}]{{1,60}}"
#: What groups understand besides their choices.
_PATTERNS: Final = {
    "price": f"^({NOT_KNOWN}|[1-9][0-9]{{0,5}}|1000000)$",
    "rating": rf"^({NOT_KNOWN}|unrated|{_SCHEME}\|[1-5])$",
}


def _by_type(number: Mapping[str, Any], pattern: str) -> Document:
    """Tell a number, or one for each of several types."""
    kinds = "|".join(TYPES)
    return {"items": {"anyOf": [
        number, {"type": "string", "pattern": f"^({kinds}):{pattern}$"},
    ]}}  # fmt: skip


#: What fields of text do not say of themselves, by the name of the parameter.
_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "q": _WORDS, "area": _ID, "pack": _NAME, "capacity": _NAME,
    "required": {"items": _ID}, "excluded": {"items": _ID},
    "bbox": {"type": "string", "pattern": f"^{_LON},{_LAT},{_LON},{_LAT}$"},
    "number": _ID, "facility_id": _ID,
    "p": _by_type({"type": "integer", "minimum": 1, "maximum": MOST_P}, "[1-9][0-9]{0,3}"),
}  # fmt: skip
#: On siting these may be told for each type.
_OF_SITES: Final[Mapping[str, Mapping[str, Any]]] = {
    "standard_m": _by_type({"type": "number", "minimum": 1, "maximum": MOST_M}, "[1-9][0-9]{0,4}"),
    "minutes": _by_type({"type": "number", "minimum": 0.1, "maximum": MOST_MINUTES}, "[1-9][0-9]?"),
}
_IN_PATHS: Final = {
    "facility_id": "Id of a facility, as lists give it",
    "number": "Id of a job or a scenario, as answers give it",
}
_EXAMPLES: Final[Mapping[str, object]] = {
    "lon": 121.45, "lat": 31.23, "k": 3, "max_distance_m": 5000, "type": ["nursing_home"],
    "bbox": "121.4,31.1,121.6,31.3", "adcode": "310106", "q": "静安", "limit": 10, "offset": 0,
    "beds": ["free"], "lang": "en", "f": "geojson", "standard_m": 1000, "weight": "population",
    "p": [1], "model": "mclp", "facility_id": "a", "number": "1",
}  # fmt: skip


def parameter(told: Document, *, sites: bool) -> Document:
    """Say of a parameter what its field does not, with an example.

    Parameters
    ----------
    told : what apispec wrote of it.
    sites : whether it is of siting.
    """
    name = told["name"]
    schema = _plain(told["schema"])
    chosen = schema.get("type") == "array"
    if chosen and name in GROUPS and name != "type":
        schema = {**schema, "items": _choices(name)}
    found = {**schema, **_SCHEMAS.get(name, {}), **(_OF_SITES.get(name, {}) if sites else {})}
    if found.get("type") == "array":
        found.pop("default", None)
    example = None if name in GROUPS and not chosen else _EXAMPLES.get(name)
    if sites and name in _OF_SITES and example is not None:
        example = [example]
    shown = {} if example is None else {"example": example}
    about = {"description": _IN_PATHS[name]} if told["in"] == "path" else {}
    kept = {each: told[each] for each in told if each != "schema"}
    return {**kept, **about, "schema": found, **shown}


def _plain(schema: Document) -> Document:
    """Take out what marshmallow says of absent parameters: absent is not null."""
    plain = {name: value for name, value in schema.items() if name != "nullable"}
    if plain.get("default", ...) is None:
        del plain["default"]
    if "enum" in plain:
        plain["enum"] = [each for each in plain["enum"] if each is not None]
    if isinstance(plain.get("type"), list):
        plain["type"] = next(each for each in plain["type"] if each != "null")
    return plain


def _choices(name: str) -> Document:
    """Tell what may be chosen in a group of filters."""
    if name in _PATTERNS:
        return {"type": "string", "pattern": _PATTERNS[name]}
    return {"type": "string", "enum": [*GROUPS[name].choices, NOT_KNOWN]}
