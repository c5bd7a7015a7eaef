"""Holding indicators and facilities against a pack of rules; each verdict names its clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.model.standards import MEASURES

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from geomap.model.standards import Rule, RulePack

    Floats = NDArray[np.float64]

_WALK, _FLOOR = "walk_m", "facility_floor_m2"


def coverage_rules(pack: RulePack, *, on: date) -> list[Rule]:
    """Give the rules of a pack that state a coverage standard, in force on a day.

    The number of one of them is the ``standard_m`` of coverage, gaps and indicators.
    """
    return [each for each in pack.rules.values() if each.measure == _WALK and each.in_force(on)]


def judge(
    found: pd.DataFrame, pack: RulePack, *, on: date, area_type: str | None = None
) -> pd.DataFrame:
    """Hold the indicators of areas against the rules of a pack.

    Parameters
    ----------
    found : (k,) of :func:`geomap.plan.indicators.answer.indicators`.
    pack : the rules; change a number with ``pack.changed(key, number)``.
    on : only rules in force on this day.
    area_type : only rules for this type of area, and those for any; all where None.

    Returns
    -------
    One row an area and rule, on the index of `found`: ``rule``, ``measure``, ``value``,
    ``direction``, ``number``, ``number_to``, ``unit``, ``met`` (unknown where the value is),
    ``short``, how far off in that unit, 0 where met, ``due``, ``clause`` and ``clause_en``,
    ``sureness``, ``pack`` and ``version``.
    """
    rules = [
        each
        for each in pack.rules.values()
        if each.measure in found
        and each.in_force(on)
        and (area_type is None or each.area_type in (area_type, "any"))
    ]
    rows = [_held(found[each.measure], each, pack) for each in rules]
    return pd.concat(rows) if rows else _held(pd.Series(dtype=float), _nothing(pack), pack)


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
