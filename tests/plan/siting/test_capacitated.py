"""Sites with so many beds: of people for whom they do not suffice, only a part is served."""

from __future__ import annotations

import numpy as np
import pytest

from geomap.plan.siting.matrix import site_from_matrix

FAR = np.inf
# 30 people near the home that stands (10 beds), 60 near candidate 0, 5 near candidate 1
COST = np.array([[FAR, FAR], [1.0, FAR], [FAR, 1.0]])
HOME = np.array([[1.0], [FAR], [FAR]])
PEOPLE = [30, 60, 5]


def asked(beds=10, **more):
    return site_from_matrix(
        COST, PEOPLE, existing=HOME, existing_capacity=[beds], standard=5, **more
    )


def test_people_beyond_the_beds_count_neither_as_served_nor_as_served_today():
    found = asked(model="mclp", p=1, capacity=[40, 40])
    assert found.chosen == [0]
    assert found.covered_before == pytest.approx(10)
    assert found.covered == pytest.approx(found.objective)
    assert found.objective == pytest.approx(10 + 40)
    assert found.new_weight == pytest.approx([40])


def test_beds_enough_for_all_serve_all():
    found = asked(30, model="lscp", capacity=[60, 5])
    assert found.objective == 2
    assert (found.covered, found.covered_before) == (pytest.approx(95), pytest.approx(30))
    assert found.new_weight == pytest.approx([60, 5])


def test_people_are_counted_as_they_came_where_the_worst_served_come_first():
    found = asked(model="mclp", p=1, capacity=[40, 40], equity=3.0)
    assert found.new_weight.sum() <= 40
    assert found.covered_before <= found.covered <= sum(PEOPLE)
