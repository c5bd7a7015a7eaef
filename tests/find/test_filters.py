"""Filters and their counts against a judge that reads one home at a time, in words."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geomap.errors import ParameterError
from geomap.find.facets import count_choices, relaxations
from geomap.find.filters import GROUPS
from geomap.find.selection import Columns, Selection

HOMES = {
    "type": ["nursing_home", "rural_welfare_home", "other"],
    "beds_available": [None, 0, 1, 7],
    "accepts": [None, [], ["self_care"], ["dementia", "disabled"], ["self_care", "dementia"]],
    "medical": [None, "inhouse", "partner", "both", "none"],
    "services": [None, ["meals"], ["meals", "bathing"]],
    "price_min": [None, 1999.0, 2000.0, 5000.0],
    "price_max": [None, 2000.0, 9000.0],
    "rating": [None, 1, 3, 5],
    "rating_scheme": [None, "国家标准", "GB/T 37276", "北京市", "某省"],
    "ownership": [None, "public", "private"],
    "admits_private": [None, True, False],
    "prepay_escrow": [None, True, False],
    "fire_cert": [None, True, False],
    "risk_listed": [None, True, False],
    "rectified_on": [None, pd.Timestamp("2026-01-01")],
}
KINDS = {
    "beds_available": "Int64", "rating": "Int64", "price_min": "float64", "price_max": "float64",
    "admits_private": "boolean", "prepay_escrow": "boolean", "fire_cert": "boolean",
    "risk_listed": "boolean", "rectified_on": "datetime64[s]", "medical": "str",
    "ownership": "str", "type": "str", "rating_scheme": "str",
}  # fmt: skip
CHOICES = {
    "beds": ["free", "full"],
    "accepts": ["self_care", "dementia", "disabled"],
    "type": ["nursing_home", "other"],
    "price": ["2000", "3500"],
    "medical": ["inhouse", "partner", "none"],
    "services": ["meals", "bathing"],
    "rating": ["national|3", "beijing|1", "某省|5", "unrated"],
    "ownership": ["public", "private"],
    "admits_private": ["yes"],
    "prepay_escrow": ["yes"],
    "fire_cert": ["yes"],
    "risk": ["clear"],
}


def frame(homes):
    columns = {}
    for name in HOMES:
        values = [home[name] for home in homes]
        columns[name] = pd.Series(values, dtype=KINDS.get(name, "object"))
    return gpd.GeoDataFrame(columns, geometry=[Point(0, 0)] * len(homes), crs="EPSG:4326")


def answer(home, group):  # noqa: PLR0911 (one line a question)
    """What is known of one question: the set of choices that fit, or None."""
    if group == "beds":
        free = home["beds_available"]
        return None if free is None else {"free" if free else "full"}
    if group in ("accepts", "services"):
        return set(home[group]) if home[group] else None
    if group == "price":
        fee = home["price_min"] if home["price_min"] is not None else home["price_max"]
        return None if fee is None else {each for each in CHOICES["price"] if fee <= int(each)}
    if group == "medical":
        own = home["medical"]
        return None if own is None else {"inhouse", "partner"} if own == "both" else {own}
    if group == "rating":
        level, scheme = home["rating"], home["rating_scheme"]
        if level is None:
            return None if scheme is None else {"unrated"}
        key = {"国家标准": "national", "GB/T 37276": "national", "北京市": "beijing"}.get(
            scheme, scheme
        )
        return {f"{key}|{each}" for each in range(1, level + 1)}
    if group == "risk":
        listed = home["risk_listed"]
        return (
            None if listed is None else {"clear"} if not listed or home["rectified_on"] else set()
        )
    value = home[group]
    return (
        None
        if value is None
        else ({"yes"} if value else set())
        if value in (True, False)
        else {value}
    )


def verdict(home, filters):
    """no, maybe or yes, by the least of all questions."""
    least = 2
    for group, chosen in filters.items():
        known = answer(home, group)
        named = set(chosen) - {"unknown"}
        if known is None:
            least = min(least, 2 if "unknown" in chosen else 1)
        elif not named:
            least = 0
        else:
            every = group in ("accepts", "services")
            fits = named <= known if every else bool(named & known)
            least = min(least, 2 if fits else 0)
    return least


homes = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in HOMES.items()}),
    max_size=12,
)
filters = st.dictionaries(st.sampled_from(sorted(CHOICES)), st.just(None), max_size=4).flatmap(
    lambda groups: st.fixed_dictionaries(
        {
            each: st.lists(
                st.sampled_from([*CHOICES[each], "unknown"]), min_size=1, max_size=2, unique=True
            ).map(tuple)
            for each in groups
        }
    )
)


@given(homes, filters)
def test_each_home_is_judged_as_one_would_by_reading_it(rows, chosen):
    selection, columns = Selection(filters=chosen), Columns(frame(rows))
    expected = [verdict(home, chosen) for home in rows]
    assert selection.verdicts(columns).tolist() == expected
    assert selection.mask(columns).tolist() == [each == 2 for each in expected]
    assert selection.maybe(columns).tolist() == [each == 1 for each in expected]


@given(homes, filters, st.randoms())
def test_a_count_is_what_ticking_the_choice_finds(rows, chosen, random):
    among = pd.Series([random.random() < 0.8 for _ in rows], dtype=bool).to_numpy()
    counts = count_choices(Selection(filters=chosen), Columns(frame(rows)), among=among)
    for group, choices in CHOICES.items():
        for choice in [*choices, "unknown"]:
            if group == "rating" and choice not in counts[group]:
                continue  # no home has such a rating
            if group == "price" and choice not in counts[group]:
                continue  # offered are round fees only
            before = chosen.get(group, ()) if group in ("accepts", "services") else ()
            named = tuple(each for each in before if each != "unknown")
            if choice == "unknown":
                named = ()
                asked = {name: each for name, each in chosen.items() if name != group}
                if group in ("accepts", "services") and set(before) - {"unknown"}:
                    continue  # a list cannot both hold a choice and be unknown
            else:
                asked = dict(chosen)
            asked[group] = (*named, choice)
            expected = sum(
                verdict(home, asked) == 2 for home, here in zip(rows, among, strict=True) if here
            )
            assert counts[group][choice] == expected, (group, choice)


@given(homes, filters)
def test_dropping_a_filter_never_finds_less(rows, chosen):
    selection, columns = Selection(filters=chosen), Columns(frame(rows))
    now = int(selection.mask(columns).sum())
    for each in relaxations(selection, columns):
        without = {name: what for name, what in chosen.items() if name != each.name}
        expected = sum(verdict(home, without) == 2 for home in rows)
        assert each.count == expected >= now


def test_levels_of_different_schemes_do_not_compare():
    unknown = dict.fromkeys(HOMES)
    schemes = ("北京市", "GB/T 37276", "GB 标准")
    columns = Columns(frame([unknown | {"rating": 5, "rating_scheme": each} for each in schemes]))
    national = Selection(filters={"rating": ("national|4",)})
    assert national.mask(columns).tolist() == [False, True, True]
    assert columns.rated == (("national", 5), ("beijing", 5))


@pytest.mark.parametrize("scheme", ["某省|试行", "A, B", "x" * 300, "{{7*7}}|3", "甲\n乙", "|"])
def test_every_scheme_of_a_file_can_be_counted_and_chosen(scheme):
    unknown = dict.fromkeys(HOMES)
    columns = Columns(frame([unknown | {"rating": 3, "rating_scheme": scheme}, unknown]))
    counted = count_choices(Selection(), columns)["rating"]
    for name, level in columns.rated:
        asked = Selection(filters={"rating": (f"{name}|{level}",)})
        assert counted[f"{name}|{level}"] == asked.mask(columns).sum() == 1


def test_of_many_schemes_the_most_common_are_offered_and_all_are_ranked():
    unknown = dict.fromkeys(HOMES)
    names = ["常见", *(f"标准{number}" for number in range(500)), "常见"]
    rows = [unknown | {"rating": 2, "rating_scheme": each} for each in names]
    columns = Columns(frame(rows))
    assert len(columns.rated) < 20
    assert columns.rated[0] == ("常见", 2)
    assert np.isfinite(columns.scheme_ranks).all()


@pytest.mark.parametrize(
    ("group", "choice"),
    [
        ("beds", "many"),
        ("price", "0"),
        ("price", "-1"),
        ("price", "٣"),
        ("rating", "national|6"),
        ("type", ""),
        ("nothing", "yes"),
    ],
)
def test_what_is_no_choice_is_refused_by_name(group, choice):
    with pytest.raises(ParameterError, match=group):
        Selection(filters={group: (choice,)})


def test_every_group_is_tested():
    assert {*CHOICES} == {*GROUPS}
