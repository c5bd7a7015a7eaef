"""Several types at once, held to every choice there is."""

from __future__ import annotations

import time
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import geomap as gm
from geomap.errors import ParameterError
from geomap.plan.siting.median import Effort
from geomap.plan.siting.problem import Problem
from geomap.plan.siting.several import site_several


@st.composite
def towns(draw):
    """Which rows candidates cover for each of two types, people, and how many of each."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(2, 5))
    bits = st.lists(st.booleans(), min_size=n * m, max_size=n * m)
    near = [np.array(draw(bits)).reshape(n, m) for _ in range(2)]
    weights = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), dtype=float)
    p = draw(st.integers(1, m - 1))
    cost = np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)), dtype=float)
    budget = draw(st.sampled_from([None, 3.0, 6.0]))
    return near, weights, (p, draw(st.integers(1, m - p))), cost, budget


def every_choice(near, weights, sizes, cost, budget):
    """The most people covered, types added up, no site taken twice."""
    best, m = 0.0, near[0].shape[1]
    ranges = [range(size + 1) for size in sizes]
    for one in (each for size in ranges[0] for each in combinations(range(m), size)):
        free = [j for j in range(m) if j not in one]
        for other in (each for size in ranges[1] for each in combinations(free, size)):
            if budget is not None and cost[[*one, *other]].sum() > budget:
                continue
            covered = [near[0][:, list(one)].any(axis=1), near[1][:, list(other)].any(axis=1)]
            best = max(best, sum(weights[each].sum() for each in covered))
    return best


@settings(max_examples=200, derandomize=True)
@given(town=towns())
def test_types_together_cover_the_most_of_all_choices(town):
    near, weights, sizes, cost, budget = town
    n, m = near[0].shape
    problems = {
        name: Problem(
            model="mclp", reach=sparse.csc_array(each.astype(float)),
            existing=sparse.csc_array((n, 0)), weights=weights, p=size,
            required=np.zeros(m, dtype=bool), allowed=np.ones(m, dtype=bool),
            site_cost=None if budget is None else cost, budget=budget,
        ) for name, each, size in zip("ab", near, sizes, strict=True)
    }  # fmt: skip
    found = site_several(problems, Effort(time.monotonic() + 60))
    assert found.objective == pytest.approx(every_choice(near, weights, sizes, cost, budget))
    assert (found.gap, found.status, found.bound) == (0.0, "optimal", found.objective)
    assert len(set(found.chosen)) == len(found.chosen)
    assert found.new_weight.sum() == pytest.approx(found.objective)
    if budget is None:
        assert sorted(found.types) == ["a"] * sizes[0] + ["b"] * sizes[1]
    else:
        assert found.spent <= budget


M = 1 / 111_319.490793


def along(metres, **columns):
    """Points on the equator, so many metres east."""
    at = gpd.points_from_xy(np.array(metres, dtype=float) * M, np.zeros(len(metres)))
    return gpd.GeoDataFrame(columns, geometry=at, crs="EPSG:4326")


def test_each_type_has_its_standard_and_its_existing_facilities():
    people = along([0, 3000], population=[10, 20])
    idle = along([0, 2900], name=["mill", "shop"]).set_index(np.array(["A", "B"]))
    there = along([0], type=["home"])
    found = gm.site(
        people, idle, p={"home": 1, "centre": 1}, standard_m={"home": 3000, "centre": 500},
        existing=there,
    )  # fmt: skip
    assert dict(zip(found.types, found.chosen, strict=True)) == {"home": "A", "centre": "B"}
    assert found.objective == (10 + 20) + 20
    assert found.covered_before == 30


def test_types_that_do_not_fit_are_refused_in_words():
    people, idle = along([0, 3000], population=[10, 20]), along([0, 2900])
    with pytest.raises(ParameterError, match="both give a number for each"):
        gm.site(people, idle, p={"a": 1}, standard_m=500)
    with pytest.raises(ParameterError, match="got 3 for 2 types together"):
        gm.site(people, idle, p={"a": 1, "b": 2}, standard_m={"a": 500, "b": 500})
    with pytest.raises(ParameterError, match="several types go with mclp"):
        gm.site(people, idle, model="p_median", p={"a": 1}, standard_m={"a": 500})
