"""Schemas of JSON as they are put together: what the documents of the API are told with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Document = dict[str, Any]

TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
COUNT: Final = {"type": "integer", "minimum": 0}
YES_NO: Final = {"type": "boolean"}
ADDRESS: Final = {"type": "string", "format": "uri"}


def reference(name: str) -> Document:
    """Point to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(
    *, rest: object = True, maybe: Mapping[str, Any] | None = None, **properties: object
) -> Document:
    """Write an object: members that are there, that may be, and of what kind others are."""
    told = {**properties, **(maybe or {})}
    return {"type": "object", "required": list(properties), "properties": told,
            "additionalProperties": rest}  # fmt: skip


def array_of(items: object) -> Document:
    """Write a list."""
    return {"type": "array", "items": items}


def or_null(schema: Mapping[str, Any]) -> Document:
    """Let a value be null: not known."""
    choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **choices}


def choice_of(names: Iterable[str], description: str = "") -> Document:
    """Write a closed set of words."""
    told = {"type": "string", "enum": list(names)}
    return said(told, description) if description else told


def said(schema: Mapping[str, Any], description: str) -> Document:
    """Describe what a schema is of."""
    return {**schema, "description": description}


def feature(properties: Document, geometry: Document) -> Document:
    """Write an RFC 7946 Feature that has an id; without a known place its geometry is null."""
    return object_of(
        type=choice_of(["Feature"]), id=TEXT, geometry={"oneOf": [geometry, {"type": "null"}]},
        properties=properties,
    )  # fmt: skip


def paged(**more: object) -> Document:
    """Name the members of a list of which a page is given, and others."""
    return {"numberMatched": said(COUNT, "On all pages"),
            "numberReturned": said(COUNT, "On this page"), **more}  # fmt: skip


def collection(item: str, **more: object) -> Document:
    """Write an RFC 7946 FeatureCollection of which a page is given, and what else it tells."""
    kind = choice_of(["FeatureCollection"])
    return object_of(type=kind, **paged(features=array_of(reference(item)), **more))
