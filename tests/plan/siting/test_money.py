"""Yuan a person, subsidies and budgets, by plain pandas and by trying every choice."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geomap.errors import ParameterError
from geomap.plan.indicators.study import Subsidy
from geomap.plan.reasons import Board, budgets_of, money_curve
from geomap.plan.siting.matrix import site_from_matrix
from geomap.plan.siting.money import spending, subsidy_per_year, yuan_per_person

maybe = st.one_of(st.just(math.nan), st.integers(0, 10**9).map(float))


@settings(max_examples=100)
@given(rows=st.lists(st.tuples(maybe, st.integers(0, 10**6)), max_size=12))
def test_yuan_a_person_is_cost_over_people_and_unknown_stays_unknown(rows):
    table = pd.DataFrame(rows, columns=["cost", "newly"], dtype="float64")
    wanted = table["cost"] / table["newly"].where(table["newly"] > 0)
    found = yuan_per_person(table["cost"], table["newly"])
    np.testing.assert_allclose(found, wanted)
    told = spending(table["cost"], table["newly"])
    assert told.unknown == table["cost"].isna().sum()
    assert told.people == table["newly"].sum()
    assert told.yuan == (None if table["cost"].isna().all() else table["cost"].sum())
    if told.unknown or not told.people:
        assert told.yuan_per_person is None
    else:
        assert told.yuan_per_person == pytest.approx(table["cost"].sum() / table["newly"].sum())


@pytest.mark.parametrize(
    ("cost", "newly", "said"),
    [
        ([-1], [5], "cost must be 0 or more"),
        ([math.inf], [5], "cost must be 0 or more"),
        ([1], [-5], "newly must be 0 or more"),
        ([1, 2], [5], "a number for each site"),
        (["x"], [5], "cost must hold numbers"),
    ],
)
def test_what_is_no_amount_is_refused(cost, newly, said):
    with pytest.raises(ParameterError, match=said):
        yuan_per_person(cost, newly)
    with pytest.raises(ParameterError, match=said):
        spending(cost, newly)


def test_a_disabled_resident_year_brings_what_zaozhuang_published():
    least, most = subsidy_per_year([1, 0, math.nan, 120])
    assert least[:2].tolist() == [3_000 + 4_800 * 0.8, 0]
    assert most[:2].tolist() == [3_000 + 4_800 * 1.2, 0]
    assert np.isnan([least[2], most[2]]).all()
    assert (least[3], most[3]) == (820_800, 1_051_200)


def test_half_full_and_half_disabled_bring_a_quarter():
    whole = subsidy_per_year([100])
    part = subsidy_per_year([100], rates=Subsidy(disabled_share=0.5), occupancy=0.5)
    assert [each[0] / 4 for each in whole] == [each[0] for each in part]
    own = Subsidy(base_yuan=1_000, care_yuan=2_000, factors={1: 1.0}, unrated=1.0)
    assert [each[0] for each in subsidy_per_year([10], rates=own)] == [30_000, 30_000]


@pytest.mark.parametrize("occupancy", [-0.1, 1.01, math.nan, True])
def test_an_occupancy_is_a_share(occupancy):
    with pytest.raises(ParameterError, match="occupancy must be a share") as caught:
        subsidy_per_year([1], occupancy=occupancy)
    assert "入住率" in caught.value.said("zh")
    with pytest.raises(ParameterError, match="beds must be 0 or more"):
        subsidy_per_year([-1])


def stored(cost):
    """Every pair, zeros too; infinite is out of reach."""
    rows, columns = np.nonzero(np.isfinite(cost))
    pairs = (cost[rows, columns], (rows, columns))
    return sparse.csc_array(sparse.coo_array(pairs, shape=cost.shape))


def worth(model, cost, today, people, sites, standard):  # noqa: PLR0917 (the question)
    """What a choice is worth, written out."""
    nearest = np.minimum(today, cost[:, list(sites)].min(axis=1, initial=np.inf))
    there = np.isfinite(nearest)
    if model in ("mclp", "lscp"):
        return float(people[nearest <= standard].sum())
    if model == "p_center":
        return float(nearest[there].max())
    return float((people[there] * nearest[there]).sum() / people[there].sum())


@st.composite
def towns(draw):
    """Metres (n, m), metres today, people, yuan."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(2, 5))
    numbers = st.lists(st.integers(0, 9), min_size=n * m, max_size=n * m)
    cost = np.array(draw(numbers), dtype=float).reshape(n, m)
    today = np.array(draw(st.lists(st.integers(3, 12), min_size=n, max_size=n)), dtype=float)
    people = np.array(draw(st.lists(st.integers(1, 20), min_size=n, max_size=n)), dtype=float)
    yuan = np.array(draw(st.lists(st.integers(1, 9), min_size=m, max_size=m)), dtype=float)
    return cost, today, people, yuan


