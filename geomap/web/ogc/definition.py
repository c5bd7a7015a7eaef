"""The definition of the API for programs: OpenAPI 3.0 and 3.1, of the same routes and schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import current_app

from geomap.model.crs import OFFERED
from geomap.web.addresses import plain_address
from geomap.web.media_types import GEOJSON, HTML, JSON, PROBLEM, SCHEMA
from geomap.web.ogc.collections import FIELDS, titles
from geomap.web.ogc.days import PATTERN
from geomap.web.ogc.documents import OPENAPI
from geomap.web.ogc.parameters import (
    DEFAULT_LIMIT,
    DefinitionShape,
    ItemShape,
    JsonShape,
    Shape,
    items_schema,
)
from geomap.web.query import LARGEST_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apiflask import APIFlask

    from geomap.web.api.fields import Query
    from geomap.web.ogc.documents import Maker

    Document = dict[str, Any]

_VERSIONS: Final = {"3.0": "3.0.3", "3.1": "3.1.0"}
_SYSTEM: Final = {"type": "string", "format": "uri", "enum": [each.uri for each in OFFERED],
                  "default": OFFERED[0].uri}  # fmt: skip
#: Schemas of parameters that a text field does not say.
_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6,
             "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]},
    "bbox-crs": _SYSTEM, "crs": _SYSTEM,
    "datetime": {"type": "string", "pattern": PATTERN},
    "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT,
              "default": DEFAULT_LIMIT},
    "offset": {"type": "integer", "minimum": 0, "default": 0},
}  # fmt: skip
_LINK: Final = {
    "type": "object", "required": ["href", "rel"],
    "properties": {each: {"type": "string"} for each in ("href", "rel", "type", "title")},
}  # fmt: skip
_LINKS: Final = {"type": "array", "items": _LINK}


def definition(maker: Maker, asked: str) -> Document:
    """Write the definition.

    Parameters
    ----------
    asked : 3.0 or 3.1.
    """
    paths = {
        "/": _get("landing", Shape(), {JSON: _object(links=_LINKS), HTML: {}}),
        "/conformance": _get("conformance", Shape(), {
            JSON: _object(conformsTo={"type": "array", "items": {"type": "string"}}), HTML: {}}),
        "/api": _get("definition", DefinitionShape(), {
            **{each: {"type": "object"} for each in OPENAPI.values()}, HTML: {}}),
        "/collections": _get("collections", Shape(), {
            JSON: _object(links=_LINKS, collections={"type": "array", "items": _collection()}),
            HTML: {}}),
    }  # fmt: skip
    for name in FIELDS:
        paths |= _paths_of(name, maker)
    title, described = maker.landing()["title"], maker.landing()["description"]
    written: Document = {
        "openapi": _VERSIONS[asked],
        "info": {
            "title": title,
            "description": described,
            "version": cast("APIFlask", current_app).version,
        },
        "servers": [{"url": plain_address("ogc.landing").rstrip("/")}],
        "paths": paths,
    }
    return written if asked == "3.0" else _newer(written)


def _newer(told: Any) -> Any:  # noqa: ANN401 (JSON)
    """Rewrite schemas for 3.1, in which null is a type of its own."""
    if isinstance(told, list):
        return [_newer(each) for each in told]
    if not isinstance(told, dict):
        return told
    made = {key: _newer(each) for key, each in told.items() if key != "nullable"}
    return made | {"type": [made["type"], "null"]} if told.get("nullable") is True else made


def _paths_of(name: str, maker: Maker) -> Document:
    """Write the routes of a collection."""
    own, title = f"/collections/{name}", titles(name, maker.language)[0]
    feature = maker.feature(name)
    number = {"type": "integer", "minimum": 0}
    page = _object(
        type={"type": "string", "enum": ["FeatureCollection"]}, links=_LINKS,
        numberMatched=number, numberReturned=number, features={"type": "array", "items": feature},
    )  # fmt: skip
    one = _get(f"{name}.item", ItemShape(), {GEOJSON: feature, HTML: {}}, title)
    one["get"]["parameters"].append(
        {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    )
    return {
        own: _get(f"{name}.collection", Shape(), {JSON: _collection(), HTML: {}}, title),
        f"{own}/queryables": _get(f"{name}.queryables", Shape(), {
            SCHEMA: {"type": "object"}, HTML: {}}, title),
        f"{own}/schema": _get(f"{name}.schema", JsonShape(), {SCHEMA: {"type": "object"}}, title),
        f"{own}/items": _get(f"{name}.items", items_schema(name), {GEOJSON: page, HTML: {}}, title),
        f"{own}/items/{{featureId}}": one,
    }  # fmt: skip


def _get(name: str, schema: Query, content: Mapping[str, Any], tag: str = "") -> Document:
    """Write a route."""
    said = {PROBLEM: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    problem = {"description": "RFC 9457, or a page for people", "content": said}
    told = {kind: {"schema": each or {"type": "string"}} for kind, each in content.items()}
    return {"get": {
        "operationId": name.replace(".", "_"),
        **({"tags": [tag]} if tag else {}),
        "parameters": [_parameter(each) for each in _parameters(schema)],
        "responses": {
            "200": {"description": "OK", "content": told}, "304": {"description": "Not Modified"},
            "400": problem, "404": problem, "406": problem, "503": problem, "default": problem,
        },
    }}  # fmt: skip


def _parameters(schema: Query) -> list[Document]:
    """Describe the parameters of a schema."""
    from apispec import APISpec

    spec = APISpec("", "", "3.0.3")
    converter = OpenAPIConverter("3.0.3", lambda _: None, spec)
    found: list[Document] = converter.schema2parameters(schema, location="query")
    return found


def _parameter(told: Document) -> Document:
    """Say of a parameter what its field does not."""
    name = told["name"]
    own = {key: each for key, each in told["schema"].items() if key != "nullable"}
    if "enum" in own:
        own["enum"] = [each for each in own["enum"] if each is not None]
    if own.get("default", "") is None:
        del own["default"]
    shape = {"style": "form", "explode": False, "schema": _SCHEMAS.get(name, own)}
    return told | {"required": False} | shape


def _collection() -> Document:
    """Write the schema of a collection."""
    text = {"type": "string"}
    return _object(id=text, title=text, description=text, links=_LINKS,
                   crs={"type": "array", "items": text}, extent={"type": "object"})  # fmt: skip


def _object(**properties: Any) -> Document:  # noqa: ANN401 (JSON Schema)
    needed = [each for each in properties if each != "extent"]
    return {"type": "object", "required": needed, "properties": properties}
