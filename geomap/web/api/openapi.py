"""The definition of API version 1: OpenAPI 3.1, every answer typed and with an example."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import getdoc
from typing import TYPE_CHECKING, Any, Final

from geomap.web.api.deprecation import DEPRECATED
from geomap.web.api.formats import FORMATS
from geomap.web.api.openapi_examples import example
from geomap.web.api.openapi_parameters import parameter
from geomap.web.api.openapi_parts import ADDRESS, COUNT, TEXT, reference
from geomap.web.api.openapi_schemas import schemas
from geomap.web.media_types import GEOJSON, JSON, PROBLEM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apiflask import APIFlask

    Document = dict[str, Any]

_ABOUT: Final = """\
Facilities for elderly care as open data, and the questions of those who plan them.

**Reading.** GeoJSON by RFC 7946, longitude before latitude, WGS 84. What is not known is null,
never 0 or no. Lists are paged by `limit` and `offset`; follow the link `next`. Ids are stable.
Facilities also come as newline-delimited GeoJSON, CSV and GeoParquet: by `f=ndjson`, `f=csv`,
`f=parquet`, or by `Accept`. Addresses have at most 65,536 bytes; longer ones get 414.

**Errors** are RFC 9457 problem documents. A parameter that is unknown or out of range is refused
with 400, its name and what is allowed; parameters that contradict each other, or what is known
here, with 409.

**Caching.** Answers carry an `ETag`; ask again with `If-None-Match` and get 304.

**Long calculations** answer 202 with a job: ask its `Location` until the state is `done`, then its
`result`.

**Limits.** Where the operator set a limit, answers carry `RateLimit-Limit`, `RateLimit-Remaining`
and `RateLimit-Reset` (seconds); 429 says in `Retry-After` when to come back. A key in `X-API-Key`,
or as a bearer token, raises the limit. Without limits no key is needed.

