"""Checking published figures: recomputed from the data, with the working shown.

A figure holds, does not hold, by so much, or cannot be checked, for so much is missing. What is
unknown is neither yes nor no: where it could turn the answer, there is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.model.adcodes import code_range, code_ranges
from geomap.model.area import LEVELS
from geomap.model.table import Label
from geomap.plan.indicators.answer import INDICATORS, study_of, working
from geomap.plan.indicators.given import LEVEL_OF_SPAN, fitted
from geomap.plan.sites import has_geometry
from geomap.plan.working import told_working

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd

    from geomap.model.claims import Claim, Figure
    from geomap.model.standards import Rule, RulePack
    from geomap.plan.indicators.study import Parameters, Study

Verdict = Literal["holds", "does_not_hold", "not_checkable"]
VERDICTS: Mapping[str, Label] = {
    "holds": Label("成立", "Holds"),
    "does_not_hold": Label("不成立", "Does not hold"),
    "not_checkable": Label("无法核对", "Cannot be checked"),
}
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Finding:
    """What became of one figure.

    Attributes
    ----------
    figure : as published.
    expected : the published number, or that of the rule.
    rule : the rule that the number comes from, None where it was published.
    found : recomputed from the data; NaN where that cannot be done.
    low, high : between which it would lie if the unknown values were known.
    off_by : found − expected.
    short : of a value that must be reached, how much the numerator lacks: beds, homes; 0 if not.
    verdict : of this figure.
    """

    figure: Figure
    expected: float
    rule: Rule | None
    found: float
    low: float
    high: float
    off_by: float
    short: float
    verdict: Verdict


@dataclass(frozen=True)
class Checked:
    """A claim with its verdict.

    Attributes
    ----------
    claim : as published.
    verdict : holds if all figures do, does not hold if one does not.
    findings : figure by figure.
    numerator, denominator, base, unknown : what the data give; NaN where nothing.
    missing : what is missing, as table.column, empty where nothing is.
    working : the steps, to be read by people.
    on : the day of the data that "this year" was counted to.
    """

    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...]
    numerator: float
    denominator: float
    base: float
    unknown: float
    missing: tuple[str, ...]
    working: tuple[Label, ...]
    on: date | None


def check_claim(  # noqa: PLR0913 (the public name's own options)
    claim: Claim,
    areas: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    *,
    on: date | None = None,
    packs: Mapping[str, RulePack] | None = None,
    parameters: Parameters | None = None,
) -> Checked:
    """Recompute a published figure from the data.

    Parameters
    ----------
    claim : what was published, from :func:`geomap.data.claims.read_claims` or made by hand.
    areas : (k,) area frame. The claim's division need not be among them: then its lower ones
        make it up, or its code alone does.
    facilities, demand : as for :func:`geomap.plan.indicators.answer.indicators`.
    on : the day that "this year" is counted to; the latest of the data where None.
    packs : rule packs by key, for figures whose number is a rule's.
    parameters : what else the formulas leave open.

    Returns
    -------
    A :class:`Checked`: the verdict, figure by figure, and the working.

    Raises
    ------
    ParameterError : if the claim names no indicator or code, or its rule is not among the packs.
    NotFoundError : if a pack has no such rule.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from geomap.model.claims import Claim, Figure
    >>> town = gpd.GeoDataFrame({"id": ["a"], "name": ["甲"], "level": ["county"],
    ...     "adcode": ["410102"], "aged_60": [2000.0]}, geometry=[None])
    >>> homes = gpd.GeoDataFrame({"adcode": ["410102"], "beds_total": [50]}, geometry=[None])
    >>> figure = Figure("value", 30.0, "at_least")
    >>> claim = Claim("a", Label("", ""), Label("甲", "A"), "410102", "beds_per_1000_aged_60",
    ...               (figure,), "unverified")
    >>> found = check_claim(claim, town, homes, homes[:0])
    >>> found.verdict, found.findings[0].found, found.findings[0].short
    ('does_not_hold', 25.0, 10.0)
    """
    if claim.indicator not in INDICATORS:
        raise ParameterError(f"claim {claim.key} names no indicator, but {claim.indicator!r}")
    rules = [_rule(each, packs) for each in claim.figures]
    own, homes, people = fitted(areas, facilities, demand)
    study = study_of(_with_place(own, claim), homes, people, on=on, given=parameters)
    row = working(claim.indicator, study).iloc[-1]
    lacking = _lacking(study, claim, row)
    findings = tuple(
        _finding(figure, rule, row, claim.indicator, lacking=bool(lacking))
        for figure, rule in zip(claim.figures, rules, strict=True)
    )
    verdict = _together(findings)
    missing = lacking
    if verdict == "not_checkable" and not lacking:
        missing = _unknown(study, INDICATORS[claim.indicator].needs)
    return Checked(
        claim, verdict, findings, row["numerator"], row["denominator"], row["base"],
        row["unknown"], missing if verdict == "not_checkable" else (),
        told_working(claim, findings, row, study, lacking), study.parameters.on,
    )  # fmt: skip


def _rule(figure: Figure, packs: Mapping[str, RulePack] | None) -> Rule | None:
    if figure.pack is None or figure.rule is None:
        return None
    if packs is None or figure.pack not in packs:
        raise ParameterError(
            f"packs must have {figure.pack!r}, for the claim's number is that of a rule of it,"
            f" got {', '.join(packs or {}) or 'none'}"
        )
    return packs[figure.pack].rule(figure.rule)


def _with_place(areas: gpd.GeoDataFrame, claim: Claim) -> gpd.GeoDataFrame:
    """Put the claim's division last: as it is in the areas, or made up from what lies in it."""
    if "adcode" in areas:
        same = np.flatnonzero((areas["adcode"] == claim.adcode).to_numpy(dtype=bool))
        if same.size:
            order = [*np.delete(np.arange(len(areas)), same[0]), same[0]]
            return areas.iloc[order]
    import geopandas as gpd

    row = {
        "id": claim.adcode,
        "name": claim.place.zh,
        "adcode": claim.adcode,
        "level": _level(claim.adcode),
        areas.geometry.name: _made_up(areas, claim.adcode),
    }
    columns = {name: [value] for name, value in row.items()}
    own = gpd.GeoDataFrame(columns, geometry=areas.geometry.name, crs=areas.crs)
    return own if areas.empty else pd.concat([areas, own], ignore_index=True)


