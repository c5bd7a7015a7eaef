"""Several types at once, held to every choice there is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geomap as gm
from geomap.errors import ParameterError
from geomap.plan.siting.answer import MODELS
from geomap.plan.siting.median import Effort
from geomap.plan.siting.problem import Problem, check, columns_of
from geomap.plan.siting.several import site_several
from tests.plan.siting.brute import Case, carried


@st.composite
def towns(draw):
    """What it costs rows to reach candidates of each of two types; and all that may be stated."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    costs = st.lists(st.sampled_from([0, 1, 2, 3, 5, np.inf]), min_size=n * m, max_size=n * m)
    cost = [np.array(draw(costs), dtype=float).reshape(n, m) for _ in range(2)]
    rows = st.lists(st.sampled_from([0, 1, 2, 4, np.inf]), min_size=n, max_size=n)
    today = [
        np.array(draw(rows), dtype=float) if draw(st.booleans()) else np.full(n, np.inf)
        for _ in range(2)
    ]
    people = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), dtype=float)
    p = draw(st.integers(1, m - 1))
    p = (p, draw(st.integers(1, m - p)))
    excluded = draw(st.lists(st.integers(0, m - 1), max_size=1))
    required = [draw(st.lists(st.integers(0, m - 1), max_size=1)) for _ in range(3)]
    money = np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)), dtype=float)
    return Town(
        cost, today, people, p, excluded, required, money, draw(st.sampled_from([None, 4.0, 8.0])),
        np.array(draw(st.lists(st.integers(0, 9), min_size=m, max_size=m)), dtype=float),
    )  # fmt: skip


@dataclass
class Town:
    """A question of two types; required of either, and whichever type they take."""

    cost: list
    today: list
    people: np.ndarray
    p: tuple
    excluded: list
    required: list
    money: np.ndarray
    budget: float | None
    beds: np.ndarray

    def problems(self, model, *, capacity=False):
        m = len(self.money)
        return {
            name: Problem(
                model=model, reach=columns_of(self.cost[k]),
                existing=columns_of(self.today[k][:, None]), weights=self.people,
                p=None if model == "lscp" else self.p[k],
                required=np.isin(np.arange(m), self.required[k]),
                allowed=~np.isin(np.arange(m), self.excluded),
                site_cost=None if self.budget is None else self.money, budget=self.budget,
                capacity=self.beds if capacity else None,
                existing_capacity=np.array([4.0]) if capacity else None,
            ) for k, name in enumerate("ab")
        }  # fmt: skip

    def choices(self, model):
        """All pairs of sites of the two types that may be chosen together."""
        free = [j for j in range(len(self.money)) if j not in self.excluded]
        sizes = [range(len(free) + 1) if model == "lscp" else range(k + 1) for k in self.p]
        for one in (each for size in sizes[0] for each in combinations(free, size)):
            left = [j for j in free if j not in one]
            for other in (each for size in sizes[1] for each in combinations(left, size)):
                both = [*one, *other]
                held = set(self.required[0]) <= set(one) and set(self.required[1]) <= set(other)
                paid = self.budget is None or self.money[both].sum() <= self.budget
                if held and paid and set(self.required[2]) <= set(both):
                    yield one, other

    def value(self, model, chosen):
        """What a choice is worth, the less the better; None: it leaves somebody out."""
        parts = []
        for k, sites in enumerate(chosen):
            free = [j for j in range(len(self.money)) if j not in self.excluded]
            near = np.minimum(
                self.cost[k][:, list(sites)].min(axis=1, initial=np.inf), self.today[k]
            )
            if model == "mclp":
                parts.append(-self.people[np.isfinite(near)].sum())
                continue
            rows = np.isfinite(np.minimum(self.cost[k][:, free].min(axis=1, initial=np.inf),
                                          self.today[k]))  # fmt: skip
            rows &= (self.people > 0) | (model != "p_median")
            if not np.isfinite(near[rows]).all():
                return None
            parts.append({"lscp": len(sites), "p_median": self.people[rows] @ near[rows],
                          "p_center": near[rows].max(initial=0.0)}[model])  # fmt: skip
        return max(parts) if model == "p_center" else sum(parts)

    def carried(self, model, chosen):
        """The same where sites serve no more than their beds, and what exists 4."""
        parts = []
        for k, sites in enumerate(chosen):
            cost = np.hstack([self.cost[k], self.today[k][:, None]])
            case = Case(cost, self.people, 0, 9, existing=[len(self.money)], excluded=self.excluded,
                        capacity=np.append(self.beds, 4))  # fmt: skip
            parts.append(carried(case, model, list(sites)))
        if None in parts:
            return None
        sign = -1 if model == "mclp" else 1
        return max(parts) if model == "p_center" else sign * sum(parts)

    def possible(self):
        """Whether the question can be asked at all."""
        m = len(self.money)
        every = [set(each) for each in self.required]
        fits = not (every[0] & every[1]) and not set.union(*every) & set(self.excluded)
        return fits and len(self.excluded) < m


