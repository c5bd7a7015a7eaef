"""Places that several rows share are told one by one while they are few, and else together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geomap.data.files.duplicates import find_shared_places
from geomap.data.files.findings.report import MOST_EACH


def shared(lon, names):
    rows = np.arange(2, 2 + len(lon))
    x = np.array(lon, dtype=float)
    return find_shared_places(x, np.where(np.isnan(x), x, 31.0), name=pd.Series(names), rows=rows)


def test_a_place_of_different_names_is_told_with_its_rows():
    nowhere = float("nan")
    found = shared([1, 2, 1, 3, 1, nowhere, nowhere], ["甲", "乙", "丙", "丁", "甲", "戊", "己"])
    (finding,) = found
    assert (finding.code, finding.rows) == ("duplicate_location", (2, 4, 6))
    assert finding.values == {"came": 2, "expected": ["甲", "丙"]}


def test_rows_of_one_name_or_of_none_share_no_place():
    assert shared([1, 1, 2, 2], ["甲", "甲", "乙", None]) == []


def test_very_many_places_are_not_as_many_findings():
    many = 4 * MOST_EACH
    found = shared([*range(many)] * 2, [f"甲{n}" for n in range(2 * many)])
    assert [each.code for each in found] == ["duplicate_location"] * MOST_EACH + [
        "duplicate_locations"
    ]
    assert sum(len(each.rows) for each in found) == 2 * many
    assert len({row for each in found for row in each.rows}) == 2 * many
    assert f"{many} " in found[-1].message("zh")
    assert f"{many} " in found[-1].message("en")
