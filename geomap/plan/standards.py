"""Holding indicators and facilities against a pack of rules; each verdict names its clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.model.standards import MEASURES
from geomap.plan.indicators.answer import INDICATORS, working

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.standards import Rule, RulePack
    from geomap.plan.indicators.study import Study

    Positions = NDArray[np.intp]
    Floats = NDArray[np.float64]

_WALK, _FLOOR, _COLUMN = "walk_m", "facility_floor_m2", "floor_m2"


def coverage_rules(pack: RulePack, *, on: date) -> list[Rule]:
    """Give the rules of a pack that state a coverage standard, in force on a day.

    The number of one of them is the ``standard_m`` of coverage, gaps and indicators.
    """
    return [each for each in pack.rules.values() if each.measure == _WALK and each.in_force(on)]


def judge(  # noqa: PLR0913 (what a verdict may stand on)
    found: pd.DataFrame,
    pack: RulePack,
    *,
    on: date,
    area_type: str | None = None,
    study: Study | None = None,
    rows: Positions | None = None,
) -> pd.DataFrame:
    """Hold the indicators of areas against the rules of a pack.

    Parameters
    ----------
    found : (k,) of :func:`geomap.plan.indicators.answer.indicators`.
    pack : the rules; change a number with ``pack.changed(key, number)``.
    on : only rules in force on this day.
    area_type : only rules for this type of area, and those for any; all where None.
    study : what the indicators stand on. With it a verdict is unknown where the unknown values,
        as far as there are bounds to what they add, could turn it; and rules for each facility
        are asked of the areas too: the smallest of an area's facilities is its value, for if that
        one is large enough all are.
    rows : (k,) which areas of the study those of `found` are; its own where None.

    Returns
    -------
    One row an area and rule, on the index of `found`: ``rule``, ``measure``, ``value``,
    ``direction``, ``number``, ``number_to``, ``unit``, ``met`` (unknown where the value is),
    ``short``, how far off in that unit, 0 where met, ``due``, ``clause`` and ``clause_en``,
    ``sureness``, ``pack`` and ``version``.
    """
    held = []
    for each in pack.rules.values():
        elsewhere = area_type is not None and each.area_type not in (area_type, "any")
        if elsewhere or not each.in_force(on):
            continue
        if each.measure in found:
            held.append(_in_doubt(_held(found[each.measure], each, pack), each, study, rows))
        elif each.measure == _FLOOR and study is not None:
            held.append(_each_facility(found, each, pack, study, rows))
    return pd.concat(held) if held else _held(pd.Series(dtype=float), _nothing(pack), pack)


def judge_facilities(facilities: gpd.GeoDataFrame, pack: RulePack, *, on: date) -> pd.DataFrame:
    """Hold each facility against the rules that ask something of it by itself.

    Returns
    -------
    As :func:`judge`, one row a facility and rule of its type, on the index of `facilities`.

    Raises
    ------
    ParameterError : if the facilities state neither type nor floor area.
    """
    missing = [each for each in ("type", "floor_m2") if each not in facilities]
    if missing:
        raise ParameterError(f"facilities must have {', '.join(missing)}, got {list(facilities)}")
    rows = []
    for each in pack.rules.values():
        if each.measure == _FLOOR and each.in_force(on):
            kinds = each.facility_types
            some = facilities[facilities["type"].isin(kinds)] if kinds else facilities
            rows.append(_held(some["floor_m2"].astype("float64"), each, pack))
    return pd.concat(rows) if rows else _held(pd.Series(dtype=float), _nothing(pack), pack)


def _in_doubt(
    held: pd.DataFrame, rule: Rule, study: Study | None, rows: Positions | None
) -> pd.DataFrame:
    """Take back the verdicts that the unknown values, as far as they can go, could turn."""
    if study is None or rule.measure not in INDICATORS:
        return held
    steps = working(rule.measure, study)
    steps = steps if rows is None else steps.iloc[rows]
    ends = [steps[each].to_numpy(dtype=np.float64) for each in ("low", "high")]
    turned = np.isfinite(ends).all(axis=0) & (_meets(ends[0], rule) != _meets(ends[1], rule))
    return held.assign(met=held["met"].mask(turned))


def _each_facility(
    found: pd.DataFrame, rule: Rule, pack: RulePack, study: Study, rows: Positions | None
) -> pd.DataFrame:
    """Hold the facility of each area that is nearest to break a rule against it."""
    floors, asked = study.number(_COLUMN), study.every
    if rule.facility_types:
        asked = np.zeros(len(floors), dtype=bool)
        if "type" in study.facilities:
            asked = study.facilities["type"].isin(rule.facility_types).to_numpy(dtype=bool)
    known = asked & np.isfinite(floors)
    at = study.of_facilities
    some = known[at.rows]
    most = rule.direction in ("at_most", "below")
    worst = np.full(len(study.areas), -np.inf if most else np.inf)
    (np.maximum if most else np.minimum).at(worst, at.areas[some], floors[at.rows[some]])
    worst[~np.isfinite(worst)] = np.nan
    silent = study.count(asked & ~known) > 0
    chosen = np.arange(len(worst)) if rows is None else rows
    held = _held(pd.Series(worst[chosen], index=found.index), rule, pack)
    doubt = silent[chosen] & held["met"].fillna(value=False).to_numpy(dtype=bool)
    return held.assign(met=held["met"].mask(doubt))


def _held(values: pd.Series, rule: Rule, pack: RulePack) -> pd.DataFrame:
    """Hold values against one rule."""
    value = values.to_numpy(dtype=np.float64, na_value=np.nan)
    short = _short(value, rule)
    met = pd.array(_meets(value, rule), dtype="boolean")
    met[~np.isfinite(value)] = pd.NA
    told = {
        "rule": rule.key, "measure": rule.measure, "value": value, "direction": rule.direction,
        "number": rule.number, "number_to": np.nan if rule.number_to is None else rule.number_to,
        "unit": MEASURES[rule.measure], "met": met, "short": short, "due": rule.due,
        "clause": rule.clause.zh, "clause_en": rule.clause.en, "sureness": rule.sureness,
        "pack": pack.key, "version": pack.version,
    }  # fmt: skip
    return pd.DataFrame(told, index=values.index)


def _meets(value: Floats, rule: Rule) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        checks = {
            "at_least": value >= rule.number,
            "at_most": value <= rule.number,
            "below": value < rule.number,
            "between": (value >= rule.number) & (value <= (rule.number_to or rule.number)),
        }
    return checks[rule.direction]


def _short(value: Floats, rule: Rule) -> Floats:
    """Tell how far each value is from what the rule asks, 0 where it is met."""
    lower = rule.number - value if rule.direction in ("at_least", "between") else -np.inf
    upper = {"at_most": rule.number, "below": rule.number, "between": rule.number_to}
    over = value - (upper.get(rule.direction) or np.inf)
    return np.where(np.isfinite(value), np.maximum(np.maximum(lower, over), 0.0), np.nan)


def _nothing(pack: RulePack) -> Rule:
    """Any rule gives the columns of an answer without rows."""
    return next(iter(pack.rules.values()))
