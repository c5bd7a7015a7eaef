"""The definition of the API arranged for people: chapters of operations, each with an example."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from flask_babel import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Document = dict[str, Any]

_COMPONENT: Final = "#/components/schemas/"
#: Parameters that an address shows where none is needed.
_SHOWN: Final = ("k", "adcode", "standard_m")


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it is called, what it takes if not any text, what it means."""

    name: str
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
    title: str
    method: str
    path: str
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


def chapters(document: Document, *, shown: Mapping[str, object]) -> list[Chapter]:
    """Arrange the operations of a definition by subject, in its order.

    Parameters
    ----------
    shown : values of parameters that addresses show in place of the definition's examples.
    """
    found = [
        (told["tags"], _operation(document, path, method, told, shown))
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
    """Say in a few words what a schema takes, in the reader's language, code between back quotes.

    Examples
    --------
    >>> described({"type": "integer", "minimum": 1})
    '整数，≥ 1'
    >>> described({"type": "array", "items": {"enum": ["free", "full"]}})
    '一个或几个：`free`, `full`'
    """
    said: str
    if "anyOf" in schema:
        said = _("；或").join(described(each) for each in schema["anyOf"])
    elif schema.get("type") == "array":
        items = described(schema["items"])
        several = _("可以给几个：%(items)s", items=items)
        said = _("一个或几个：%(items)s", items=items) if "enum" in schema["items"] else several
    elif "enum" in schema:
        said = ", ".join(f"`{each}`" for each in schema["enum"])
    else:
        kinds = {"integer": _("整数"), "number": _("数值"), "string": _("字符串")}
        said = kinds[schema["type"]] + _bounds(schema.get("minimum"), schema.get("maximum"))
    return said


def _bounds(low: float | None, high: float | None) -> str:
    """Say between what a number is."""
    least, most = (f"{each or 0:,.16g}" for each in (low, high))
    said = ""
    if low is not None and high is not None:
        said = _("，%(low)s 到 %(high)s", low=least, high=most)
    elif low is not None:
        said = _("，≥ %(low)s", low=least)
    elif high is not None:
        said = _("，≤ %(high)s", high=most)
    return said


def _operation(
    document: Document, path: str, method: str, told: Document, shown: Mapping[str, object]
) -> Operation:
    """Arrange one operation."""
    return Operation(
        key=told["operationId"], title=told["summary"], method=method.upper(), path=path,
        meaning=told["description"], deprecated=told.get("deprecated", False),
        parameters=[_parameter(each) for each in told["parameters"]],
        answers=list(_answers(document, told["responses"])),
        url=_url(document, path, [
            {**each, "example": shown[each["name"]]} if each["name"] in shown else each
            for each in told["parameters"]
        ]),
    )  # fmt: skip


def _parameter(told: Document) -> Parameter:
    schema, meaning = told["schema"], told.get("description", "")
    words = schema.get("items", {}).get("enum", ())
    named = bool(words) and all(each in meaning for each in words)
    takes = _("其中一个或几个") if named else described(schema)
    default = schema.get("default")
    return Parameter(
        told["name"], bool(told.get("required")), "" if takes == _("字符串") else takes,
        "" if default is None else str(default), meaning,
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
        example = "" if shown is None else as_json(shown)
        named = ", ".join(
            number for number, each in responses.items() if number.isdigit() and "$ref" in each
        )
        yield Answer(named if refused else status, plain["description"], list(content), schema,
                     example)  # fmt: skip


def as_json(told: object) -> str:
    """Write a document for people: its Chinese as it is."""
    return json.dumps(told, ensure_ascii=False, indent=1)


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
