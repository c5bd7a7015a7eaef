"""Sites from a matrix of costs, held to every choice there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import geomap as gm
from geomap.errors import ParameterError
from tests.plan.siting import brute

MODELS = ["lscp", "mclp", "p_median", "p_center"]


@st.composite
def cases(draw, most_sites=6, most_rows=8, *, money=False, capacity=False):
    """Small questions with ties, rows out of reach, rows without people and equal rows."""
    n, m = draw(st.integers(1, most_rows)), draw(st.integers(1, most_sites))
    costs = st.sampled_from([0.0, 1, 2, 3, 5, 8, brute.OUT])
    cost = np.array(draw(st.lists(costs, min_size=n * m, max_size=n * m))).reshape(n, m)
    weights = np.array(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float)
    stands = draw(st.lists(st.integers(0, m - 1), max_size=2, unique=True))[: m - 1]
    free = [j for j in range(m) if j not in stands]
    required = draw(st.lists(st.sampled_from(free), max_size=1))
    excluded = draw(st.lists(st.sampled_from(free), max_size=1))
    excluded = [j for j in excluded if j not in required and len(free) > 1]
    p = draw(st.integers(max(1, len(required)), len(free) - len(excluded)))
    case = brute.Case(cost, weights, p, draw(st.sampled_from([0.0, 2, 3, 8])), stands, required,
                      excluded)  # fmt: skip
    if money:
        case.site_cost = np.array(draw(st.lists(st.integers(0, 4), min_size=m, max_size=m)), float)
        case.budget = float(draw(st.integers(0, 10)))
    if capacity:
        held = draw(st.lists(st.integers(0, 9), min_size=m, max_size=m))
        case.capacity = np.array(held, dtype=float)
    return case


def asked(case, model, *, as_sparse=False):
    """Ask geomap; None where it refuses the question."""
    cost = case.cost
    if as_sparse:
        row, column = np.nonzero(np.isfinite(cost))
        cost = sparse.coo_array((cost[row, column], (row, column)), shape=cost.shape)
    try:
        return gm.site_from_matrix(
            cost, case.weights, model=model, p=None if model == "lscp" else case.p,
            standard=case.standard, existing=case.existing, required=case.required,
            excluded=case.excluded, site_cost=case.site_cost, budget=case.budget,
            capacity=case.capacity,
        )  # fmt: skip
    except ParameterError:
        return None


def agree(case, model, found, best, value):
    """The answer is the best there is, what its sites come to, and is said to be."""
    if best is None or found is None:
        assert best is None
        assert found is None
        return
    assert found.objective == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert (found.gap, found.bound, found.status) == (0.0, found.objective, "optimal")
    assert value(case, model, found.chosen) == pytest.approx(best, rel=1e-9, abs=1e-9)
    if model != "lscp" and case.budget is None and case.capacity is None:
        assert len(found.chosen) == case.p
    assert set(case.required) <= set(found.chosen)
    assert not set(found.chosen) & {*case.existing, *case.excluded}


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=220, derandomize=True)
@given(case=cases())
def test_the_objective_is_the_best_of_all_choices(model, case):
    agree(case, model, asked(case, model), brute.best(case, model), brute.value_of)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=100, derandomize=True)
@given(case=cases(most_sites=5, money=True))
def test_a_budget_is_kept_and_nothing_better_fits_into_it(model, case):
    best = brute.best(case, model)
    if model == "mclp" and best is not None and case.site_cost.min() > case.budget:
        return  # a budget that buys no site is refused, though existing ones cover some
    try:
        found = gm.site_from_matrix(
            case.cost, case.weights, model=model, p=None if model == "lscp" else case.p,
            standard=case.standard, existing=case.existing, required=case.required,
            excluded=case.excluded, site_cost=case.site_cost, budget=case.budget,
        )  # fmt: skip
    except ParameterError:
        closed = [*case.existing, *case.excluded]
        refused_rightly = best is None or np.delete(case.site_cost, closed).min() > case.budget
        found = None
    assert found is not None or refused_rightly
    if found is not None:
        agree(case, model, found, best, brute.value_of)
        assert found.spent <= case.budget


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=200, derandomize=True)
@given(case=cases(most_sites=4, most_rows=3, capacity=True))
def test_capacities_are_kept_and_nothing_better_fits_into_them(model, case):
    best = brute.best_with_capacity(case, model)
    agree(case, model, asked(case, model), best, brute.carried)


@settings(max_examples=60, derandomize=True)
@given(case=cases(), model=st.sampled_from(MODELS))
def test_a_sparse_matrix_says_what_an_array_with_infinity_says(case, model):
    one, other = asked(case, model), asked(case, model, as_sparse=True)
    assert (one is None) == (other is None)
    if one is not None:
        assert (one.chosen, one.objective) == (other.chosen, other.objective)


@settings(max_examples=60, derandomize=True)
@given(case=cases(), model=st.sampled_from(MODELS))
def test_who_serves_whom_adds_up(case, model):
    found = asked(case, model)
    if found is None:
        return
    served = found.served_by
    assert set(served[served >= 0].tolist()) <= set(found.chosen)
    assert np.flatnonzero(served == -3).tolist() == found.unreachable
    assert found.covered == pytest.approx(case.weights[(served >= 0) | (served == -1)].sum())
    assert found.new_weight.sum() == pytest.approx(case.weights[served >= 0].sum())
    if model == "mclp":
        assert found.covered == pytest.approx(found.objective)
        assert found.covered_before + found.new_weight.sum() == pytest.approx(found.objective)


@settings(max_examples=40, derandomize=True)
@given(case=cases(), seed=st.integers(0, 9))
def test_the_same_seed_gives_the_same_sites(case, seed):
    asked_ = [
        gm.site_from_matrix(
            case.cost, case.weights, model="mclp", p=case.p, standard=case.standard,
            existing=case.existing, excluded=case.excluded, seed=seed,
        ).chosen for _ in range(2)
    ]  # fmt: skip
    assert asked_[0] == asked_[1]


def streets(n, p):
    """Ways through a random town: a ring of n corners and some more streets, 1 to 100 long."""
    random = np.random.default_rng(n + p)
    ends = np.vstack([
        np.column_stack([np.arange(n), (np.arange(n) + 1) % n]),
        random.integers(0, n, (n * n // 50 - n, 2)),
    ])  # fmt: skip
    ends = ends[ends[:, 0] != ends[:, 1]]
    graph = np.full((n, n), np.inf)
    graph[ends[:, 0], ends[:, 1]] = random.integers(1, 101, len(ends))
    graph = np.minimum(graph, graph.T)
    graph[np.diag_indices(n)] = 0
    from scipy.sparse import csgraph

    return csgraph.floyd_warshall(csgraph.csgraph_from_dense(graph, null_value=np.inf))


@pytest.mark.parametrize(("n", "p"), [(100, 5), (100, 33), (200, 40)])
def test_a_town_of_streets_is_proven(n, p):
    cost = streets(n, p)
    found = gm.site_from_matrix(cost, None, model="p_median", p=p)
    assert (found.status, found.gap) == ("optimal", 0.0)
    assert cost[:, found.chosen].min(axis=1).sum() == found.objective
    center = gm.site_from_matrix(cost, None, model="p_center", p=p)
    assert center.status == "optimal"
    assert cost[:, center.chosen].min(axis=1).max() == center.objective


@pytest.mark.parametrize("model", ["mclp", "p_median", "p_center", "lscp"])
def test_without_time_the_best_so_far_comes_with_a_bound_and_no_claim(model):
    cost = streets(200, 5)
    found = gm.site_from_matrix(
        cost, None, model=model, p=None if model == "lscp" else 5, standard=200, time_limit_s=0,
    )  # fmt: skip
    assert (found.status == "optimal") == (found.gap == 0.0)
    assert found.bound >= found.objective if model == "mclp" else found.bound <= found.objective
    if found.status == "time_limit":
        assert found.gap > 0
    nearest = cost[:, found.chosen].min(axis=1)
    value = {
        "mclp": (nearest <= 200).sum(), "p_median": nearest.sum(), "p_center": nearest.max(),
        "lscp": len(found.chosen),
    }[model]  # fmt: skip
    assert value == found.objective


def test_a_bound_at_any_time_is_no_better_than_the_proven_best():
    cost = streets(200, 5)
    best = gm.site_from_matrix(cost, None, model="p_median", p=7).objective
    for seconds in (0.0, 0.05, 0.2):
        found = gm.site_from_matrix(cost, None, model="p_median", p=7, time_limit_s=seconds)
        assert found.bound <= best <= found.objective


def test_who_waits_furthest_today_counts_more_with_equity():
    cost = np.where(np.eye(2) > 0, 0.0, brute.OUT)
    question = {"model": "mclp", "p": 1, "standard": 0.5, "existing": [[1.0], [10.0]]}
    assert gm.site_from_matrix(cost, [3, 2], **question).chosen == [0]
    fair = gm.site_from_matrix(cost, [3, 2], equity=20, **question)
    assert fair.chosen == [1]
    assert fair.objective == 2 * 21  # in raised weights, as the docstring says
    assert fair.covered == 2


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("at most the 3 candidates", {"p": 4}),
        ("whole number", {"p": 1.5}),
        ("whole number", {"p": 0}),
        ("needs p", {"p": None}),
        ("NaN", {"cost": [[np.nan, 1, 2]]}),
        ("negative", {"cost": [[-1.0, 1, 2]]}),
        ("weights must be finite and 0 or more", {"weights": [-1]}),
        ("one number for each of 1", {"weights": [1, 2]}),
        ("there must be candidates", {"cost": np.zeros((1, 0))}),
        ("there must be candidates", {"excluded": [0, 1, 2]}),
        ("model must be one of", {"model": "voronoi"}),
        ("needs standard", {"model": "mclp", "standard": None}),
        ("leave p out", {"model": "lscp"}),
        ("required and excluded", {"required": [0], "excluded": [0]}),
        ("room for the 2 required", {"required": [0, 1]}),
        ("positions of candidates", {"required": [3]}),
        ("needs site_cost", {"budget": 5}),
        ("2 more than the budget of 5", {"site_cost": [7, 8, 9], "budget": 5}),
        ("the capacities can serve 4 of 10, 6 too few",
         {"weights": [10], "capacity": [4, 4, 4], "cost": [[1.0, 1, 1]]}),
        ("the capacities can serve 8 of 10, 2 too few",
         {"weights": [10], "capacity": [4, 4, 4], "cost": [[1.0, 1, 1]], "p": 3,
          "site_cost": [5, 5, 5], "budget": 10}),
        ("time_limit_s must be a number", {"time_limit_s": -1}),
        ("equity needs existing", {"equity": 1.0}),
        ("seed must be a whole number", {"seed": -1}),
        ("seed must be a whole number", {"seed": "one"}),
        ("seed must be a whole number", {"seed": 2**31}),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_in_words(said, change):
    question = {"cost": [[1.0, 2, 3]], "weights": [1], "model": "p_median", "p": 1, "standard": 9}
    question |= change
    with pytest.raises(ParameterError, match=said):
        gm.site_from_matrix(question.pop("cost"), question.pop("weights"), **question)


def test_too_few_sites_to_reach_all_says_how_many_it_takes():
    apart = np.where(np.eye(4) > 0, 1.0, np.inf)
    for model in ("p_median", "p_center"):
        with pytest.raises(ParameterError, match="it takes 4 at least"):
            gm.site_from_matrix(apart, None, model=model, p=3)


def test_a_budget_that_does_not_cover_all_says_by_how_much():
    apart = np.where(np.eye(3) > 0, 1.0, np.inf)
    with pytest.raises(ParameterError, match="costs 6 at least, 1 more than the budget of 5"):
        gm.site_from_matrix(apart, None, model="lscp", standard=2, site_cost=[1, 2, 3], budget=5)


def test_progress_never_gets_worse():
    told = []
    gm.site_from_matrix(
        streets(100, 5), None, model="p_median", p=5, tell=lambda *each: told.append(each)
    )
    costs, bounds = zip(*told, strict=True)
    assert list(costs) == sorted(costs, reverse=True)
    assert list(bounds) == sorted(bounds)
    assert told[-1][0] == told[-1][1]


def test_what_time_did_not_prove_is_not_called_impossible():
    random = np.random.default_rng(3)
    near = np.where(random.random((300, 120)) < 0.03, 1.0, np.inf)
    near[np.arange(300), np.arange(300) % 120] = 1.0
    fewest = int(gm.site_from_matrix(near, model="lscp", standard=1).objective)
    with pytest.raises(ParameterError, match=rf"takes {fewest} at least|in the time there was"):
        gm.site_from_matrix(near, model="p_median", p=fewest - 1)
    try:
        found = gm.site_from_matrix(near, model="p_median", p=fewest, time_limit_s=0)
    except ParameterError as refused:
        assert "in the time there was" in str(refused)  # noqa: PT017 (either may happen)
    else:
        assert len(found.chosen) == fewest


def test_existing_facilities_may_be_named_by_a_mask():
    cost = [[1.0, 9, 9], [9, 1, 9], [9, 9, 1]]
    found = gm.site_from_matrix(
        cost, [1, 2, 3], model="mclp", p=1, standard=1, existing=np.array([False, False, True])
    )
    assert (found.chosen, found.objective, found.covered_before) == ([1], 5.0, 3.0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cost", [np.zeros((0, 3)), np.full((2, 3), np.inf)])
def test_where_nothing_can_be_reached_nothing_is_claimed(model, cost):
    p = None if model == "lscp" else 2
    found = gm.site_from_matrix(cost, model=model, p=p, standard=5)
    assert (found.objective, found.gap, found.status) == (0.0, 0.0, "optimal")
    assert len(found.chosen) == (p or 0)
    assert found.unreachable == list(range(len(cost)))
    held = gm.site_from_matrix(cost, model=model, p=p, standard=5, capacity=1)
    assert (held.objective, held.gap) == (0.0, 0.0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("limit", [{}, {"site_cost": 1, "budget": 12}, {"capacity": 40}])
def test_the_best_and_the_bound_are_told_while_it_runs(model, limit):
    told = []
    gm.site_from_matrix(
        streets(100, 5)[:, :30], None, model=model, p=None if model == "lscp" else 12,
        standard=120, tell=lambda *each: told.append(each), time_limit_s=10, **limit,
    )  # fmt: skip
    costs, bounds = zip(*told, strict=True)
    assert np.isfinite(costs[-1])
    assert np.isfinite(bounds).all()
    assert list(costs) == sorted(costs, reverse=True)
    assert list(bounds) == sorted(bounds)
    assert bounds[-1] <= costs[-1] + 1e-6
