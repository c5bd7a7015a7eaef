"""How much there is: facilities, beds, study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.table import Label
from geomap.plan.indicators.parts import Parts, indicator, sum_over, sums_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geomap.plan.indicators.study import Study

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_BEDS = Label("张", "beds")
_HOMES = Label("家", "homes")
FULL: Final = 0.95
EMPTY: Final = 0.5
_STATISTICS: Final = (
    "民政事业发展统计公报的口径",
    "as in the yearly statistical bulletin of the Ministry of Civil Affairs",
)
_GB_50437: Final = ("GB 50437—2007（2018年版）", "GB 50437-2007 (2018)")
_PLANNERS: Final = ("养老设施规划的通行算法", "usual in planning care facilities")


@indicator(
    zh="在营机构数", en="Facilities in service", unit=Label("家", "facilities"),
    formula=("机构数，不含在建、规划、停办；状态未知的计入，并另列其数",
             "facilities, without those closed, planned or being built; an unstated status counts"
             " as in service, and unknown says how many"),
    source=_STATISTICS, needs="facilities.status",
)  # fmt: skip
def facilities(study: Study) -> Parts:
    """Count the facilities in service."""
    every = study.count(study.every)
    unknown = study.count(~study.known("status"))
    return Parts(every, np.ones_like(every), every, unknown, more=study.undecided.may, counted=True)


@indicator(
    zh="60 岁及以上人口占比", en="Share aged 60 and over", scale=100,
    formula=("60 岁及以上人口 ÷ 常住人口", "people aged 60 and over ÷ population"),
    source=("人口普查口径", "as in the census"), needs="areas.aged_60 areas.population",
)  # fmt: skip
def aged_60_share(study: Study) -> Parts:
    """Tell how old the population is."""
    aged, population, lost = study.both("aged_60", "population")
    known = np.isfinite(aged) & np.isfinite(population)
    base = np.where(known, population, 0.0)
    return Parts(aged, population, base, lost, bounded=False, counted=True)


@indicator(
    zh="每千名老年人养老床位数", en="Beds per 1,000 aged 60 and over", scale=1_000,
    unit=Label("张/千人", "beds per 1,000"),
    formula=("床位总数 ÷ 60 岁及以上人口 × 1000", "beds ÷ people aged 60 and over × 1,000"),
    source=_STATISTICS, needs="facilities.beds_total areas.aged_60",
)  # fmt: skip
def beds_per_1000_aged_60(study: Study) -> Parts:
    """Hold beds against the people who may need them."""
    return _over_people(study, "beds_total", "aged_60")


@indicator(
    zh="床位缺口", en="Beds short of the norm", unit=_BEDS,
    formula=("max(0, 标准 × 60 岁及以上人口 ÷ 1000 − 床位总数)，标准默认 40 张/千人",
             "max(0, norm × people aged 60 and over ÷ 1,000 - beds), 40 per 1,000 unless stated"),
    source=("GB 50437—2007（2018年版）3.2.1", "GB 50437-2007 (2018), 3.2.1"),
    needs="facilities.beds_total areas.aged_60",
)  # fmt: skip
def beds_short(study: Study) -> Parts:
    """Count the beds that the norm asks for and that are not there."""
    there = _over_people(study, "beds_total", "aged_60")
    wanted = there.denominator * study.parameters.beds_norm / 1_000
    short = np.maximum(wanted - there.numerator, 0.0)
    fewer = np.maximum(wanted - there.numerator - there.more, 0.0) - short
    return Parts(short, np.ones_like(short), there.base, there.unknown, more=fewer,
                 unsure=np.asarray(there.lost) > 0, lost=there.lost)  # fmt: skip


@indicator(
    zh="护理型床位占比", en="Nursing-bed share", scale=100,
    formula=("护理型床位 ÷ 床位总数，仅计两项都已知的机构",
             "nursing beds ÷ beds, of facilities that state both"),
    source=("“十四五”国家老龄事业发展和养老服务体系规划主要指标",
            "main indicator of the 14th Five-Year plan for ageing"),
    needs="facilities.beds_nursing facilities.beds_total",
)  # fmt: skip
def nursing_bed_share(study: Study) -> Parts:
    """Tell which share of the beds is for people who need nursing."""
    return sums_ratio(study, study.number("beds_nursing"), study.number("beds_total"))


@indicator(
    zh="入住率", en="Occupancy", scale=100,
    formula=("入住人数 ÷ 床位总数，仅计两项都已知的机构",
             "residents ÷ beds, of facilities that state both"),
    source=_STATISTICS, needs="facilities.residents facilities.beds_total",
)  # fmt: skip
def occupancy(study: Study) -> Parts:
    """Tell how full the homes are together."""
    return sums_ratio(study, study.number("residents"), _beds(study))


@indicator(
    zh="入住率高于 95% 的机构", en="Homes more than 95 % full", unit=_HOMES,
    formula=("入住人数 ÷ 床位总数 > 95% 的机构数", "homes with residents ÷ beds > 95 %"),
    source=_PLANNERS, needs="facilities.residents facilities.beds_total",
)  # fmt: skip
def homes_over_95(study: Study) -> Parts:
    """Count the homes where hardly a bed is free."""
    return _homes(study, filling(study) > FULL)


@indicator(
    zh="入住率低于 50% 的机构", en="Homes less than half full", unit=_HOMES,
    formula=("入住人数 ÷ 床位总数 < 50% 的机构数", "homes with residents ÷ beds < 50 %"),
    source=_PLANNERS, needs="facilities.residents facilities.beds_total",
)  # fmt: skip
def homes_under_50(study: Study) -> Parts:
    """Count the homes that stand half empty."""
    return _homes(study, filling(study) < EMPTY)


@indicator(
    zh="人均养老服务设施用地", en="Care facility land an inhabitant",
    unit=Label("平方米/人", "m² a person"),
    formula=("机构占地面积 ÷ 常住人口", "land of the facilities ÷ population"),
    source=("国发〔2013〕35号", "State Council document 2013 no. 35"),
    needs="facilities.land_m2 areas.population",
)  # fmt: skip
def land_m2_per_inhabitant(study: Study) -> Parts:
    """Hold the land of the facilities against the inhabitants."""
    return _over_people(study, "land_m2", "population")


@indicator(
    zh="人均养老服务设施建筑面积", en="Care facility floor an inhabitant",
    unit=Label("平方米/人", "m² a person"),
    formula=("机构建筑面积 ÷ 常住人口", "floor area of the facilities ÷ population"),
    source=_PLANNERS, needs="facilities.floor_m2 areas.population",
)  # fmt: skip
def floor_m2_per_inhabitant(study: Study) -> Parts:
    """Hold the floor area of the facilities against the inhabitants."""
    return _over_people(study, "floor_m2", "population")


@indicator(
    zh="每床用地面积", en="Land a bed", unit=Label("平方米/床", "m² a bed"),
    formula=("占地面积 ÷ 床位总数，仅计两项都已知的机构", "land ÷ beds, of homes that state both"),
    source=_GB_50437, needs="facilities.land_m2 facilities.beds_total",
)  # fmt: skip
def land_m2_per_bed(study: Study) -> Parts:
    """Tell how much land there is for a bed."""
    return sums_ratio(study, study.number("land_m2"), _beds(study))


@indicator(
    zh="每床建筑面积", en="Floor area a bed", unit=Label("平方米/床", "m² a bed"),
    formula=("建筑面积 ÷ 床位总数，仅计两项都已知的机构", "floor ÷ beds, of homes that state both"),
    source=_GB_50437, needs="facilities.floor_m2 facilities.beds_total",
)  # fmt: skip
def floor_m2_per_bed(study: Study) -> Parts:
    """Tell how much room there is for a bed."""
    return sums_ratio(study, study.number("floor_m2"), _beds(study))


@indicator(
    zh="入住老人人均用地", en="Land a resident of the homes",
    unit=Label("平方米/人", "m² a resident"),
    formula=("占地面积 ÷ 入住人数，仅计两项都已知的机构",
             "land ÷ residents, of homes that state both"),
    source=_PLANNERS, needs="facilities.land_m2 facilities.residents",
)  # fmt: skip
def land_m2_per_resident(study: Study) -> Parts:
    """Tell how much land there is for a resident."""
    return sums_ratio(study, study.number("land_m2"), _some(study.number("residents")))


@indicator(
    zh="入住老人人均建筑面积", en="Floor area a resident of the homes",
    unit=Label("平方米/人", "m² a resident"),
    formula=("建筑面积 ÷ 入住人数，仅计两项都已知的机构",
             "floor ÷ residents, of homes that state both"),
    source=_PLANNERS, needs="facilities.floor_m2 facilities.residents",
)  # fmt: skip
def floor_m2_per_resident(study: Study) -> Parts:
    """Tell how much room there is for a resident."""
    return sums_ratio(study, study.number("floor_m2"), _some(study.number("residents")))


@indicator(
    zh="每百户养老服务设施面积", en="Care facility floor per 100 households", scale=100,
    unit=Label("平方米/百户", "m² per 100 households"),
    formula=("机构建筑面积 ÷ 户数 × 100", "floor area of the facilities ÷ households × 100"),
    source=("民发〔2014〕116号", "Ministry of Civil Affairs 2014 no. 116"),
    needs="facilities.floor_m2 demand.households",
)  # fmt: skip
def floor_m2_per_100_households(study: Study) -> Parts:
    """Hold the floor area of the facilities against the households."""
    return _over_people(study, "floor_m2", "households")


@indicator(
    zh="每家机构对应老年人数", en="Seniors an institution", unit=Label("人/家", "people"),
    formula=("60 岁及以上人口 ÷ 在营机构数", "people aged 60 and over ÷ facilities in service"),
    source=_PLANNERS, needs="areas.aged_60",
)  # fmt: skip
def seniors_per_institution(study: Study) -> Parts:
    """Tell how many seniors there are for each facility."""
    aged, every = study.people("aged_60"), study.count(study.every)
    return Parts(aged, every, every, study.lost("aged_60"), more_of=study.undecided.may,
                 bounded=False, counted=True)  # fmt: skip


def filling(study: Study) -> Floats:
    """Divide the residents of each home by its beds; NaN where either is unknown or no bed is."""
    residents, beds = study.number("residents"), _beds(study)
    full: Floats = np.divide(residents, beds, out=np.full(beds.shape, np.nan), where=beds > 0)
    return full


def _homes(study: Study, marked: Mask) -> Parts:
    """Count marked homes among those whose filling is known."""
    known = np.isfinite(filling(study))
    base, unknown = study.count(known), study.count(~known)
    number = np.where((base == 0) & (unknown > 0), np.nan, study.count(marked))
    return Parts(number, np.ones_like(number), base, unknown, more=unknown + study.undecided.may)


def _over_people(study: Study, amount: str, whom: str) -> Parts:
    """Divide what the facilities have together by the people of the area."""
    return sum_over(study, study.number(amount), study.people(whom), study.lost(whom))


def _beds(study: Study) -> Floats:
    """Give the beds of each home; one without any has no share of anything."""
    return _some(study.number("beds_total"))


def _some(amounts: Floats) -> Floats:
    return np.where(amounts > 0, amounts, np.nan)
