"""The documents of API version 1 as JSON Schema 2020-12, for OpenAPI.

Every member that an answer has is told. Others may come within version 1, so that the schemas of
what we write ourselves are open; the tests close them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geomap.model.facility import FACILITIES
from geomap.web.api.fields import labelled
from geomap.web.api.openapi_parts import (
    ADDRESS,
    COUNT,
    NUMBER,
    TEXT,
    YES_NO,
    array_of,
    choice_of,
    collection,
    feature,
    object_of,
    or_null,
    reference,
    said,
)
from geomap.web.api.openapi_plan_schemas import plan_schemas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.model.table import Field

    Document = dict[str, Any]

_KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "integer": {"type": "integer"}, "number": NUMBER, "yes_no": YES_NO,
    "date": {"type": "string", "format": "date"},
}  # fmt: skip


def schemas() -> Document:
    """Write every schema, by its name."""
    return {
        "Problem": _problem(), "Link": _link(), "Point": _point(), "Polygon": _polygon(),
        "Facility": feature(object_of(**_facility()), reference("Point")),
        "NearFacility": feature(object_of(**_near()), reference("Point")),
        "Facilities": collection("Facility", links=array_of(reference("Link"))),
        "NearFacilities": collection("NearFacility", links=array_of(reference("Link"))),
        "Found": _found(), **plan_schemas(),
    }  # fmt: skip


def of_field(field: Field) -> Document:
    """Write a column as a schema; what is not known is null."""
    told: Document = {"description": _described(field)}
    if field.choices:
        told["description"] += f": {labelled(field.choices)}"
    if field.kind == "choices":
        items = {"type": "string", "enum": list(field.choices)}
        return told | {"type": ["array", "null"], "items": items}
    if field.name == "provenance":
        return told | {"type": ["object", "null"], "additionalProperties": _source()}
    own = dict(_KINDS.get(field.kind, TEXT))
    if field.choices:
        own["enum"] = list(field.choices)
    if field.minimum is not None:
        own["minimum"] = field.minimum
    if field.maximum is not None:
        own["maximum"] = field.maximum
    return told | (own if field.required else or_null(own))


def _described(field: Field) -> str:
    unit = "" if field.unit is None else f", {field.unit.en}"
    return f"{field.label.en}{unit} ({field.label.zh})"


def _source() -> Document:
    return {"type": "object", "additionalProperties": {"type": ["string", "null"]}}


def _facility() -> Document:
    return {each.name: of_field(each) for each in FACILITIES.fields}


def _near() -> Document:
    metres = {"type": "number", "minimum": 0, "description": "Straight line, geodesic metres"}
    return _facility() | {"distance_m": metres}


def _problem() -> Document:
    fault = object_of(parameter=TEXT, detail=said(TEXT, "What came, and what is allowed"))
    told = object_of(
        type=TEXT, title=said(TEXT, "The status in words"), status={"type": "integer"},
        detail=said(TEXT, "What is wrong, and what to do"),
        maybe={"instance": said(TEXT, "The path that was asked"), "errors": array_of(fault),
               "code": said(TEXT, "Of a fault on our side: it stands in our log too")},
    )  # fmt: skip
    return said(told, "RFC 9457; `errors` names every parameter that is at fault")


def _link() -> Document:
    return object_of(rel=choice_of(["self", "next", "prev"]), type=TEXT, href=ADDRESS)


def _position() -> Document:
    return {"type": "array", "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -90, "maximum": 90},
    ], "items": NUMBER, "minItems": 2, "maxItems": 2}  # fmt: skip


def _point() -> Document:
    kind = choice_of(["Point"])
    return object_of(type=kind, coordinates=_position())


def _polygon() -> Document:
    """Write a polygon, or several: rings of positions."""
    ring = array_of(_position())
    one = object_of(type=choice_of(["Polygon"]), coordinates=array_of(ring))
    many = object_of(type=choice_of(["MultiPolygon"]),
                   coordinates=array_of(array_of(ring)))  # fmt: skip
    return {"oneOf": [one, many]}


def _found() -> Document:
    kind = choice_of(["facility", "place", "address"])
    span = {"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}
    hit = object_of(
        kind=kind, id=or_null(TEXT), name=TEXT,
        label=said(TEXT, "The name and where it is, to be shown"), lon=or_null(NUMBER),
        lat=or_null(NUMBER),
        precision=said(or_null(TEXT), "How well it is located: point, address, township, county"),
        score=said(NUMBER, "The greater, the better it fits"),
        matched=said(array_of(span), "From which to before which letter of the name was matched"),
    )  # fmt: skip
    preparing = said(YES_NO, "Some names are not indexed yet: ask again")
    return object_of(results=array_of(hit), maybe={"preparing": preparing})
