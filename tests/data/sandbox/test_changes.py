"""What a reader of changes gives back is not believed: it is a table of texts or refused."""

from __future__ import annotations

import json

import pytest

from geomap.data.files.findings.report import Report
from geomap.data.sandbox.changes import Cells, _taken
from geomap.errors import DataError

SOUND = {
    "header": ["kind", "beds"],
    "rows": [2],
    "cells": [["close", None]],
    "places": [[1.5, 2.0]],
}


def taken(tmp_path, content):
    (tmp_path / "cells.json").write_bytes(content)
    return _taken(tmp_path, Report("plan.csv", "changes"))


def test_a_table_of_texts_is_taken(tmp_path):
    found = taken(tmp_path, json.dumps(SOUND).encode())
    assert found == Cells(["kind", "beds"], [2], [["close", None]], [(1.5, 2.0)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"header": None}, {"header": "kb"}, {"header": [1, 2]}, {"rows": ["2"]}, {"rows": [True]},
        {"rows": []}, {"cells": [["close"]]}, {"cells": [["close", 7]]}, {"cells": [["close", {}]]},
        {"cells": ["ab"]}, {"places": []}, {"places": [[1, 2]]}, {"places": [[1.0]]},
        {"places": [7]}, {"places": [{"a": 1.0, "b": 2.0}]},
        {"rows": [2] * 3000, "cells": [["a", "b"]] * 3000, "places": [None] * 3000},
    ],
)  # fmt: skip
def test_anything_else_is_refused(tmp_path, wrong):
    with pytest.raises(DataError):
        taken(tmp_path, json.dumps(SOUND | wrong).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"7", b"\xff", b"[" * 100_000,
        b'{"header":[],"rows":[],"cells":[],"places":[[NaN,1.0]]}',
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(tmp_path, content):
    with pytest.raises(DataError):
        taken(tmp_path, content)