**Changes.** Within version 1 parameters and members are added, never removed or given another
meaning: ignore members you do not know. What is to go is announced at least 12 months before, by
the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), here, and in the changelog.
"""


@dataclass(frozen=True)
class _Told:
    """What is told of an operation besides its parameters."""

    name: str
    answer: str
    kind: str = JSON
    formats: bool = False
    job: bool = False
    missing: bool = False


_V1: Final = "/api/v1"
_OPERATIONS: Final[Mapping[tuple[str, str], _Told]] = {
    (f"{_V1}/facilities", "get"): _Told("listFacilities", "Facilities", GEOJSON, formats=True),
    (f"{_V1}/facilities/{{facility_id}}", "get"): _Told(
        "getFacility", "Facility", GEOJSON, missing=True),
    (f"{_V1}/nearest", "get"): _Told("listNearest", "NearFacilities", GEOJSON, formats=True),
    (f"{_V1}/search", "get"): _Told("search", "Found"),
    (f"{_V1}/coverage", "get"): _Told("coverage", "Coverage", job=True, missing=True),
    (f"{_V1}/gaps", "get"): _Told("gaps", "Gaps", GEOJSON, job=True, missing=True),
    (f"{_V1}/indicators", "get"): _Told(
        "indicators", "AreaIndicators", GEOJSON, job=True, missing=True),
    (f"{_V1}/site", "get"): _Told("site", "Sites", GEOJSON, job=True, missing=True),
    (f"{_V1}/jobs/{{number}}", "get"): _Told("getJob", "Job", missing=True),
    (f"{_V1}/jobs/{{number}}", "delete"): _Told("cancelJob", "Job", missing=True),
    (f"{_V1}/scenarios", "get"): _Told("listScenarios", "Scenarios"),
    (f"{_V1}/scenarios/{{number}}", "get"): _Told(
        "getScenario", "ScenarioWithChanges", missing=True),
    (f"{_V1}/scenarios/{{number}}/effect", "get"): _Told(
        "getEffect", "Effect", job=True, missing=True),
}  # fmt: skip


def definition(app: APIFlask) -> Document:
    """Write the definition, without the address of the service.

    Parameters
    ----------
    app : the application; its routes say what their parameters are.

    Raises
    ------
    KeyError : for a route of the API of which nothing is told here.
    """
    written: Document = dict(app.spec)  # type: ignore[arg-type]  # JSON, as it was asked for
    meanings = _meanings(app)
    paths: Document = {}
    for path, method in sorted(_asked(written), key=list(_OPERATIONS).index):
        told = written["paths"][path][method] | {"description": meanings[path, method]}
        paths.setdefault(path, {})[method] = _operation(path, method, told)
    return {
        "openapi": "3.1.0",
        "info": {"title": "geomap", "version": written["info"]["version"], "description": _ABOUT,
                 "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "tags": [{"name": "facilities", "description": "Facilities, places and names"},
                 {"name": "planner", "description": "Coverage, gaps, indicators, sites"}],
        "security": [{}, {"key": []}, {"bearer": []}],
        "paths": paths,
        "components": {"schemas": schemas(), "responses": {"Problem": _problem()},
                       "headers": _headers(), "securitySchemes": {
                           "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                           "bearer": {"type": "http", "scheme": "bearer"}}},
    }  # fmt: skip


def _asked(written: Document) -> list[tuple[str, str]]:
    """List the operations of the application.

    Raises
    ------
    KeyError : for one of which nothing is told here.
    """
    found = [(path, method) for path, methods in written["paths"].items() for method in methods]
    if lost := [each for each in found if each not in _OPERATIONS]:
        raise KeyError(f"nothing is told of {lost}")
    return found


def _meanings(app: APIFlask) -> Mapping[tuple[str, str], str]:
    """Read what each view says that it does."""
    return {
        (str(rule).replace("<", "{").replace(">", "}"), method.lower()):
            " ".join((getdoc(app.view_functions[rule.endpoint]) or "").replace("``", "`").split())
        for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }  # fmt: skip


def _order(told: Document) -> tuple[bool, bool, bool]:
    """Put what stands in the path first, then what is needed, the language last."""
    return told["in"] != "path", not told.get("required"), told["name"] == "lang"


def _operation(path: str, method: str, told: Document) -> Document:
    """Write a route: its parameters, and each answer with an example."""
    own = _OPERATIONS[path, method]
    sites = path.endswith("/site")
    asked = sorted(told.get("parameters", []), key=_order)
    parameters = [parameter(each, sites=sites) for each in asked]
    going = {"deprecated": True} if path in DEPRECATED else {}
    return {
        "operationId": own.name, "summary": told["summary"],
        "description": told.get("description", ""), "tags": told.get("tags", []), **going,
        "parameters": parameters, "responses": _responses(own),
    }  # fmt: skip


def _responses(own: _Told) -> Document:
    """Write the answers of an operation."""
    content = {own.kind: {"schema": reference(own.answer), "example": example(own.answer)}}
    if own.formats:
        content |= {each: {"schema": _file(each)} for each in FORMATS.values() if each != own.kind}
    told = {"200": {"description": "The answer", "headers": _named("ETag", "RateLimit-Remaining"),
                    "content": content}}  # fmt: skip
    if own.job:
        job = {JSON: {"schema": reference("Job"), "example": example("Job")}}
        told["202"] = {
            "description": "It takes longer: ask the job at Location how far it is",
            "headers": _named("Location", "Retry-After"), "content": job,
        }  # fmt: skip
    refused = ["400", "401", "406", "409", "414", "429", *(["404"] if own.missing else [])]
    problem = {"$ref": "#/components/responses/Problem"}
    same = {"304": {"description": "Not modified: you have this answer"}}
    return told | same | {each: dict(problem) for each in sorted(refused)} | {"default": problem}


def _file(kind: str) -> Document:
    """Tell what a file of rows is to a program."""
    if "parquet" in kind:
        return {"type": "string", "contentMediaType": kind, "contentEncoding": "binary"}
    return {"type": "string"}


def _named(*names: str) -> Document:
    return {each: {"$ref": f"#/components/headers/{each}"} for each in names}


def _headers() -> Document:
    """Write the headers that answers may carry."""
    return {
        "ETag": {"description": "For If-None-Match", "schema": TEXT},
        "Location": {"description": "Where the job is", "schema": ADDRESS},
        "Retry-After": {"description": "Seconds", "schema": COUNT},
        "RateLimit-Limit": {"description": "Questions a minute", "schema": COUNT},
        "RateLimit-Remaining": {"description": "Questions left", "schema": COUNT},
        "RateLimit-Reset": {"description": "Seconds until it is full again", "schema": COUNT},
    }


def _problem() -> Document:
    told = {"schema": reference("Problem"), "example": example("Problem")}
    limits = ("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return {"description": "Refused: why, and which parameters", "content": {PROBLEM: told},
            "headers": _named(*limits)}  # fmt: skip
