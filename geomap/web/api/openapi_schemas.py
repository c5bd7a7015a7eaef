"""The documents of API version 1 as JSON Schema 2020-12, for OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geomap.model.facility import FACILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.model.table import Field

    Document = dict[str, Any]

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_YES_NO: Final = {"type": "boolean"}
_ADDRESS: Final = {"type": "string", "format": "uri"}
_ANY: Final[Mapping[str, Any]] = {"type": ["string", "number", "boolean", "null"]}
_KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "integer": {"type": "integer"}, "number": _NUMBER, "yes_no": _YES_NO,
    "date": {"type": "string", "format": "date"},
}  # fmt: skip


def reference(name: str) -> Document:
    """Point to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> Document:
    """Write every schema, by its name."""
    return {
        "Problem": _problem(), "Link": _link(), "Point": _point(), "Polygon": _polygon(),
        "Facility": _feature(_facility(), reference("Point"), named=True),
        "NearFacility": _feature(_near(), reference("Point"), named=True),
        "Facilities": _collection("Facility", links=_array(reference("Link"))),
        "NearFacilities": _collection("NearFacility", links=_array(reference("Link"))),
        "Found": _found(), "Standard": _standard(), "Cut": _cut(), "Counts": _counts(),
        "AreaCoverage": _area_coverage(), "Coverage": _coverage(),
        "Gap": _feature(_gap(), reference("Polygon")),
        "Gaps": _collection("Gap", **_told()),
        "Indicators": _feature(_indicators(), reference("Polygon")),
        "AreaIndicators": _collection("Indicators", **_told()),
        "Job": _job(), "Site": _feature(_site(), reference("Point"), named=True),
        "Sites": _sites(), "Scenario": _scenario(), "Scenarios": _scenarios(),
        "ScenarioWithChanges": _with_changes(), "Effect": _effect(),
    }  # fmt: skip


def of_field(field: Field) -> Document:
    """Write a column as a schema; what is not known is null."""
    told: Document = {"description": _described(field)}
    if field.kind == "choices":
        items = {"type": "string", "enum": list(field.choices)}
        return told | {"type": ["array", "null"], "items": items}
    if field.name == "provenance":
        return told | {"type": ["object", "null"], "additionalProperties": _source()}
    own = dict(_KINDS.get(field.kind, _TEXT))
    if field.choices:
        own["enum"] = [*field.choices, *([] if field.required else [None])]
    if field.minimum is not None:
        own["minimum"] = field.minimum
    if field.maximum is not None:
        own["maximum"] = field.maximum
    if not field.required:
        own["type"] = [own["type"], "null"]
    return told | own


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


def _object(*, rest: object = True, **properties: Any) -> Document:  # noqa: ANN401 (JSON Schema)
    """Write an object whose members are all there; others may come, of the kind of `rest`."""
    return {"type": "object", "required": list(properties), "properties": properties,
            "additionalProperties": rest}  # fmt: skip


def _array(items: object) -> Document:
    return {"type": "array", "items": items}


def _known(schema: Mapping[str, Any]) -> Document:
    """Let a value be null: not known."""
    return {**schema, "type": [schema["type"], "null"]}


def _problem() -> Document:
    fault = _object(parameter=_TEXT, detail=_TEXT)
    told = _object(type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT)
    more = {"instance": _TEXT, "errors": _array(fault), "code": _TEXT}
    about = "RFC 9457; `errors` names every parameter that is at fault"
    return told | {"properties": told["properties"] | more, "description": about}


def _link() -> Document:
    return _object(rel={"type": "string", "enum": ["self", "next", "prev"]}, type=_TEXT,
                   href=_ADDRESS)  # fmt: skip


def _position() -> Document:
    return {"type": "array", "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -90, "maximum": 90},
    ], "items": _NUMBER, "minItems": 2, "maxItems": 2}  # fmt: skip


def _point() -> Document:
    kind = {"type": "string", "enum": ["Point"]}
    return _object(type=kind, coordinates=_position())


def _polygon() -> Document:
    """Write a polygon, or several: rings of positions."""
    ring = _array(_position())
    one = _object(type={"type": "string", "enum": ["Polygon"]}, coordinates=_array(ring))
    many = _object(type={"type": "string", "enum": ["MultiPolygon"]},
                   coordinates=_array(_array(ring)))  # fmt: skip
    return {"oneOf": [one, many]}


def _feature(properties: Document, geometry: Document, *, named: bool = False) -> Document:
    """Write an RFC 7946 Feature; without a known place its geometry is null."""
    kind = {"type": "string", "enum": ["Feature"]}
    own = {"id": _TEXT} if named else {}
    return _object(
        type=kind, **own, geometry={"oneOf": [geometry, {"type": "null"}]},
        properties=_object(rest=_ANY if not named else True, **properties),
    )  # fmt: skip


def _collection(item: str, **more: Any) -> Document:  # noqa: ANN401 (JSON Schema)
    kind = {"type": "string", "enum": ["FeatureCollection"]}
    return _object(type=kind, numberMatched=_COUNT, numberReturned=_COUNT,
                   features=_array(reference(item)), **more)  # fmt: skip