@pytest.mark.parametrize("model", ["mclp", "lscp", "p_median", "p_center"])
@settings(max_examples=30)
@given(town=towns())
def test_every_budget_buys_the_best_that_any_choice_within_it_does(model, town):
    cost, today, people, yuan = town
    standard = 4.0 if model in ("mclp", "lscp") else None
    m = len(yuan)
    board = Board(model, stored(cost), today, people, standard, np.ones(m, dtype=bool), yuan)
    main = site_from_matrix(
        board.cost, people, model="mclp" if standard else model, p=min(2, m), standard=standard,
        existing=today[:, None],
    )  # fmt: skip
    budgets = budgets_of(board, main.chosen, count=4)
    assert budgets[0] == yuan.min()
    assert budgets[-1] == max(yuan.min(), yuan[main.chosen].sum())
    found = money_curve(board, main, budgets, p=2, seconds=20)
    best = max if standard else min
    for point in found:
        choices = [
            some for size in (1, 2) for some in combinations(range(m), size)
            if yuan[list(some)].sum() <= point.budget
        ]  # fmt: skip
        wanted = best(worth(model, cost, today, people, some, 4.0) for some in choices)
        assert point.value == pytest.approx(wanted)
        assert point.proven
        assert point.spent <= point.budget
        assert point.sites <= 2
    values = [each.value for each in found]
    assert values == sorted(values, reverse=standard is None)
    assert {each.budget for each in found} == set(budgets) | {yuan[main.chosen].sum()}


def town_of(yuan):
    """Three sites cover 10, 20 and 40 people apart."""
    cost = np.where(np.eye(3, dtype=bool), 0.0, np.inf)
    return Board("mclp", stored(cost), np.full(3, np.inf), np.array([10.0, 20, 40]), 5.0,
                 np.ones(3, dtype=bool), np.array(yuan, dtype=float))  # fmt: skip


def test_a_site_whose_cost_is_unknown_is_not_bought():
    board = town_of([1, 2, math.nan])
    main = site_from_matrix(board.cost, board.people, model="mclp", p=3, standard=5)
    assert main.chosen == [0, 1, 2]
    budgets = budgets_of(board, main.chosen, count=3)
    assert budgets == [1, 2, 3]
    found = money_curve(board, main, budgets, seconds=5)  # the answer itself has no price
    assert [(each.budget, each.value, each.sites) for each in found] == [
        (1, 10, 1), (2, 20, 1), (3, 30, 2),
    ]  # fmt: skip


def test_what_is_required_is_paid_for_first():
    board = town_of([5, 2, 9])
    main = site_from_matrix(board.cost, board.people, model="mclp", p=2, standard=5, required=[0])
    assert budgets_of(board, main.chosen, required=[0], count=2) == [5, 14]
    found = money_curve(board, main, [3, 5, 7, 14], p=2, required=[0], seconds=5)
    assert [(each.budget, each.value) for each in found] == [(5, 10), (7, 30), (14, 50)]


@pytest.mark.parametrize("yuan", [[1, -2, 3], [1, math.inf, 3]])
def test_costs_that_are_none_are_refused(yuan):
    board = town_of(yuan)
    main = site_from_matrix(board.cost, board.people, model="mclp", p=1, standard=5)
    with pytest.raises(ParameterError, match="site_cost must be 0 or more") as caught:
        money_curve(board, main, [5], seconds=5)
    assert "费用" in caught.value.said("zh")


def test_a_board_without_costs_has_no_curve_against_money():
    board = Board("mclp", stored(np.zeros((1, 1))), np.full(1, np.inf), np.ones(1), 5.0,
                  np.ones(1, dtype=bool))  # fmt: skip
    with pytest.raises(ParameterError, match="needs site_cost") as caught:
        budgets_of(board, [0])
    assert "费用" in caught.value.said("zh")
