"""The documents of OGC API Features: landing page, conformance, collections, queryables, items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from geomap.model.crs import OFFERED
from geomap.web.addresses import plain_address
from geomap.web.language import current_language
from geomap.web.media_types import GEOJSON, HTML, JSON, SCHEMA
from geomap.web.ogc.collections import FIELDS, filters_of, titles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geomap.model.table import Field
    from geomap.web.ogc.collections import Collection, Told
    from geomap.web.ogc.parameters import ItemsQuery

    Document = dict[str, Any]
    Changed = Mapping[str, str]
    Link = dict[str, str]

#: The media types of the definition: OpenAPI 3.0 and 3.1.
OPENAPI: Final = {
    each: f"application/vnd.oai.openapi+json;version={each}" for each in ("3.0", "3.1")
}
#: As what a document is offered: for programs, and as a page.
_FORMS: Final = ("json", "html")
#: What :func:`flask.url_for` leaves as it is in a query.
_SAFE: Final = "!$'()*,/:;?@"
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

    def collections(self, found: Sequence[Told]) -> Document:
        """List the collections."""
        return {
            "links": own_links(JSON),
            "crs": [each.uri for each in OFFERED],
            "collections": [self.collection(each, own=False) for each in found],
        }

    def collection(self, found: Told, *, own: bool = True) -> Document:
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
            "$id": plain_address("ogc.queryables", name=name),
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
            "$id": plain_address("ogc.schema", name=name),
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


@dataclass(frozen=True)
class Shared:
    """What the pages of a collection's items have in common for one reader.

    Parameters
    ----------
    language : zh or en.
    own : the links to the page as JSON and as a page, whichever it is.
    collection : the link to the collection.
    """

    language: str
    own: tuple[Link, ...]
    collection: Link

    @classmethod
    def of(cls, name: str) -> Shared:
        """Write it for the reader of this request."""
        to_collection = link("collection", JSON, name, "collection", name=name)
        return cls(current_language(), tuple(own_links(GEOJSON)), to_collection)


def items(
    found: Collection, query: ItemsQuery, shared: Shared, address: Callable[[Changed], str]
) -> Document:
    """Write a page of items; `address` gives that of this page with some parameters changed."""
    rows = found.choose(query.bbox, query.days, query.given)
    shown = found.page(rows, query.offset, query.limit)
    matched, returned = len(rows), len(shown)
    links = [
        {**each, "href": address({"f": form})}
        for each, form in zip(shared.own, _FORMS, strict=True)
    ]
    pages = {
        "next": query.offset + returned, "prev": max(0, min(query.offset, matched) - query.limit)
    }  # fmt: skip
    there = {"next": returned and pages["next"] < matched, "prev": query.offset > 0}
    for rel, offset in pages.items():
        if there[rel]:
            href = address({"offset": str(offset), "limit": str(query.limit), "f": "json"})
            links.append({"rel": rel, "type": GEOJSON, "href": href})
    return {
        "type": "FeatureCollection", "numberMatched": matched, "numberReturned": returned,
        "links": [*links, shared.collection], "features": found.features(shown, query.system),
    }  # fmt: skip


def item_links(name: str) -> list[Link]:
    """Link from a feature to itself and to its collection."""
    return [*own_links(GEOJSON), link("collection", JSON, name, "collection", name=name)]


def own_links(kind: str) -> list[Link]:
    """Link to this document, and to it as a page."""
    json, page = (address({"f": each}) for each in _FORMS)
    return [
        {"rel": "self", "type": kind, "href": json, "title": _("本页，JSON")},
        {"rel": "alternate", "type": HTML, "href": page, "title": _("本页，网页")},
    ]


def link(rel: str, kind: str, title: str, endpoint: str, **values: Any) -> Link:  # noqa: ANN401 (of an address)
    """Link to a document of this API; it keeps the language that the reader chose."""
    if "lang" in request.args:
        values["lang"] = request.args["lang"]
    href = plain_address(f"ogc.{endpoint}", **values)
    return {"rel": rel, "type": kind, "title": title, "href": href}


def address(changed: Changed) -> str:
    """Give the address of this document with some parameters changed.

    A filter may be called what a part of the path is called too.
    """
    given = {**request.args.to_dict(flat=True), **changed}
    path = plain_address(str(request.endpoint), **(request.view_args or {}))
    return f"{path}?{urlencode(given, safe=_SAFE)}"