def _found() -> Document:
    kind = {"type": "string", "enum": ["facility", "place", "address"]}
    span = {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2}
    hit = _object(
        kind=kind, id=_known(_TEXT), name=_TEXT, label=_TEXT, lon=_known(_NUMBER),
        lat=_known(_NUMBER), precision=_known(_TEXT), score=_NUMBER, matched=_array(span),
    )  # fmt: skip
    told = _object(results=_array(hit))
    told["properties"]["preparing"] = {
        "type": "boolean", "description": "Some names are not indexed yet: ask again"}  # fmt: skip
    return told


def _standard() -> Document:
    return _object(
        standard_m=_NUMBER, minutes=_known(_NUMBER), speed_mps=_NUMBER, weight=_known(_TEXT),
        types=_array(_TEXT), on=_known(_TEXT), pack=_known(_TEXT), rule=_known(_TEXT),
    )  # fmt: skip


def _cut() -> Document:
    told = _object(step=_TEXT, done=_COUNT, of=_COUNT)
    return told | {"description": "A step that did not end in its time"}


def _counts() -> Document:
    return {"type": "object", "additionalProperties": _COUNT}


def _told() -> Document:
    return {"standard": reference("Standard"), "cut": _array(reference("Cut")),
            "facilities": reference("Counts")}  # fmt: skip


def _area_coverage() -> Document:
    """Write what is told of the people of an area."""
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    named = {each: _known(_TEXT) for each in ("id", "name", "level", "adcode")}
    counted = {each: _known(_NUMBER) for each in ("people", "covered", "uncovered")}
    told = _object(**named, **counted, share=share, unknown_rows=_known(_NUMBER))
    return told | {"required": []}


def _coverage() -> Document:
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    return _object(
        **_told(), share=share, covered=_known(_NUMBER), uncovered=_known(_NUMBER),
        unknown_rows=_COUNT, without_place=_known(_NUMBER), without_place_rows=_COUNT,
        evenly=_YES_NO, numberMatched=_COUNT, numberReturned=_COUNT,
        by_area=_array(reference("AreaCoverage")),
    )  # fmt: skip


def _gap() -> Document:
    return {
        "area_km2": {"type": "number", "minimum": 0}, "population": _known(_NUMBER),
        "area_id": _known(_TEXT), "area_name": _known(_TEXT), "adcode": _known(_TEXT),
        "nearest_id": _known(_TEXT), "distance_m": _known(_NUMBER),
    }  # fmt: skip


def _indicators() -> Document:
    return {"id": _known(_TEXT), "name": _known(_TEXT), "level": _known(_TEXT),
            "adcode": _known(_TEXT)}  # fmt: skip


def _job() -> Document:
    states = ["queued", "running", "done", "failed", "cancelled", "interrupted"]
    share = {"type": "number", "minimum": 0, "maximum": 1}
    told = _object(
        id=_TEXT, state={"type": "string", "enum": states}, step=_TEXT, step_number=_COUNT,
        steps=_COUNT, share=share, seconds_left=_known(_NUMBER), message=_known(_TEXT),
    )  # fmt: skip
    told["properties"] |= {
        "result": _ADDRESS | {"description": "Where the answer is, once the state is done"},
        "objective": _known(_NUMBER),
        "bound": _known(_NUMBER),
        "objective_of": _TEXT,
    }
    return told


def _site() -> Document:
    numbers = ("cost", "new_people", "yuan_per_person", "next_best_loses_people")
    texts = ("name", "kind", "next_best_id", "next_best_name")
    told: Document = {"id": _TEXT, "rank": {"type": "integer", "minimum": 1}}
    told |= {each: _known(_NUMBER) for each in numbers}
    return told | {each: _known(_TEXT) for each in texts}


def _sites() -> Document:
    kind = {"type": "string", "enum": ["FeatureCollection"]}
    return _object(
        type=kind, features=_array(reference("Site")), model=_TEXT, status=_TEXT,
        objective=_known(_NUMBER), bound=_known(_NUMBER), gap=_known(_NUMBER),
        people=_known(_NUMBER), seconds=_known(_NUMBER), notes=_array(_TEXT),
    )  # fmt: skip


def _summary() -> Document:
    return {
        "id": _TEXT, "name": _TEXT, "note": _known(_TEXT), "revision": _COUNT,
        "changes_count": _COUNT, "who": _known(_TEXT), "made_at": _known(_TEXT),
        "changed_at": _known(_TEXT), "href": _ADDRESS, "effect": _ADDRESS,
    }  # fmt: skip


def _scenario() -> Document:
    return _object(**_summary())


def _scenarios() -> Document:
    return _object(numberReturned=_COUNT, scenarios=_array(reference("Scenario")))


def _with_changes() -> Document:
    change = {"type": "object", "required": ["kind"], "properties": {"kind": _TEXT},
              "additionalProperties": True}  # fmt: skip
    return _object(**_summary(), changes=_array(change))


def _effect() -> Document:
    return _object(
        **_summary(), newly_covered=_known(_NUMBER), lost=_known(_NUMBER),
        before={"type": "object"}, after={"type": "object"}, changes=_array({"type": "object"}),
        numberMatched=_COUNT, numberReturned=_COUNT, by_area=_array({"type": "object"}),
    )  # fmt: skip
