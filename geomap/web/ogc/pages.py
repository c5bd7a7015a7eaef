"""The routes of OGC API Features under /ogc: as JSON for programs, as pages for people."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import orjson
from apiflask import APIBlueprint
from flask import Response, current_app, render_template, request
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import ServiceUnavailable

from geomap.data.jobs import BusyError
from geomap.errors import NotFoundError
from geomap.web.api.api import etag
from geomap.web.api.formats import require_acceptable
from geomap.web.language import current_language
from geomap.web.ogc.collections import FIELDS, Facilities, Polygons, areas_of, gaps_of
from geomap.web.ogc.definition import definition as definition_of
from geomap.web.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Maker, item_links, items
from geomap.web.ogc.parameters import (
    DefinitionShape,
    ItemShape,
    JsonShape,
    Shape,
    items_schema,
    read_items,
)
from geomap.web.plan.ask import Ask
from geomap.web.plan.inputs import Kept
from geomap.web.plan.plan_pages import desk, inputs
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from geomap.web.api.fields import Query
    from geomap.web.ogc.collections import Collection
    from geomap.web.ogc.documents import Document

    Values = dict[str, Any]

ogc = APIBlueprint("ogc", __name__, url_prefix="/ogc", enable_openapi=False)

_RETRY_S: Final = 5
_MOST_KEPT: Final = 4
#: One thread makes the polygons of a revision ready, while the others wait.
_making: Final = threading.Lock()


def add_ogc(app: Flask) -> None:
    """Offer OGC API Features on an application."""
    app.extensions["geomap_ogc"] = Kept(_MOST_KEPT)
    app.register_blueprint(ogc)


@ogc.get("/")
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
    return _answer(
        _read(Shape()), "ogc_collections.html",
        lambda maker: maker.collections([_described(name) for name in FIELDS]),
    )  # fmt: skip


@ogc.get("/collections/<name>")
def collection(name: str) -> Response:
    """Tell what a collection holds."""
    _require(name)
    return _answer(
        _read(Shape()), "ogc_collection.html", lambda maker: maker.collection(_described(name)),
        name=name,
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
    asked = _read(items_schema(name))
    query = read_items(name, asked)

    def page(_: Maker) -> Document:
        found = _collection(name)
        rows = found.choose(query.bbox, query.days, query.given)
        shown = found.page(rows, query.offset, query.limit)
        features = found.features(shown, query.system)
        return items(name, query, features, matched=len(rows), returned=len(shown))

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
    ServiceUnavailable : if the gaps are being worked out.
    """
    data = snapshot()
    if name == "facilities":
        return Facilities(data)
    kept: Kept = current_app.extensions["geomap_ogc"]
    key = f"{name} {data.revision}"
    found: Polygons | None = kept.get(key)
    if found is None:
        with _making:
            found = kept.get(key)
            if found is None:
                found = areas_of(inputs().areas) if name == "areas" else _gaps()
                kept.put(key, found)
    return found


def _gaps() -> Polygons:
    """Work the gaps of the usual standard out, or have it done."""
    try:
        answer = desk().answer(Ask(), snapshot().revision, inputs(), ("gaps",))
    except BusyError as error:
        raise ServiceUnavailable(str(error), retry_after=_RETRY_S) from error
    if answer.review is None or answer.review.gaps is None:
        said = "the gaps are being worked out: ask again in a few seconds"
        raise ServiceUnavailable(said, retry_after=_RETRY_S)
    return gaps_of(answer.review.gaps)


def _described(name: str) -> Collection:
    """Give a collection to be described: of gaps not worked out yet, nothing is known."""
    if name != "gaps":
        return _collection(name)
    held: Polygons | None = current_app.extensions["geomap_ogc"].get(f"gaps {snapshot().revision}")
    return held or Polygons("gaps", inputs().areas.iloc[:0])


def _answer(
    asked: Values, template: str, make: Callable[[Maker], Document], *, kind: str = JSON,
    name: str = "",
) -> Response:  # fmt: skip
    """Answer as the reader takes it: 304 where it has this very document already."""
    data, language = snapshot(), current_language()
    html = _wants_page(asked["f"], kind)
    response = Response(content_type="text/html; charset=utf-8" if html else kind)
    response.vary.update(["Accept", "Accept-Language"])
    response.cache_control.no_cache = True
    if not html:  # a page has the look that the reader chose, which is no part of its address
        response.set_etag(etag(f"{data.revision} {language}", request.url + kind), weak=True)
        response.make_conditional(request)
        if response.status_code != 200:  # noqa: PLR2004 (304: not modified)
            return response
    maker = Maker(language, data.site.attribution)
    written = orjson.dumps(make(maker))
    if html:
        document = orjson.loads(written)
        response.set_data(render_template(template, document=document, name=name, maker=maker))
    else:
        response.set_data(written)
    return response


def _wants_page(form: str | None, kind: str) -> bool:
    """Choose between the page and the document: as asked, else as the reader accepts."""
    if form is not None:
        return form == "html"
    kinds = dict.fromkeys([kind.partition(";")[0], kind, JSON, HTML])
    require_acceptable(kinds)
    return request.accept_mimetypes.best_match(kinds) == HTML
