"""A short path for the questions that programs ask most: the nearest facilities, and lists.

Flask, its extensions and marshmallow's walk over every parameter cost several times what finding
and writing a hundred facilities does. A plainly written ``GET /api/v1/nearest``, ``/facilities``
or ``/ogc/collections/facilities/items`` is therefore answered in front of them: its parameters are
read by the same fields, its facilities are found and written by the same functions. What it shares
with other answers (headers, host, encoding) is learned from an answer of the long way to the same
host; whatever is unusual, wrong or conditional goes there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from flask import request
from marshmallow import ValidationError, fields
from werkzeug.http import http_date

from geomap.errors import GeomapError
from geomap.web import media_types
from geomap.web.addresses import plain_address
from geomap.web.api.api import etag, facilities_collection, nearest_collection
from geomap.web.api.facility_parameters import FacilitiesParameters, NearestParameters
from geomap.web.api.formats import GEOJSON
from geomap.web.compression import encoded
from geomap.web.ogc.collections import Facilities
from geomap.web.ogc.documents import Shared as ItemsShared
from geomap.web.ogc.documents import items
from geomap.web.ogc.pages import document_tag
from geomap.web.ogc.parameters import items_schema, read_items
from geomap.web.problems import ContradictionError
from geomap.web.query import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    from geomap.web.api.fields import Query
    from geomap.web.state import Service, Snapshot

    Key = tuple[str, ...]
    Headers = list[tuple[str, str]]
    Shared = ItemsShared | None

_NEAREST, _FACILITIES = "/api/v1/nearest", "/api/v1/facilities"
_COLLECTION = "facilities"
_ITEMS = f"/ogc/collections/{_COLLECTION}/items"
#: Neither escapes nor empty values, so that the text is its own address; each name once.
_PLAIN = re.compile(r"[a-z_]+=[A-Za-z0-9_.,-]+(?:&[a-z_]+=[A-Za-z0-9_.,-]+)*", re.ASCII)
_CONDITIONS: Final = frozenset(
    f"HTTP_{name}"
    for name in (
        *("IF_NONE_MATCH", "IF_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE"),
        *("IF_RANGE", "RANGE", "X_API_KEY", "AUTHORIZATION"),
    )
)
#: What readers accept who get GeoJSON; the last is GDAL.
_PLAIN_ACCEPT: Final = frozenset(
    ("", "*/*", media_types.JSON, media_types.GEOJSON, f"{media_types.GEOJSON}, {media_types.JSON}")
)
#: The long way fails at these too, and reports them without what was asked; gunicorn would not.
_FAILURES: Final = (
    *(GeomapError, ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(OSError, RuntimeError, TypeError, ValueError),
)
#: Hosts, encodings and languages whose headers are kept.
_MOST_HEADS = 256
_MOST_CHOICES = 1_000


@dataclass(frozen=True)
class _Head:
    """What all answers to one host in one encoding share.

    Attributes
    ----------
    url, href : the address of the resource: as it was asked, and as links write it.
    encoding : br, zstd, gzip, or "" for none.
    headers : names and values; those of tag, date and length are to be replaced.
    shared : what else a resource's answers have in common.
    """

    url: str
    href: str
    encoding: str
    headers: tuple[tuple[str, str], ...]
    shared: Shared

    def with_own(self, tag: str, length: int) -> list[tuple[str, str]]:
        """Give the headers of one answer."""
        own = {"etag": f'W/"{tag}"', "date": http_date(), "content-length": str(length)}
        return [(name, own.get(name.lower(), value)) for name, value in self.headers]


class ShortPath:
    """WSGI in front of an application: plain questions for facilities are answered here.

    Parameters
    ----------
    app : the application, its routes registered.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._long_way: WSGIApplication = app.wsgi_app
        self._least_encoded: int = app.config["COMPRESS_MIN_SIZE"]
        self._questions: dict[str, _Question] = {
            _NEAREST: _Question("api.list_nearest", NearestParameters(), nearest_collection),
            _FACILITIES: _Question(
                "api.list_facilities", FacilitiesParameters(), facilities_collection
            ),
            _ITEMS: _Items(),
        }
        self._heads: dict[Key, _Head] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer by the short path, or else by the long way."""
        question = self._questions.get(environ["PATH_INFO"])
        query = None if question is None else question.query(environ)
        if question is None or query is None:
            return self._long_way(environ, start_response)
        key = _key(environ)
        head = self._heads.get(key)
        if head is None:
            return self._learn(environ, start_response, key, question)
        text = environ["QUERY_STRING"]
        try:
            data = cast("Service", self._app.extensions["geomap"]).snapshot()
            body = orjson.dumps(question.document(data, query, head, text))
        except _FAILURES:
            return self._long_way(environ, start_response)
        if len(body) < self._least_encoded:
            return self._long_way(environ, start_response)
        body = encoded(body, head.encoding)
        tag = question.tag(data.revision, head, text)
        start_response("200 OK", head.with_own(tag, len(body)))
        return [body]

    def _learn(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: Key, question: _Question
    ) -> Iterable[bytes]:
        """Answer by the long way, and keep what all its answers share."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def watched(status: str, headers: list[tuple[str, str]], *failed: object) -> object:
            begun.append((status, headers))
            return start_response(status, headers, *failed)  # type: ignore[arg-type]  # passed on as they came

        answer = self._long_way(environ, cast("StartResponse", watched))
        if begun and begun[-1][0] == "200 OK":
            self._keep(environ, key, question, begun[-1][1])
        return answer

    def _keep(
        self, environ: WSGIEnvironment, key: Key, question: _Question, headers: Headers
    ) -> None:
        """Keep the headers of an answer, unless it was too small to be encoded."""
        named = {name.lower(): value for name, value in headers}
        encoding = named.get("content-encoding", "")
        if not encoding and int(named.get("content-length", 0)) < self._least_encoded:
            return
        with self._app.request_context(environ):
            url, (href, shared) = request.base_url, question.learned()
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        self._heads[key] = _Head(url, href, encoding, tuple(headers), shared)


