"""Whatever a test of this folder asks, the answer is held against the definition.

The schemas are closed for it: a member that the definition does not name is a fault too.
"""

from __future__ import annotations

from functools import cache

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException

from geomap.web.api.openapi import definition

DOCUMENTS = ("application/json", "application/geo+json", "application/problem+json")
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def closed(schema):
    """A schema whose objects have no member that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {name: closed(each) for name, each in schema.items()}
    if "properties" in schema and schema.get("additionalProperties") is True:
        inside["additionalProperties"] = False
    return inside


@cache
def document_of(app):
    with app.test_request_context():
        return closed(definition(app))


def told_of(app, response):
    """The schema that the definition has for an answer; None for what is no document."""
    asked = response.request
    if not asked.path.startswith("/api/v1/") or response.mimetype not in DOCUMENTS:
        return None
    if response.status_code == 304 or "Content-Encoding" in response.headers:
        return None
    if response.status_code >= 400:
        assert response.mimetype == "application/problem+json"
        return PROBLEM
    try:
        rule, _ = app.url_map.bind("").match(asked.path, asked.method, return_rule=True)
    except HTTPException:
        pytest.fail(f"{asked.path} is answered, and no route")
    path = str(rule).replace("<", "{").replace(">", "}")
    told = document_of(app)["paths"][path][asked.method.lower()]["responses"]
    return told[str(response.status_code)]["content"][response.mimetype]["schema"]


@pytest.fixture(autouse=True)
def answers_are_as_defined(monkeypatch):
    plain = FlaskClient.open

    def checked(self, *arguments, **options):
        response = plain(self, *arguments, **options)
        if response.request.method in ("GET", "DELETE"):
            schema = told_of(self.application, response)
            if schema is not None:
                parts = document_of(self.application)["components"]
                told = {**schema, "components": parts}
                Draft202012Validator(told).validate(response.get_json(force=True))
        return response

    monkeypatch.setattr(FlaskClient, "open", checked)
