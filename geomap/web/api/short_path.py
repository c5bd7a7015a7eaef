"""A short path for the questions that programs ask most: the nearest facilities, and lists.

Flask, its extensions and marshmallow's walk over every parameter cost three times what finding
and writing ten facilities does. A plainly written ``GET /api/v1/nearest`` or ``/facilities`` is
therefore answered in front of them: its parameters are read by the same fields, its facilities
are found and written by the same functions. What it shares with other answers (headers, host,
encoding) is learned from an answer of the long way to the same host; whatever is unusual, wrong
or conditional goes there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import orjson
from flask import request, url_for
from marshmallow import ValidationError, fields
from werkzeug.http import http_date

from geomap.errors import GeomapError
from geomap.web.api.api import etag, facilities_collection, nearest_collection
from geomap.web.api.parameters import FacilitiesParameters, NearestParameters
from geomap.web.compression import encoded
from geomap.web.problems import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    from geomap.web.api.fields import Query
    from geomap.web.state import Service

    Key = tuple[str, ...]

_NEAREST, _FACILITIES = "/api/v1/nearest", "/api/v1/facilities"
#: Neither escapes nor empty values, so that the text is its own address; each name once.
_PLAIN = re.compile(r"[a-z_]+=[A-Za-z0-9_.,-]+(?:&[a-z_]+=[A-Za-z0-9_.,-]+)*", re.ASCII)
_CONDITIONS: Final = frozenset(
    f"HTTP_{name}"
    for name in (
        *("IF_NONE_MATCH", "IF_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE"),
        *("IF_RANGE", "RANGE", "X_API_KEY", "AUTHORIZATION"),
    )
)
#: What readers accept who get GeoJSON.
_PLAIN_ACCEPT: Final = frozenset(("", "*/*", "application/json", "application/geo+json"))
#: The long way fails at these too, and reports them without what was asked; gunicorn would not.
_FAILURES: Final = (
    *(GeomapError, ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(OSError, RuntimeError, TypeError, ValueError),
)
#: Hosts and encodings whose headers are kept.
_MOST_HEADS = 64
_MOST_CHOICES = 1_000


@dataclass(frozen=True)
class _Head:
    """What all answers to one host in one encoding share.

    Attributes
    ----------
    url, href : the address of the resource: as it was asked, and as links write it.
    encoding : br, gzip, or "" for none.
    headers : names and values; those of tag, date and length are to be replaced.
    """

    url: str
    href: str
    encoding: str
    headers: tuple[tuple[str, str], ...]

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
        self._questions = {
            _NEAREST: _Question("api.list_nearest", NearestParameters(), nearest_collection),
            _FACILITIES: _Question(
                "api.list_facilities", FacilitiesParameters(), facilities_collection
            ),
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
            return self._learn(environ, start_response, key, question.endpoint)
        text = environ["QUERY_STRING"]
        try:
            data = cast("Service", self._app.extensions["geomap"]).snapshot()
            body = orjson.dumps(question.answer(data, query, partial(_changed, head.href, text)))
        except _FAILURES:
            return self._long_way(environ, start_response)
        if len(body) < self._least_encoded:
            return self._long_way(environ, start_response)
        body = encoded(body, head.encoding)
        tag = etag(data.revision, f"{head.url}?{text}")
        start_response("200 OK", head.with_own(tag, len(body)))
        return [body]

    def _learn(
        self, environ: WSGIEnvironment, start_response: StartResponse, key: Key, endpoint: str
    ) -> Iterable[bytes]:
        """Answer by the long way, and keep what all its answers share."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def watched(status: str, headers: list[tuple[str, str]], *failed: object) -> object:
            begun.append((status, headers))
            return start_response(status, headers, *failed)  # type: ignore[arg-type]  # passed on as they came

        answer = self._long_way(environ, cast("StartResponse", watched))
        if begun and begun[-1][0] == "200 OK":
            self._keep(environ, key, endpoint, begun[-1][1])
        return answer

    def _keep(
        self, environ: WSGIEnvironment, key: Key, endpoint: str, headers: list[tuple[str, str]]
    ) -> None:
        """Keep the headers of an answer, unless it was too small to be encoded."""
        named = {name.lower(): value for name, value in headers}
        encoding = named.get("content-encoding", "")
        if not encoding and int(named.get("content-length", 0)) < self._least_encoded:
            return
        with self._app.request_context(environ):
            url = request.base_url
            href = url_for(endpoint, _external=True)
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        self._heads[key] = _Head(url, href, encoding, tuple(headers))


class _Question:
    """A resource: reads plainly written parameters by the fields of the API, and answers.

    Parameters
    ----------
    endpoint : of its view.
    schema : of its parameters.
    answer : gives the document, from the data, the question and what writes its addresses.
    """

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
        if "f" in given:
            return None
        return self._read(given)

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
        """Read one value; choices, which come again and again, are remembered."""
        deserialize, listed = self._fields[name]
        if not listed:
            return deserialize(text)
        held = self._choices.get((name, text))
        if held is None:
            if len(self._choices) >= _MOST_CHOICES:
                self._choices.clear()
            held = self._choices[name, text] = deserialize([text])
        return held


def _changed(href: str, text: str, changed: Mapping[str, int]) -> str:
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
        environ["wsgi.url_scheme"],
        environ["HTTP_HOST"],
        environ.get("SCRIPT_NAME", ""),
    )