class _Question:
    """A resource: reads plainly written parameters by the fields of the API, and answers.

    Parameters
    ----------
    endpoint : of its view.
    schema : of its parameters.
    answer : gives the document, from the data, the question and what writes its addresses.
    """

    #: The name of its usual form, which may be asked for.
    form: str = GEOJSON

    def __init__(
        self, endpoint: str, schema: Query, answer: Callable[..., dict[str, object]]
    ) -> None:
        self.endpoint, self.answer = endpoint, answer
        self._schema = schema
        known: Mapping[str, fields.Field[object]] = schema.load_fields
        self._fields = {
            name: (field.deserialize, isinstance(field, fields.List))
            for name, field in known.items()
        }
        self._needed = {name for name, field in known.items() if field.required}
        self._otherwise = {
            name: field.load_default for name, field in known.items() if not field.required
        }
        self._choices: dict[tuple[str, str], object] = {}

    def query(self, environ: WSGIEnvironment) -> object | None:
        """Read a question; None where it is not plain, or may be refused."""
        if (
            environ["REQUEST_METHOD"] != "GET"
            or "HTTP_HOST" not in environ
            or not _CONDITIONS.isdisjoint(environ)
            or environ.get("HTTP_ACCEPT", "") not in _PLAIN_ACCEPT
            or not _PLAIN.fullmatch(environ.get("QUERY_STRING", ""))
        ):
            return None
        pairs = [each.split("=") for each in environ["QUERY_STRING"].split("&")]
        given = dict(pairs)
        if len(given) != len(pairs) or not self._needed <= given.keys() <= self._fields.keys():
            return None
        if given.get("f", self.form) != self.form:
            return None
        return self._read(given)

    def learned(self) -> tuple[str, Shared]:
        """Give its address, and what else its answers have in common, for this request's reader."""
        return plain_address(self.endpoint), None

    def document(self, data: Snapshot, query: Any, head: _Head, text: str) -> dict[str, object]:  # noqa: ANN401 (of its kind)
        """Answer a plain question."""
        return self.answer(data, query, partial(_changed, head.href, text))

    def tag(self, revision: str, head: _Head, text: str) -> str:
        """Name the answer to a plain question."""
        return etag(revision, f"{head.url}?{text}")

    def _read(self, given: Mapping[str, str]) -> object | None:
        """Read the values; None where one is refused."""
        read = dict(self._otherwise)
        try:
            for name, text in given.items():
                read[name] = self._value(name, text)
            return cast("object", self._schema.freeze(read))
        except (ValidationError, ContradictionError):
            return None

    def _value(self, name: str, text: str) -> object:
        """Read one value; choices, which come again and again, are remembered if they are short."""
        deserialize, listed = self._fields[name]
        if not listed:
            return deserialize(text)
        if len(text) > LONGEST_TEXT:
            return deserialize([text])
        held = self._choices.get((name, text))
        if held is None:
            if len(self._choices) >= _MOST_CHOICES:
                self._choices.clear()
            held = self._choices[name, text] = deserialize([text])
        return held


class _Items(_Question):
    """The facilities of OGC API Features; what they are called depends on the reader's language."""

    form = "json"

    def __init__(self) -> None:
        super().__init__("ogc.list_items", items_schema(_COLLECTION), items)
        del self._fields["lang"]  # every link would have to keep it

    def learned(self) -> tuple[str, Shared]:
        """See :class:`_Question`."""
        return plain_address(self.endpoint, name=_COLLECTION), ItemsShared.of(_COLLECTION)

    def document(self, data: Snapshot, query: Any, head: _Head, text: str) -> dict[str, object]:  # noqa: ANN401 (of its kind)
        """See :class:`_Question`."""
        asked = read_items(_COLLECTION, query)
        address = partial(_changed, head.href, text)
        return self.answer(Facilities(data), asked, head.shared, address)

    def tag(self, revision: str, head: _Head, text: str) -> str:
        """See :class:`_Question`."""
        language = cast("ItemsShared", head.shared).language
        return document_tag(revision, language, f"{head.url}?{text}", media_types.GEOJSON)


def _changed(href: str, text: str, changed: Mapping[str, object]) -> str:
    """Write the address of a plain question with some numbers changed, as links are written.

    Examples
    --------
    >>> _changed("http://a/b", "offset=5&type=other", {"limit": 5, "offset": 10})
    'http://a/b?offset=10&type=other&limit=5'
    """
    given = dict(each.split("=") for each in text.split("&"))
    written = given | {name: str(number) for name, number in changed.items()}
    return f"{href}?{'&'.join(f'{name}={value}' for name, value in written.items())}"


def _key(environ: WSGIEnvironment) -> Key:
    """Name what the headers and addresses of an answer depend on."""
    return (
        environ["PATH_INFO"],
        environ.get("HTTP_ACCEPT_ENCODING", ""),
        environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        environ["wsgi.url_scheme"],
        environ["HTTP_HOST"],
        environ.get("SCRIPT_NAME", ""),
    )
