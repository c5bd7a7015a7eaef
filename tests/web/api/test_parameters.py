"""What the definition says of a parameter holds: outside its range it is refused, inside taken."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from geomap.web.api.openapi import definition
from geomap.web.app import create_app

#: The longest that servers in front of ours usually read of a request's first line.
LONGEST_LINE = 8_190
#: Numbers are written with so many letters at most: of floats, and of whole numbers without end.
FLOAT, WHOLE = 25, 40


@pytest.fixture(scope="module")
def app():
    return create_app()


@pytest.fixture(scope="module")
def operations(app):
    with app.test_request_context():
        paths = definition(app)["paths"]
    return [
        (path, told["parameters"])
        for path, methods in paths.items()
        for method, told in methods.items()
        if method == "get"
    ]


def needed(parameters, besides):
    """What a question needs besides a parameter."""
    found = {
        each["name"]: each["example"]
        for each in parameters
        if each.get("required") and each["in"] == "query" and each["name"] != besides
    }
    if besides != "p" and any(each["name"] == "model" for each in parameters):
        found["p"] = 1
    return found


def outside(schema):
    """Values that a schema forbids; what the pattern of an id forbids is not found instead."""
    if schema.get("type") == "array":
        most = schema["maxItems"]
        inner = [[each] for each in outside(schema["items"])]
        some = next(iter(inside(schema["items"])), "unknown")
        return [*inner, [some] * (most + 1)]
    if "anyOf" in schema:
        return [each for each in outside(schema["anyOf"][0]) if ":" not in str(each)]
    if "enum" in schema:
        return ["no-such-word", "", schema["enum"][0].upper()]
    if schema["type"] in ("integer", "number"):
        bounds = [(schema.get("minimum"), -1), (schema.get("maximum"), 1)]
        return ["", "nan", "inf", "x", "٣",
                *(bound + step for bound, step in bounds if bound is not None)]  # fmt: skip
    long = ["a" * (schema["maxLength"] + 1)] if "maxLength" in schema else ["x"]
    return ["", *long]


def inside(schema):
    """Values at the edges of what a schema allows."""
    if "anyOf" in schema:
        return [each for one in schema["anyOf"] for each in inside(one)]
    if schema.get("type") == "array":
        return [[each] for each in inside(schema["items"])]
    if "enum" in schema:
        return schema["enum"]
    if schema["type"] in ("integer", "number"):
        given = [schema.get("minimum"), schema.get("maximum"), schema.get("default")]
        return [each for each in given if each is not None]
    return []


#: Of these the schema tells how ids are made; any other text is an id that nobody has.
IDS = {"area", "pack", "capacity", "required", "excluded"}


def test_outside_its_range_every_parameter_is_refused_by_name(app, operations):
    client, tried = app.test_client(), 0
    for path, parameters in operations:
        for each in parameters:
            name = each["name"]
            if each["in"] == "path" or name in IDS:
                continue
            for value in outside(each["schema"]):
                asked = {**needed(parameters, name), name: value}
                answer = client.get(path.replace("{", "").replace("}", ""), query_string=asked)
                said = answer.get_json(force=True)
                assert answer.status_code == 400, (path, name, value, said)
                (fault,) = said["errors"]
                assert fault["parameter"] == name
                assert "must" in fault["detail"], said
                tried += 1
            unknown = client.get(path.replace("{", "").replace("}", ""), query_string={"x": 1})
            assert unknown.status_code == 400
    assert tried > 400


def test_inside_its_range_every_parameter_is_taken(app, operations):
    views = {
        str(rule).replace("<", "{").replace(">", "}"): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules() if "GET" in rule.methods
    }  # fmt: skip
    tried = 0
    for path, parameters in operations:
        schema = views[path]._spec["args"][0][0]
        for each in parameters:
            for value in inside(each["schema"]) if each["in"] == "query" else ():
                listed = isinstance(value, list)
                read = [str(one) for one in value] if listed else str(value)
                schema.fields[each["name"]].deserialize(read)
                tried += 1
    assert tried > 200


def longest(schema):
    """How many letters a value takes in an address at most."""
    if "anyOf" in schema:
        return max(longest(each) for each in schema["anyOf"])
    if "enum" in schema:
        return max(len(quote(str(each))) for each in schema["enum"])
    if schema["type"] == "integer":
        return WHOLE
    if schema["type"] == "number":
        return FLOAT
    if "maxLength" in schema:
        plain = schema.get("pattern", "").startswith(("^[A-Za-z0-9", "^[a-z0-9"))
        return schema["maxLength"] * (1 if plain else 12)  # four bytes, each with its percent sign
    return 12 * 60 + 4 if "{1,60}" in schema["pattern"] else 100  # of rating; corners, codes


def test_whatever_the_definition_allows_fits_into_an_address(operations):
    for path, parameters in operations:
        length = len(f"GET {path}? HTTP/1.1\r\n")
        for each in parameters:
            schema, times = each["schema"], 1
            if schema.get("type") == "array":
                schema, times = schema["items"], schema["maxItems"]
            length += times * (len(each["name"]) + 2 + longest(schema))
        assert length <= LONGEST_LINE, (path, length)
