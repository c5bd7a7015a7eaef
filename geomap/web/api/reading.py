"""The definition of the API arranged for people: chapters of operations, each with an example."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Document = dict[str, Any]

_COMPONENT: Final = "#/components/schemas/"
#: Parameters that an address shows where none is needed.
_SHOWN: Final = ("k", "adcode", "standard_m")


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it is called, what it takes, what it means."""

    name: str
    place: str
    required: bool
    takes: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Answer:
    """One answer of an operation: status, meaning, media types, and an example of the document."""

    status: str
    meaning: str
    kinds: Sequence[str]
    schema: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One operation."""

    key: str
    method: str
    path: str
    summary: str
    meaning: str
    deprecated: bool
    parameters: Sequence[Parameter]
    answers: Sequence[Answer]
    url: str


@dataclass(frozen=True)
class Chapter:
    """The operations of one subject."""

    key: str
    title: str
    operations: Sequence[Operation]


def chapters(document: Document) -> list[Chapter]:
    """Arrange the operations of a definition by subject, in its order."""
    found = [
        (told["tags"], _operation(document, path, method, told))
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    return [
        Chapter(tag["name"], tag["description"],
                [each for tags, each in found if tag["name"] in tags])
        for tag in document["tags"]
    ]  # fmt: skip


def marked_parts(text: str) -> list[list[tuple[bool, list[tuple[bool, str]]]]]:
    """Take a text apart: paragraphs, of strong and plain spans, of code and words.

    Examples
    --------
    >>> marked_parts("**Ask** by `f`.")
    [[(True, [(False, 'Ask')]), (False, [(False, ' by '), (True, 'f'), (False, '.')])]]
    """
    return [
        [
            (bool(number % 2), _with_code(span))
            for number, span in enumerate(part.replace("\n", " ").split("**"))
            if span
        ]
        for part in text.strip().split("\n\n")
    ]


def _with_code(span: str) -> list[tuple[bool, str]]:
    return [(bool(number % 2), words) for number, words in enumerate(span.split("`")) if words]


def described(schema: Document) -> str:
    """Say in a few words what a schema takes.

    Examples
    --------
    >>> described({"type": "integer", "minimum": 1})
    'integer ≥ 1'
    >>> described({"type": "array", "items": {"enum": ["free", "full"]}})
    'one or several of: free, full'
    """
    if "anyOf" in schema:
        return " or ".join(described(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        items = described(schema["items"])
        return f"one or several of: {items}" if "enum" in schema["items"] else f"several: {items}"
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "any"))
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind} from {low:,g} to {high:,g}"
    span = f" ≥ {low:,g}" if low is not None else f" ≤ {high:,g}" if high is not None else ""
    return kind + span


def _operation(document: Document, path: str, method: str, told: Document) -> Operation:
    """Arrange one operation."""
    return Operation(
        key=told["operationId"], method=method.upper(), path=path, summary=told["summary"],
        meaning=told["description"], deprecated=told.get("deprecated", False),
        parameters=[_parameter(each) for each in told["parameters"]],
        answers=list(_answers(document, told["responses"])),
        url=_url(document, path, told["parameters"]),
    )  # fmt: skip


def _parameter(told: Document) -> Parameter:
    default = told["schema"].get("default")
    return Parameter(
        told["name"], told["in"], bool(told.get("required")), described(told["schema"]),
        "" if default is None else str(default), told.get("description", ""),
    )  # fmt: skip


def _answers(document: Document, responses: Document) -> Iterator[Answer]:
    """Arrange the answers; those that are refusals, all alike, once."""
    for status, told in responses.items():
        if "$ref" in told and status != "default":
            continue
        refused = "$ref" in told
        plain = document["components"]["responses"]["Problem"] if refused else told
        content = plain.get("content", {})
        first: Document = next(iter(content.values()), {})
        schema = first.get("schema", {}).get("$ref", "").removeprefix(_COMPONENT)
        shown = first.get("example")
        example = "" if shown is None else json.dumps(shown, ensure_ascii=False, indent=1)
        named = ", ".join(
            number for number, each in responses.items() if number.isdigit() and "$ref" in each
        )
        yield Answer(named if refused else status, plain["description"], list(content), schema,
                     example)  # fmt: skip


def _url(document: Document, path: str, parameters: Sequence[Document]) -> str:
    """Write an address that asks an operation: what it needs, and one thing more."""
    needed = {each["name"]: each.get("example", "") for each in parameters if each.get("required")}
    for each in parameters:
        if each["in"] == "path":
            value = quote(str(needed.pop(each["name"])), safe="")
            path = path.replace(f"{{{each['name']}}}", value)
    more = next((each for each in parameters if each["name"] in _SHOWN), None)
    if more is not None and "example" in more:
        needed[more["name"]] = more["example"]
    if any(each["name"] == "model" for each in parameters):
        needed["p"] = 1
    query = urlencode(needed, doseq=True)
    return f"{document['servers'][0]['url']}{path}{'?' if query else ''}{query}"
