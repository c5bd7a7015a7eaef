"""Gini, Palma and the worst served tenth, each against a formula of its own."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geomap.errors import DataError, ParameterError
from geomap.plan.equity import equity, gini, lorenz, palma

ROWS = st.lists(st.tuples(st.floats(0, 5), st.integers(1, 40)), min_size=1, max_size=12)


def spread(rows):
    return pd.Series([v for v, _ in rows], dtype=float), pd.Series([p for _, p in rows])


def one_by_one(rows):
    """Every tenth of a person by itself, so that tenths and 40 % fall between people."""
    return np.sort(np.repeat([v for v, _ in rows], [p * 10 for _, p in rows]))


@given(ROWS)
def test_gini_is_the_mean_difference_between_any_two_people(rows):
    people = one_by_one(rows)[::10]
    assume(people.sum() > 1e-6)
    apart = np.abs(people[:, None] - people[None, :]).mean()
    assert gini(*spread(rows)) == pytest.approx(apart / (2 * people.mean()), abs=1e-9)


@given(ROWS)
def test_palma_counts_tenths_of_people(rows):
    people = one_by_one(rows)
    assume(people.sum() > 1e-6)
    n = len(people)
    top, bottom = people[n * 9 // 10 :].sum(), people[: n * 4 // 10].sum()
    own = palma(*spread(rows))
    if bottom < 1e-9:
        assert own > 1e6
    else:
        assert own == pytest.approx(top / bottom, rel=1e-6)


@given(ROWS)
def test_the_worst_served_tenth_is_the_first_tenth_of_the_people(rows):
    people = one_by_one(rows)
    assume(people.sum() > 1e-6)
    found = equity(*spread(rows))
    worst = people[: len(people) // 10]
    assert found.worst_mean == pytest.approx(worst.mean(), abs=1e-9)
    assert found.worst_share == pytest.approx(worst.sum() / people.sum(), abs=1e-9)
    values, _ = spread(rows)
    assert found.worst_rows.tolist() == (values <= worst.max()).tolist()


@given(ROWS, st.integers(1, 5))
def test_dividing_a_row_or_scaling_all_changes_nothing(rows, times):
    values, people = spread(rows)
    assume((values * people).sum() > 1e-6)
    cut = pd.concat([values] * times, ignore_index=True)
    half = pd.concat([people] * times, ignore_index=True)
    for measure in (gini, palma):
        whole = measure(values, people)
        assume(math.isfinite(whole) and whole < 1e6)
        assert measure(cut, half) == pytest.approx(whole, rel=1e-6, abs=1e-9)
        assert measure(values * 7, people) == pytest.approx(whole, rel=1e-6, abs=1e-9)


def test_the_curve_runs_from_nothing_to_all_and_never_above_the_diagonal():
    values, people = pd.Series([4.0, 0.0, 1.0, 9.0]), pd.Series([5, 10, 0, 5])
    curve = lorenz(values, people)
    assert curve["people"].tolist() == [0, 0.5, 0.75, 1]
    assert curve["share"].tolist() == pytest.approx([0, 0, 20 / 65, 1])


def test_all_the_same_and_one_has_all():
    assert gini(pd.Series([3.0] * 4), pd.Series([1, 2, 3, 4])) == pytest.approx(0)
    assert gini(pd.Series([0.0, 1.0]), pd.Series([999, 1])) == pytest.approx(0.999)
    assert palma(pd.Series([0.0, 1.0]), pd.Series([5, 5])) == math.inf


def test_where_there_is_nothing_to_share_nothing_is_said():
    values, people = pd.Series([0.0, 0.0]), pd.Series([5, 5])
    found = equity(values, people)
    assert (math.isnan(found.gini), math.isnan(found.palma)) == (True, True)
    assert (found.mean, found.worst_mean) == (0.0, 0.0)
    none = equity(pd.Series([], dtype=float), pd.Series([], dtype=float))
    assert math.isnan(none.mean)
    assert none.worst_rows.empty


def test_unknown_values_are_left_out_and_counted():
    values = pd.Series([1.0, np.nan, 3.0], index=["a", "b", "c"])
    people = pd.Series([10, 10, np.nan], index=["a", "b", "c"])
    found = equity(values, people)
    assert (found.people, found.unknown, found.mean) == (10, 2, 1.0)
    assert found.worst_rows.to_dict() == {"a": True, "b": False, "c": False}


def test_negative_values_and_unequal_lengths_are_refused():
    with pytest.raises(DataError, match="values"):
        gini(pd.Series([-1.0]), pd.Series([1]))
    with pytest.raises(DataError, match="people"):
        gini(pd.Series([1.0]), pd.Series([-1]))
    with pytest.raises(ParameterError):
        gini(pd.Series([1.0]), pd.Series([1, 2]))
