"""Who has a facility: areas by their code or ground, and people by the way they walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geomap.plan.indicators.parts import Parts, indicator
from geomap.plan.sites import has_geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.plan.indicators.study import Study

    Mask = NDArray[np.bool_]

_BUILT: Final = (
    "有 ≥ 1 家在营机构的{tier} ÷ 全部{tier}，按代码或边界归属；名单另见“建而不达”",
    "{tier} with at least 1 facility in service ÷ all {tier}, by code or by ground; beside it"
    " stands who of the people can walk there",
)
_REPORTS: Final = ("地方民政公报的建有率口径", "the built rate that civil affairs bureaus publish")


def _formula(zh: str, en: str) -> tuple[str, str]:
    return _BUILT[0].format(tier=zh), _BUILT[1].format(tier=en)


@indicator(
    zh="区县建有率", en="Counties built", scale=100, formula=_formula("区县", "counties"),
    source=_REPORTS, needs="areas.level areas.adcode",
)  # fmt: skip
def built_rate_county(study: Study) -> Parts:
    """Tell which share of the counties has a facility."""
    return _built_rate(study, "county")


@indicator(
    zh="乡镇街道建有率", en="Townships and streets built", scale=100,
    formula=_formula("乡镇街道", "townships and streets"),
    source=_REPORTS, needs="areas.level areas.adcode",
)  # fmt: skip
def built_rate_township(study: Study) -> Parts:
    """Tell which share of the townships and streets has a facility."""
    return _built_rate(study, "township")


@indicator(
    zh="社区、村建有率", en="Communities built", scale=100,
    formula=_formula("社区、村", "communities"),
    source=_REPORTS, needs="areas.level areas.adcode",
)  # fmt: skip
def built_rate_community(study: Study) -> Parts:
    """Tell which share of the communities and villages has a facility."""
    return _built_rate(study, "community")


@indicator(
    zh="步行覆盖人口占比", en="People covered", scale=100,
    formula=("标准距离内有在营机构的人数 ÷ 人数已知的人口，直线距离，含边界",
             "people with a facility within the coverage standard ÷ people whose number and place"
             " are known, straight line, edge included"),
    source=("Toregas 等 1971，集合覆盖", "Toregas et al. 1971, doi:10.1287/opre.19.6.1363"),
    needs="demand.aged_60 demand.geometry facilities.geometry",
)  # fmt: skip
def covered_share(study: Study) -> Parts:
    """Tell which share of the people has a facility within the coverage standard."""
    found = study.covered_people
    return Parts(found.covered, found.people, found.rows, found.unknown, bounded=False,
                 unsure=study.unlocated)  # fmt: skip


def built(study: Study) -> Mask:
    """Mark the areas that have a facility in service."""
    marked: Mask = study.count(study.every) > 0
    return marked


def _built_rate(study: Study, tier: str) -> Parts:
    """Divide the lower areas of a tier that have a facility by all of them.

    An area drawn in several rows of one code is one. A facility that lies in the larger area, but
    of which nobody states in which of the tier, may be in one of those without; where no other
    is known either, nothing is said.
    """
    areas = study.areas
    of_tier = np.zeros(len(areas), dtype=bool)
    if "level" in areas:
        of_tier = (areas["level"] == tier).to_numpy(dtype=bool)
    once, has_one = _once(study, of_tier)
    placed = placeable(study) & once
    number = study.of_areas.sums((of_tier & placed).astype(np.float64))
    with_one = study.of_areas.sums((of_tier & placed & has_one).astype(np.float64))
    unknown = study.of_areas.sums((of_tier & once & ~placed).astype(np.float64))
    may = np.zeros(len(areas))
    if tier in study.undecided.by_level:
        open_ = study.undecided.by_level[tier]
        may = study.count(open_) + float((open_ & study.of_facilities.nowhere).sum())
        silent = (with_one == 0) & (number > 0) & (study.count(open_) > 0)
        silent |= (number > 0) & bool(open_.size and open_.all())
        number, unknown = np.where(silent, 0.0, number), np.where(silent, number + unknown, unknown)
    more = unknown + np.minimum(number - with_one, may)
    return Parts(with_one, number, number, unknown, more=more, more_of=unknown)


def _once(study: Study, of_tier: Mask) -> tuple[Mask, Mask]:
    """Mark the first row of each area of a tier, and those of which any row has a facility."""
    has_one = built(study)
    if "adcode" not in study.areas:
        return np.ones(len(has_one), dtype=bool), has_one
    codes = study.areas["adcode"].where(of_tier)
    again = (codes.duplicated() & codes.notna()).to_numpy(dtype=bool)
    if not again.any():
        return ~again, has_one
    any_row = pd.Series(has_one).groupby(codes.to_numpy(dtype=object)).transform("any")
    return ~again, has_one | any_row.fillna(value=False).to_numpy(dtype=bool)


def placeable(study: Study) -> Mask:
    """Mark the areas that have ground or a code: of the others nothing can be said."""
    areas = study.areas
    there = has_geometry(areas)
    if "adcode" in areas:
        there = there | areas["adcode"].notna().to_numpy(dtype=bool)
    return there