def answered(town, model, *, capacity):
    """The answer, or the words of the refusal."""
    asked = town.problems(model, capacity=capacity)
    shared = np.isin(np.arange(len(town.money)), town.required[2])
    try:
        checked = {name: check(each) for name, each in asked.items()}
        return site_several(checked, Effort(time.monotonic() + 60), shared=shared)
    except ParameterError as error:
        return error


def held_to_every_choice(town, model, *, capacity=False):
    """Solve, and hold the answer to all choices there are."""
    worth = town.carried if capacity else town.value
    values = [worth(model, each) for each in town.choices(model)]
    best = min((each for each in values if each is not None), default=None)
    found = answered(town, model, capacity=capacity)
    if isinstance(found, ParameterError):
        many = sum(town.p) > len(town.money) - len(town.excluded) and model != "lscp"
        assert "in the time" not in str(found)
        assert best is None or many or not town.possible(), found
        return
    sign = -1 if model == "mclp" else 1
    assert best is not None
    assert sign * found.objective == pytest.approx(best)
    assert (found.gap, found.status) == (0.0, "optimal")
    assert found.bound == pytest.approx(found.objective)
    assert len(set(found.chosen)) == len(found.chosen)
    sites = [[j for j, of in zip(found.chosen, found.types, strict=True) if of == name]
             for name in "ab"]  # fmt: skip
    assert all(set(own) <= set(some) for own, some in zip(town.required, sites, strict=False))
    assert set(town.required[2]) <= set(found.chosen)
    if town.budget is not None:
        assert found.spent <= town.budget
    elif model != "lscp" and not capacity:
        assert [len(each) for each in sites] == list(town.p)
    assert sign * worth(model, sites) == pytest.approx(sign * best)
    if model == "mclp" and capacity:
        assert found.covered == pytest.approx(found.objective)
    elif model == "mclp":
        assert found.covered == pytest.approx(found.objective)
        assert found.new_weight.sum() == pytest.approx(found.covered - found.covered_before)


@pytest.mark.parametrize("model", MODELS)
def test_types_together_are_as_good_as_the_best_of_all_choices(model):
    @settings(max_examples=200, derandomize=True)
    @given(town=towns())
    def law(town):
        held_to_every_choice(town, model)

    law()


@pytest.mark.parametrize("model", MODELS)
def test_with_beds_too_types_together_are_as_good_as_the_best_of_all_choices(model):
    @settings(max_examples=25, derandomize=True)
    @given(town=towns())
    def law(town):
        held_to_every_choice(town, model, capacity=True)

    law()


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


def test_every_model_takes_several_types_by_hand():
    """A at 0 and B at 2900; people at 0 (10) and 3000 (20)."""
    people = along([0, 3000], population=[10, 20])
    idle = along([0, 2900, 2900], cost=[5, 9, 1], beds=[10, 40, 5]).set_index(np.array(list("ABC")))
    one = {"home": 1, "centre": 1}
    fewest = gm.site(people, idle, model="lscp", standard_m={"home": 3000, "centre": 500})
    assert (fewest.objective, fewest.gap, sorted(fewest.types)) == (3, 0, ["centre"] * 2 + ["home"])
    median = gm.site(people, idle, model="p_median", p=one, excluded=["A"])
    assert median.objective == pytest.approx(2 * (10 * 2900 + 20 * 100), abs=0.1)
    assert sorted(median.chosen) == ["B", "C"]
    forced = gm.site(people, idle, model="p_median", p=one, required={"centre": ["A"]})
    assert dict(zip(forced.types, forced.chosen, strict=True))["centre"] == "A"
    assert forced.objective == pytest.approx(20 * 3000 + 10 * 2900 + 20 * 100, abs=0.1)
    center = gm.site(people, idle, model="p_center", p=one, required=["A"])
    assert "A" in center.chosen
    assert (center.objective, center.status) == (pytest.approx(3000, abs=0.1), "optimal")
    poor = gm.site(people, idle, standard_m={"home": 500, "centre": 500}, budget=6)
    assert (poor.objective, poor.spent, sorted(poor.chosen)) == (30, 6, ["A", "C"])
    full = gm.site(people, idle, p=one, standard_m=500, capacity="beds", excluded=["A"])
    assert (full.objective, full.covered) == (20 + 5, 25)


