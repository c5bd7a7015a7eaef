"""Classes of a legend: round edges, each value in one of them, and counts that are true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomap.web.plan.classes import class_of, classes_of

VALUES = st.lists(
    st.one_of(st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-4),
              st.just(float("nan"))),
    min_size=1, max_size=60,
)  # fmt: skip


@given(VALUES)
def test_every_known_value_has_one_class_and_the_counts_say_how_many(values):
    known = [each for each in values if np.isfinite(each)]
    classes = classes_of(np.array(values))
    assert len(classes) <= 5
    places = [class_of(each, classes) for each in values]
    assert [each is None for each in places] == [not np.isfinite(each) for each in values]
    assert [places.count(n) for n in range(len(classes))] == [each.count for each in classes]
    assert sum(each.count for each in classes) == len(known)
    for value, place in zip(values, places, strict=True):
        if place is not None:
            assert classes[place].low <= value <= classes[place].high


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([29.9, 55.8, 65.7, 65.9, 73.9, 74, 79.2, 86, 89.6, 95.5, 92.8, 100],
         ["20–65", "65–75", "75–85", "85–90", "90–100"]),
        ([0.012, 0.034, 0.05, 0.11, 0.5],
         ["0.01–0.03", "0.03–0.04", "0.04–0.08", "0.08–0.2", "0.2–0.6"]),
        ([7, 7, 7], ["7"]),
        ([0, 0, 0, 0, 12_345], ["0–2,000", "2,000–15,000"]),
    ],
)  # fmt: skip
def test_edges_are_numbers_that_one_would_say(values, texts):
    assert [each.text for each in classes_of(np.array(values, dtype=float))] == texts