def _made_up(areas: gpd.GeoDataFrame, adcode: str) -> object:
    """Unite the largest drawn areas that lie in a division; None where there are none."""
    if "adcode" not in areas or "level" not in areas:
        return None
    low, high = code_range(adcode)
    first, last = code_ranges(areas["adcode"])
    inside = areas[(first >= low) & (last <= high) & has_geometry(areas)]
    for level in LEVELS:
        some = inside[inside["level"] == level]
        if len(some):
            return some.geometry.make_valid().union_all()
    return None


def _level(adcode: str) -> str:
    low, high = code_range(adcode)  # refuses what is no code
    return LEVEL_OF_SPAN[high - low + 1]


def _lacking(study: Study, claim: Claim, row: pd.Series) -> tuple[str, ...]:
    """Name what the data lack to work the indicator out at all; empty where they do not."""
    if claim.lacks:
        return claim.lacks
    needs = INDICATORS[claim.indicator].needs
    no_home = not study.count(study.every)[-1]
    if no_home and (
        claim.indicator.startswith("built_rate")
        or any(each.startswith("facilities.") for each in needs)
    ):
        return ("facilities",)
    silent = _silent(study, needs)
    if silent:
        return silent
    parts = {each.part for each in claim.figures}
    wanted = [row[each] for each in ("value", "numerator", "denominator") if each in parts]
    if row["base"] and all(math.isfinite(each) for each in wanted):
        return ()
    return _unknown(study, needs) or needs


def _silent(study: Study, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Name the columns of facilities that no facility of the place states: there none is no 0.

    An unstated status is one in service, so that this column may say nothing.
    """
    columns = [each for each in needs if each.startswith("facilities.")]
    return tuple(
        each
        for each in columns
        if (name := each.split(".")[1]) not in ("status", "geometry")
        and not study.count(study.known(name))[-1]
    )


def _unknown(study: Study, needs: tuple[str, ...]) -> tuple[str, ...]:
    """Name the columns of which a value is unknown in the claim's place, the last area."""
    facilities, demand = (
        each.rows[each.areas == len(study.areas) - 1]
        for each in (study.of_facilities, study.of_demand)
    )
    found = []
    for need in needs:
        table, column = need.split(".")
        if table == "areas":
            lost = column in ("level", "adcode") or not math.isfinite(study.people(column)[-1])
        elif table == "programmes":
            lost = not math.isfinite(study.programme(column)[-1])
        else:
            frame, rows = {"facilities": (study.facilities, facilities),
                           "demand": (study.demand, demand)}[table]  # fmt: skip
            lost = column not in frame or not rows.size
            lost = lost or bool(frame[column].iloc[rows].isna().any())
        found += [need] * lost
    return tuple(found)


def _finding(
    figure: Figure, rule: Rule | None, row: pd.Series, indicator: str, *, lacking: bool
) -> Finding:
    """Hold one figure against the data."""
    expected = rule.number if rule is not None else figure.published
    if expected is None:
        raise ParameterError(f"a figure must have a published number or a rule, got {figure}")
    found, low, high = (math.nan,) * 3 if lacking else _part(figure.part, row)
    verdict: Verdict = "not_checkable" if lacking else _verdict(figure, expected, low, high)
    short = 0.0
    if figure.relation == "at_least" and verdict == "does_not_hold":
        needed = expected
        if figure.part == "value":
            needed = expected * row["denominator"] / INDICATORS[indicator].scale
        have = row["numerator"] if figure.part == "value" else found
        short = max(0.0, float(needed - have))
    return Finding(
        figure, float(expected), rule, found, low, high, found - expected, short, verdict
    )


def _part(part: str, row: pd.Series) -> tuple[float, float, float]:
    """Give a part as it is, and between what it would lie if nothing were unknown."""
    value = float(row.get(part, math.nan))
    if part == "value":
        return value, float(row["low"]), float(row["high"])
    if part == "all":
        return value, value, value + float(row["may"])
    more = float(row["more"] if part == "numerator" else row["more_of"])
    if row["bounded"]:
        return value, min(value, value + more), max(value, value + more)
    return value, value, math.inf


def _verdict(figure: Figure, expected: float, low: float, high: float) -> Verdict:
    """Decide, if the unknown values leave room for one answer only."""
    slack = figure.tolerance + _ROUNDING * abs(expected)
    if figure.relation == "at_least":
        if low >= expected - slack:
            return "holds"
        return "does_not_hold" if high < expected - slack else "not_checkable"
    if figure.relation == "at_most":
        if high <= expected + slack:
            return "holds"
        return "does_not_hold" if low > expected + slack else "not_checkable"
    if high < expected - slack or low > expected + slack:
        return "does_not_hold"
    inside = low >= expected - slack and high <= expected + slack
    return "holds" if inside else "not_checkable"


def _together(findings: tuple[Finding, ...]) -> Verdict:
    verdicts = {each.verdict for each in findings}
    if "does_not_hold" in verdicts:
        return "does_not_hold"
    return "not_checkable" if "not_checkable" in verdicts else "holds"