def test_who_is_worst_served_by_a_type_counts_for_more():
    people = along([0, 3000], population=[10, 9])
    idle = along([0, 3000], name=["mill", "shop"]).set_index(np.array(["A", "B"]))
    there = along([0], type=["home"])
    asked = {"p": {"home": 1}, "standard_m": {"home": 500}}
    assert gm.site(people, idle, **asked).chosen == ["A"]
    worst = gm.site(people, idle, existing=there, equity=1.0, **asked)
    assert (worst.chosen, worst.objective, worst.covered) == (["B"], 10 + 2 * 9, 19)


def test_without_time_the_bound_is_still_no_more_than_what_is_possible():
    at = np.arange(0, 3000, 100)
    people, idle = along(at, population=np.arange(1, 31)), along(at + 40)
    asked = {"p": {"a": 2, "b": 2, "c": 2}, "standard_m": 300}
    best = gm.site(people, idle, **asked)
    assert (best.status, best.gap) == ("optimal", 0.0)
    for model, sign in (("mclp", -1), ("p_median", 1), ("p_center", 1)):
        asked["standard_m"] = 300 if model == "mclp" else None
        best = gm.site(people, idle, model=model, **asked)
        hasty = gm.site(people, idle, model=model, time_limit_s=0.3, **asked)
        assert best.status == "optimal"
        assert sign * hasty.objective >= sign * best.objective - 1e-6
        assert sign * hasty.bound <= sign * best.objective + 1e-6
        assert (hasty.gap == 0) == (hasty.status == "optimal")


def test_types_that_do_not_fit_are_refused_in_words():
    people, idle = along([0, 3000], population=[10, 20]), along([0, 2900])
    with pytest.raises(ParameterError, match="must give a number for each"):
        gm.site(people, idle, p=1, standard_m={"a": 500})
    with pytest.raises(ParameterError, match="must give a number for each"):
        gm.site(people, idle, p={"a": 1}, standard_m={"b": 500})
    with pytest.raises(ParameterError, match="required by type"):
        gm.site(people, idle, p=1, standard_m=500, required={"a": [0]})
    with pytest.raises(ParameterError, match="required must name types"):
        gm.site(people, idle, p={"a": 1}, standard_m=500, required={"b": [0]})
    with pytest.raises(ParameterError, match="got 3 for 2 types together"):
        gm.site(people, idle, p={"a": 1, "b": 2}, standard_m={"a": 500, "b": 500})
    with pytest.raises(ParameterError, match="leave p out"):
        gm.site(people, idle, model="lscp", p={"a": 1}, standard_m={"a": 500})
    with pytest.raises(ParameterError, match="no choice serves all the demand for 2 types"):
        gm.site(people, idle[:1], model="lscp", standard_m={"a": 5000, "b": 5000})
    with pytest.raises(ParameterError, match="required for 2 types"):
        gm.site(people, idle, p={"a": 1, "b": 1}, standard_m=500, required={"a": [0], "b": [0]})
    with pytest.raises(ParameterError, match="leave room for the 3 required"):
        gm.site(people, along([0, 1, 2]), p={"a": 1, "b": 1}, standard_m=500, required=[0, 1, 2])
    with pytest.raises(ParameterError, match="b: 1 site cannot reach"):
        gm.site(people, idle, model="p_median", p={"a": 1, "b": 1},
                standard_m={"a": 5000, "b": 500})  # fmt: skip
