"""The routes of OGC API Features under /ogc: as JSON for programs, as pages for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from apiflask import APIBlueprint
from flask import Response, redirect, render_template, request
from webargs.multidictproxy import MultiDictProxy

from geomap.errors import NotFoundError
from geomap.model.crs import OFFERED
from geomap.web.api.api import etag
from geomap.web.api.formats import require_acceptable
from geomap.web.language import current_language
from geomap.web.media_types import GEOJSON, HTML, JSON, SCHEMA, SVG
from geomap.web.ogc.collections import FIELDS, Facilities
from geomap.web.ogc.definition import definition as definition_of
from geomap.web.ogc.documents import OPENAPI, Maker, Shared, address, item_links, items
from geomap.web.ogc.parameters import (
    DefinitionShape,
    ItemShape,
    JsonShape,
    Shape,
    items_schema,
    read_items,
)
from geomap.web.ogc.polygons import described, polygons
from geomap.web.ogc.shown import Shown, without_empty
from geomap.web.recent import Recent
from geomap.web.state import snapshot
from geomap.web.unchanged import known_or_made

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from geomap.web.api.fields import Query
    from geomap.web.ogc.collections import Collection, Told
    from geomap.web.ogc.documents import Document

    Values = dict[str, Any]

ogc = APIBlueprint("ogc", __name__, url_prefix="/ogc", enable_openapi=False)

#: Areas and gaps, and their boxes, of this revision and the one before it.
_MOST_KEPT: Final = 8
_PICTURE_S: Final = 3_600


def add_ogc(app: Flask) -> None:
    """Offer OGC API Features on an application."""
    app.extensions["geomap_ogc"] = Recent(_MOST_KEPT)
    app.register_blueprint(ogc)


@ogc.get("/", strict_slashes=False)  # a preflight follows no redirect
def landing() -> Response:
    """Show where everything is."""
    return _answer(_read(Shape()), "ogc_landing.html", lambda maker: maker.landing())


@ogc.get("/conformance")
def conformance() -> Response:
    """List the conformance classes."""
    return _answer(_read(Shape()), "ogc_conformance.html", lambda maker: maker.conformance())


@ogc.get("/api")
def definition() -> Response:
    """Give the definition of this API: as OpenAPI 3.0, or as 3.1 where asked."""
    asked = _read(DefinitionShape())
    accepted = request.accept_mimetypes.quality(OPENAPI["3.1"])
    newer = accepted > request.accept_mimetypes.quality(OPENAPI["3.0"])
    version = asked["version"] or ("3.1" if newer else "3.0")
    return _answer(
        asked, "ogc_api.html", lambda maker: definition_of(maker, version), kind=OPENAPI[version]
    )


@ogc.get("/collections")
def collections() -> Response:
    """List the collections."""
    told = [_described(name) for name in FIELDS]
    return _answer(
        _read(Shape()), "ogc_collections.html", lambda maker: maker.collections(told),
        state=str([each.extent() for each in told[1:]]),
    )  # fmt: skip


@ogc.get("/collections/<name>")
def collection(name: str) -> Response:
    """Tell what a collection holds."""
    _require(name)
    told = _described(name)
    return _answer(
        _read(Shape()), "ogc_collection.html", lambda maker: maker.collection(told), name=name,
        state="" if name == "facilities" else str(told.extent()),
    )  # fmt: skip


@ogc.get("/collections/<name>/queryables")
def queryables(name: str) -> Response:
    """Tell by which properties a collection may be filtered."""
    _require(name)
    return _answer(
        _read(Shape()), "ogc_queryables.html", lambda maker: maker.queryables(name), kind=SCHEMA,
        name=name,
    )  # fmt: skip


@ogc.get("/collections/<name>/schema")
def schema(name: str) -> Response:
    """Tell how each feature of a collection is made, for programs."""
    _require(name)
    return _answer(_read(JsonShape()), "", lambda maker: maker.described(name), kind=SCHEMA)


@ogc.get("/collections/<name>/items")
def list_items(name: str) -> Response:
    """List the features of a collection, page by page."""
    _require(name)
    filled = without_empty(name)
    if filled is not None:
        return cast("Response", redirect(filled))
    asked = _read(items_schema(name))
    query = read_items(name, asked)

    def page(_: Maker) -> Document:
        return items(_collection(name), query, Shared.of(name), address)

    response = _answer(asked, "ogc_items.html", page, kind=GEOJSON, name=name)
    response.headers["Content-Crs"] = f"<{query.system.uri}>"
    return response


@ogc.get("/collections/<name>/items/<path:feature_id>")
def get_item(name: str, feature_id: str) -> Response:
    """Give one feature."""
    _require(name)
    asked = _read(ItemShape())

    def feature(_: Maker) -> Document:
        found = _collection(name)
        row = found.row(feature_id)
        if row is None:
            raise NotFoundError(f"there is no feature with the id {feature_id!r} in {name}")
        import numpy as np

        (told,) = orjson.loads(bytes(orjson.dumps(found.features(np.array([row]), asked["crs"]))))
        return {**told, "links": item_links(name)}

    response = _answer(asked, "ogc_item.html", feature, kind=GEOJSON, name=name)
    response.headers["Content-Crs"] = f"<{asked['crs'].uri}>"
    return response


@ogc.get("/collections/<name>/map.svg")
def picture(name: str) -> Response:
    """Draw what a page lists, for that page."""
    _require(name)
    query = read_items(name, _read(items_schema(name)))
    data, shown = snapshot(), Shown(name, current_language())

    def drawn() -> Response:
        found = _collection(name)
        rows = found.page(found.choose(query.bbox, query.days, query.given), query.offset,
                          query.limit)  # fmt: skip
        features = orjson.loads(bytes(orjson.dumps(found.features(rows, OFFERED[0]))))
        return Response(shown.picture(features), mimetype=SVG)

    stamp = f"{data.revision} {shown.language} {request.full_path}"
    response = known_or_made(stamp, drawn, max_age_s=_PICTURE_S)
    response.vary.add("Accept-Language")
    return response


def _read(schema: Query) -> Values:
    """Read the parameters of the request.

    Raises
    ------
    RefusedParametersError : naming each that is unknown or out of range.
    """
    values: Values = schema.load(MultiDictProxy(request.args, schema), unknown=None)
    return values


def _require(name: str) -> None:
    """Refuse the name of no collection."""
    if name not in FIELDS:
        raise NotFoundError(f"there is no collection {name!r}; there are {', '.join(FIELDS)}")


def _collection(name: str) -> Collection:
    """Give a collection of what is published.

    Raises
    ------
    ServiceUnavailable : if the gaps are being worked out, and that takes long.
    """
    return Facilities(snapshot()) if name == "facilities" else polygons(name)


def _described(name: str) -> Told:
    """Give a collection to be described."""
    return Facilities(snapshot()) if name == "facilities" else described(name)


def _answer(  # noqa: PLR0913 (what an answer is, and what it depends on)
    asked: Values, template: str, make: Callable[[Maker], Document], *, kind: str = JSON,
    name: str = "", state: str = "",
) -> Response:  # fmt: skip
    """Answer as the reader takes it: 304 where it has this very document already.

    `state` is what the document depends on besides the revision and its address.
    """
    data, language = snapshot(), current_language()
    html = _wants_page(asked["f"], kind)
    response = Response(content_type=f"{HTML}; charset=utf-8" if html else kind)
    response.vary.update(["Accept", "Accept-Language"])
    response.cache_control.no_cache = True
    if not html:  # a page has the look that the reader chose, which is no part of its address
        known = document_tag(data.revision, language, request.url, kind, state)
        response.set_etag(known, weak=True)
        response.make_conditional(request)
        if response.status_code != 200:  # noqa: PLR2004 (304: not modified)
            return response
    maker = Maker(language, data.site.attribution)
    written = orjson.dumps(make(maker))
    if html:
        document = orjson.loads(written)
        shown = Shown(name, language)
        response.set_data(render_template(template, document=document, name=name, shown=shown))
    else:
        response.set_data(written)
    return response


def document_tag(revision: str, language: str, url: str, kind: str, state: str = "") -> str:
    """Name a document: what it says in a language of a revision; see :func:`_answer`."""
    return etag(f"{revision} {language} {state}", url + kind)


def _wants_page(form: str | None, kind: str) -> bool:
    """Choose between the page and the document: as asked, else as the reader accepts."""
    if form is not None:
        return form == "html"
    kinds = dict.fromkeys([kind.partition(";")[0], kind, JSON, HTML])
    require_acceptable(kinds)
    return request.accept_mimetypes.best_match(kinds) == HTML
