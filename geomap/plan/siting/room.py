"""How many beds a candidate site has room for, by its land and floor area and a rule pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geomap.errors import ParameterError
from geomap.plan.people import people_of

if TYPE_CHECKING:
    from datetime import date

    import numpy.typing as npt
    from pandas.arrays import BooleanArray

    from geomap.model.standards import Rule, RulePack

    Floats = npt.NDArray[np.float64]

#: What a pack asks for a bed, by the column that it is held against.
_A_BED: Final = {"floor": "floor_m2_per_bed", "land": "land_m2_per_bed"}
_EACH: Final = "facility_floor_m2"
_LOWER: Final = ("at_least", "between")
#: 350 m² at 3.5 m² a bed are 100 beds, whatever the division rounds to.
_ROUNDING: Final = 1e-9


def room(
    candidates: pd.DataFrame,
    pack: RulePack,
    *,
    on: date,
    beds: float | None = None,
    facility_type: str | None = None,
) -> pd.DataFrame:
    """Hold the land and floor area of sites against what a pack asks for a bed.

    A range of land a bed (18 to 44 m²) asks for its lower end: more land than that is room enough.
    Where several rules in force ask for the same, the strictest counts.

    Parameters
    ----------
    candidates : (m,) with ``floor_m2`` and ``land_m2``, each of which may be unknown or missing.
    pack : the rules; change a number with ``pack.changed(key, number)``.
    on : only rules in force on this day.
    beds : how many are planned at a site, 1 or more; None: no number is.
    facility_type : what is to be opened: packs that ask for a least floor area of such a facility
        are held against it as well.

    Returns
    -------
    (m,) frame on the index of `candidates`: ``beds_by_floor`` and ``beds_by_land``, whole numbers,
    NaN where the area is unknown or the pack has no such rule; ``beds_fit``, the least of those
    known; ``enough``: False where a known area is too small, True where all that is asked is known
    and large enough, else unknown (NA); ``floor_rule``, ``land_rule`` and ``type_rule``, keys of
    the rules, None where there is none.

    Raises
    ------
    ParameterError : if `beds` is out of range, or no rule of the pack in force says anything of
        this.
    DataError : if an area is negative or infinite.

    Examples
    --------
    >>> from datetime import date
    >>> from geomap.model.standards import Label, Rule, RulePack
    >>> day = date(2020, 1, 1)
    >>> rule = Rule("floor_per_bed", Label("", ""), "floor_m2_per_bed", "m2/bed", "at_least", 35,
    ...             "urban", Label("", ""), day, "reported")
    >>> pack = RulePack("p", "1", Label("", ""), None, day, {rule.key: rule})
    >>> mills = pd.DataFrame({"floor_m2": [1750, 1749, None]}, index=["a", "b", "c"])
    >>> found = room(mills, pack, on=day, beds=50)
    >>> found["beds_fit"].tolist(), found["enough"].tolist()
    ([50.0, 49.0, nan], [True, False, <NA>])
    """
    planned = _planned(beds)
    rules = {name: _strictest(pack, measure, on) for name, measure in _A_BED.items()}
    own = _of_type(pack, facility_type, on)
    if own is None and not any(rules.values()):
        raise ParameterError(
            f"rule pack {pack.key} asks for no land or floor area a bed on {on}: take another pack,"
            " such as national",
            zh=f"规则包 {pack.key} 在 {on} 没有每床用地或建筑面积的要求：请换一个，例如 national",
        )
    areas = {name: _area(candidates, f"{name}_m2") for name in rules}
    fits = {name: _beds(areas[name], rule) for name, rule in rules.items()}
    known = np.array(list(fits.values()))
    verdicts = [
        _held(fits[name], planned) for name, rule in rules.items() if rule and planned is not None
    ]
    if own is not None:
        verdicts.append(_held(areas["floor"], own.number))
    told: dict[str, object] = {f"beds_by_{name}": each for name, each in fits.items()}
    told |= {"beds_fit": np.fmin.reduce(known), "enough": _all_of(verdicts, len(candidates))}
    keys = {f"{name}_rule": rule for name, rule in (*rules.items(), ("type", own))}
    return pd.DataFrame(
        told | {name: None if rule is None else rule.key for name, rule in keys.items()},
        index=candidates.index,
    )


def _planned(beds: float | None) -> float | None:
    """Take how many beds are planned."""
    if beds is not None and (isinstance(beds, bool) or not 1 <= beds < np.inf):
        raise ParameterError(
            f"beds must be 1 or more at a site, got {beds!r}",
            zh=f"每处计划的床位须为 1 以上，这里是 {beds!r}",
        )
    return beds


def _strictest(pack: RulePack, measure: str, on: date) -> Rule | None:
    """Find the rule in force that asks for most a bed; a rule that only limits is none."""
    some = [
        each for each in pack.rules.values()
        if each.measure == measure and each.direction in _LOWER and each.in_force(on)
    ]  # fmt: skip
    return max(some, key=lambda each: each.number, default=None)


def _of_type(pack: RulePack, facility_type: str | None, on: date) -> Rule | None:
    """Find what a facility of a type must have by itself."""
    some = [
        each for each in pack.rules.values()
        if each.measure == _EACH and each.direction in _LOWER and each.in_force(on)
        and facility_type is not None
        and (not each.facility_types or facility_type in each.facility_types)
    ]  # fmt: skip
    return max(some, key=lambda each: each.number, default=None)


def _area(candidates: pd.DataFrame, column: str) -> Floats:
    """Give the square metres of each site, NaN where unknown."""
    if column not in candidates:
        return np.full(len(candidates), np.nan)
    return people_of(candidates, column)


def _beds(area: Floats, rule: Rule | None) -> Floats:
    """Give how many beds an area has room for."""
    if rule is None:
        return np.full(area.shape, np.nan)
    whole: Floats = np.floor(area / rule.number + _ROUNDING)
    return whole


def _held(value: Floats, least: float) -> BooleanArray:
    """Tell which values are large enough, NA where unknown."""
    verdict = pd.array(value >= least, dtype="boolean")
    verdict[np.isnan(value)] = pd.NA
    return verdict


def _all_of(verdicts: list[BooleanArray], size: int) -> BooleanArray:
    """Tell where all is enough: one that is not settles it; nothing asked, nothing known."""
    if not verdicts:
        return pd.array([pd.NA] * size, dtype="boolean")
    found = verdicts[0]
    for each in verdicts[1:]:
        found = found & each
    return found
