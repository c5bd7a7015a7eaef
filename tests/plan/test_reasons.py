"""Why there: the next best and the curve agree with trying every other choice by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geomap.plan.reasons import Board, Point, alternatives, curve
from geomap.plan.siting.matrix import site_from_matrix


@st.composite
def questions(draw):
    """Metres (n, m), metres today, people, and a choice of some candidates."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(2, 6))
    numbers = st.integers(0, 9)
    cost = np.array(draw(st.lists(numbers, min_size=n * m, max_size=n * m)), float).reshape(n, m)
    today = np.array(draw(st.lists(st.integers(2, 12), min_size=n, max_size=n)), float)
    people = np.array(draw(st.lists(st.integers(1, 20), min_size=n, max_size=n)), float)
    chosen = draw(st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True))
    return cost, today, people, sorted(chosen)


def value(model, cost, today, people, sites, standard):  # noqa: PLR0917 (the question)
    """What a choice is worth, written out."""
    nearest = [min([today[i], *(cost[i, j] for j in sites)]) for i in range(len(people))]
    if model in ("mclp", "lscp"):
        return sum(w for w, far in zip(people, nearest, strict=True) if far <= standard)
    if model == "p_center":
        return max(nearest)
    return sum(w * far for w, far in zip(people, nearest, strict=True))


def stored(cost):
    """Every pair, zeros too."""
    n, m = cost.shape
    rows, columns = np.divmod(np.arange(n * m), m)
    return sparse.csc_array(sparse.coo_array((cost.ravel(), (rows, columns)), shape=(n, m)))


@pytest.mark.parametrize("model", ["lscp", "mclp", "p_median", "p_center"])
@settings(max_examples=40)
@given(question=questions())
def test_the_next_best_loses_least_of_all_that_could_take_the_place(model, question):
    cost, today, people, chosen = question
    covering = model in ("lscp", "mclp")
    board = Board(model, stored(cost), today, people, 4.0 if covering else None,
                  np.ones(cost.shape[1], dtype=bool))  # fmt: skip
    now = value(model, cost, today, people, chosen, 4.0)
    sign = 1 if covering else -1
    others = [j for j in range(cost.shape[1]) if j not in chosen]
    for site, found in zip(chosen, alternatives(board, chosen), strict=True):
        kept = [j for j in chosen if j != site]
        losses = {
            j: sign * (now - value(model, cost, today, people, [*kept, j], 4.0)) for j in others
        }
        assert found.site in others
        assert found.loss == pytest.approx(min(losses.values()))
        assert losses[found.site] == pytest.approx(found.loss)


def test_nothing_takes_the_place_where_nothing_may():
    board = Board("mclp", stored(np.array([[1.0, 2]])), np.array([9.0]), np.ones(1), 5.0,
                  np.array([True, False]))  # fmt: skip
    assert [each.site for each in alternatives(board, [0])] == [None]


def test_the_place_is_taken_within_the_budget():
    cost = stored(np.array([[1.0, 9, 1], [9, 1, 9], [9, 1, 9]]))
    board = Board("mclp", cost, np.full(3, 99.0), np.ones(3), 5.0, np.ones(3, dtype=bool),
                  np.array([5.0, 8, 5]), 5.0)  # fmt: skip
    assert [each.site for each in alternatives(board, [0])] == [2]  # 1 covers more, and is too dear


def test_every_point_of_a_curve_is_the_best_of_that_many():
    draw = np.random.default_rng(7)
    cost = draw.integers(0, 10, (8, 6)).astype(float)
    today, people = np.full(8, np.inf), draw.integers(1, 20, 8).astype(float)
    board = Board("mclp", stored(cost), today, people, 3.0, np.ones(6, dtype=bool))
    main = site_from_matrix(board.cost, people, model="mclp", p=2, standard=3)
    found = curve(board, main, [1, 2, 3, 4], required=[], seconds=5)
    best = [
        max(value("mclp", cost, today, people, some, 3) for some in combinations(range(6), p))
        for p in range(1, 5)
    ]
    wanted = [Point(0, 0.0, proven=True)]
    wanted += [Point(p, told, proven=True) for p, told in enumerate(best, 1)]
    assert found == wanted
