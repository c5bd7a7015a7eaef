"""The documents of OGC API Features: landing page, conformance, collections, queryables, items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import request, url_for
from flask_babel import gettext as _

from geomap.model.crs import OFFERED
from geomap.web.ogc.collections import FIELDS, filters_of, titles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import orjson

    from geomap.model.table import Field
    from geomap.web.ogc.collections import Collection
    from geomap.web.ogc.parameters import ItemsQuery

    Document = dict[str, Any]
    Link = dict[str, str]

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
HTML: Final = "text/html"
SCHEMA: Final = "application/schema+json"
#: The media types of the definition: OpenAPI 3.0 and 3.1.
OPENAPI: Final = {
    each: f"application/vnd.oai.openapi+json;version={each}" for each in ("3.0", "3.1")
}
_RELATIONS: Final = "http://www.opengis.net/def/rel/ogc/1.0"
_CLASSES: Final = "http://www.opengis.net/spec"
CONFORMS_TO: Final = (
    f"{_CLASSES}/ogcapi-features-1/1.0/conf/core",
    f"{_CLASSES}/ogcapi-features-1/1.0/conf/oas30",
    f"{_CLASSES}/ogcapi-features-1/1.0/conf/geojson",
    f"{_CLASSES}/ogcapi-features-1/1.0/conf/html",
    f"{_CLASSES}/ogcapi-features-2/1.0/conf/crs",
    f"{_CLASSES}/ogcapi-features-3/1.0/conf/queryables",
    f"{_CLASSES}/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)
#: What the places of a collection are, in the words of part 3.
_POLYGONS: Final = "geometry-polygon-or-multipolygon"
_PLACES: Final[Mapping[str, str]] = {"facilities": "geometry-point"}
_SCHEMAS: Final[Mapping[str, Mapping[str, str]]] = {
    "integer": {"type": "integer"}, "number": {"type": "number"}, "yes_no": {"type": "boolean"},
    "date": {"type": "string", "format": "date"}, "url": {"type": "string", "format": "uri"},
    "choices": {"type": "array"},
}  # fmt: skip


@dataclass(frozen=True)
class Maker:
    """Writes documents for one reader.

    Parameters
    ----------
    language : zh or en.
    attribution : whose data it is.
    """

    language: str
    attribution: str | None

    def landing(self) -> Document:
        """Write the landing page."""
        api = link(
            "service-desc", OPENAPI["3.0"], _("接口定义，OpenAPI 3.0"), "definition", f="json"
        )
        newer = link("service-desc", OPENAPI["3.1"], _("接口定义，OpenAPI 3.1"), "definition",
                     f="json", version="3.1")  # fmt: skip
        links = [
            *own_links(JSON), api, newer,
            link("service-doc", HTML, _("接口说明"), "definition", f="html"),
            link("conformance", JSON, _("符合的标准"), "conformance"),
            link("data", JSON, _("数据集"), "collections"),
            link(f"{_RELATIONS}/conformance", JSON, _("符合的标准"), "conformance"),
            link(f"{_RELATIONS}/data", JSON, _("数据集"), "collections"),
        ]  # fmt: skip
        about = {} if self.attribution is None else {"attribution": self.attribution}
        return {
            "title": _("养老服务地图：开放接口"),
            "description": _("养老机构、行政区和空白区，按 OGC 的要素接口标准（Features）开放。"),
            **about,
            "links": links,
        }

    def conformance(self) -> Document:
        """List the conformance classes."""
        return {"conformsTo": list(CONFORMS_TO)}

    def collections(self, found: Sequence[Collection]) -> Document:
        """List the collections."""
        return {
            "links": own_links(JSON),
            "crs": [each.uri for each in OFFERED],
            "collections": [self.collection(each, own=False) for each in found],
        }

    def collection(self, found: Collection, *, own: bool = True) -> Document:
        """Write a collection."""
        title, description = titles(found.id, self.language)
        extent = found.extent()
        here = own_links(JSON) if own else [
            link("self", JSON, title, "collection", name=found.id),
        ]  # fmt: skip
        links = [
            *here,
            link("items", GEOJSON, title, "list_items", name=found.id, f="json"),
            link("items", HTML, title, "list_items", name=found.id, f="html"),
            link(f"{_RELATIONS}/queryables", SCHEMA, _("可以筛选的属性"), "queryables",
                 name=found.id, f="json"),
            link("describedby", SCHEMA, _("每一条的结构"), "schema", name=found.id),
        ]  # fmt: skip
        return {
            "id": found.id, "title": title, "description": description, "itemType": "feature",
            **({"extent": extent} if extent else {}),
            "crs": [each.uri for each in OFFERED], "storageCrs": OFFERED[0].uri,
            "links": links,
        }  # fmt: skip

    def queryables(self, name: str) -> Document:
        """Write the properties that a collection may be filtered by, as JSON Schema."""
        own = {each.name: self.schema(each) for each in filters_of(name)}
        place = {"title": _("位置"), "format": _PLACES.get(name, _POLYGONS),
                 "x-ogc-role": "primary-geometry"}  # fmt: skip
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": url_for("ogc.queryables", name=name, _external=True),
            "type": "object", "title": titles(name, self.language)[0],
            "properties": own | {"geometry": place}, "additionalProperties": False,
        }  # fmt: skip

    def described(self, name: str) -> Document:
        """Write the structure of a collection's features, as JSON Schema.

        Without it GDAL guesses each property from the first twenty features, and makes texts of
        the numbers, days and lists of one that none of those knows.
        """
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": url_for("ogc.schema", name=name, _external=True),
            "title": titles(name, self.language)[0], **self.feature(name),
        }  # fmt: skip

    def feature(self, name: str) -> Document:
        """Write the schema of a feature, as OpenAPI 3.0 writes schemas.

        The property ``id`` is left out: GDAL loses the id of a feature whose schema has it twice.
        """
        known = {each.name: self.member(each) for each in FIELDS[name] if each.name != "id"}
        own = {
            "type": {"type": "string", "enum": ["Feature"]}, "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "properties": known},
        }  # fmt: skip
        return {"type": "object", "required": list(own), "properties": own}

    def member(self, field: Field) -> Document:
        """Write a property of a feature: null where it is not known."""
        told = self.schema(field)
        if field.required:
            return told
        if field.name == "provenance":
            told["type"] = "object"
        if "enum" in told:
            told["enum"] = [*told["enum"], None]
        return told | {"nullable": True}

    def schema(self, field: Field) -> Document:
        """Write a property as JSON Schema."""
        told: Document = {"title": field.label.of(self.language)}
        told |= _SCHEMAS.get(field.kind, {"type": "string"})
        if field.kind == "choices":
            told["items"] = {"type": "string", "enum": list(field.choices)}
        elif field.choices:
            told["enum"] = list(field.choices)
        if field.minimum is not None:
            told["minimum"] = field.minimum
        if field.unit is not None:
            told["x-ogc-unit"] = field.unit.en
        return told

    def titled(self, name: str) -> str:
        """Give the title of a collection."""
        return titles(name, self.language)[0]

    def told(self, name: str, feature: Document) -> list[tuple[str, str]]:
        """Write what is known of a feature, for its page."""
        known = feature["properties"]
        return [
            (each.label.of(self.language), _text(each, known[each.name], self.language))
            for each in FIELDS[name]
            if known.get(each.name) is not None and each.name != "provenance"
        ]

    def named(self, feature: Document) -> str:
        """Name a feature, for its page."""
        known = feature["properties"]
        return str(known.get("name") or known.get("area_name") or feature["id"])

    def local(self, href: str) -> str:
        """Give the address of a document as the pages write addresses: without the host."""
        return "/" + href.removeprefix(request.host_url)

    def page(self, href: str) -> str:
        """Give the address of a document as a page."""
        return self.local(href).replace("f=json", "f=html")


def _text(field: Field, value: Any, language: str) -> str:  # noqa: ANN401 (a value of JSON)
    """Write a value in words."""
    if isinstance(value, list):
        return (", " if language == "en" else "、").join(
            _text(field, each, language) for each in value
        )
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if value in field.choices:
        return field.choices[value].of(language)
    unit = "" if field.unit is None else f" {field.unit.of(language)}"
    return f"{value:,}{unit}" if isinstance(value, int | float) else str(value)


def items(
    name: str, query: ItemsQuery, found: orjson.Fragment, *, matched: int, returned: int
) -> Document:
    """Write a page of items."""
    links = own_links(GEOJSON)
    before = max(0, min(query.offset, matched) - query.limit)
    pages = {"next": query.offset + returned, "prev": before}
    there = {"next": returned and pages["next"] < matched, "prev": query.offset > 0}
    for rel, offset in pages.items():
        if there[rel]:
            href = address({"offset": str(offset), "limit": str(query.limit), "f": "json"})
            links.append({"rel": rel, "type": GEOJSON, "href": href})
    links.append(link("collection", JSON, name, "collection", name=name))
    return {
        "type": "FeatureCollection", "numberMatched": matched, "numberReturned": returned,
        "links": links, "features": found,
    }  # fmt: skip


def item_links(name: str) -> list[Link]:
    """Link from a feature to itself and to its collection."""
    return [*own_links(GEOJSON), link("collection", JSON, name, "collection", name=name)]


def own_links(kind: str) -> list[Link]:
    """Link to this document, and to it as a page."""
    json, page = (address({"f": each}) for each in ("json", "html"))
    return [
        {"rel": "self", "type": kind, "href": json, "title": _("本页，JSON")},
        {"rel": "alternate", "type": HTML, "href": page, "title": _("本页，网页")},
    ]


def link(rel: str, kind: str, title: str, endpoint: str, **values: Any) -> Link:  # noqa: ANN401 (of an address)
    """Link to a document of this API; it keeps the language that the reader chose."""
    if "lang" in request.args:
        values["lang"] = request.args["lang"]
    href = url_for(f"ogc.{endpoint}", _external=True, **values)
    return {"rel": rel, "type": kind, "title": title, "href": href}


def address(changed: Mapping[str, str]) -> str:
    """Give the address of this document with some parameters changed."""
    given = {**(request.view_args or {}), **request.args.to_dict(flat=True), **changed}
    return url_for(str(request.endpoint), _external=True, **given)
