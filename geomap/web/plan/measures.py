"""What may be shown of areas: each with its name, unit, formula, source and which way is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geomap.model.table import Label
from geomap.plan.indicators.answer import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

#: More of these is worse: they are painted from yellow to brown.
_BAD: Final = frozenset(
    {"gap_share", "beds_short", "risk_listed_share", "homes_over_95", "homes_under_50",
     "seniors_per_institution"}
)  # fmt: skip
#: Counts depend on how large an area is: circles and tables show them, colours do not.
COUNTS: Final = frozenset({"facilities", "beds_short", "homes_over_95", "homes_under_50",
                           "subsidy_yuan"})  # fmt: skip
#: ColorBrewer, from few to many: YlGnBu where more is good, YlOrBr where it is bad.
_GOOD_RAMP: Final = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
_BAD_RAMP: Final = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")
_WHOLE_FROM, _TENTHS_FROM = 100, 10


@dataclass(frozen=True)
class Measure:
    """A figure of areas; ``scale`` times the column is what is shown."""

    key: str
    label: Label
    unit: Label
    formula: Label
    source: Label
    scale: float = 1.0

    def ramp(self, size: int) -> list[str]:
        """Give the colours of so many classes, spread over the whole ramp.

        Examples
        --------
        >>> MEASURES["share"].ramp(3), MEASURES["gap_share"].ramp(1)
        (['#ffffcc', '#41b6c4', '#253494'], ['#fe9929'])
        """
        colours = _BAD_RAMP if self.key in _BAD else _GOOD_RAMP
        if size == 1:
            return [colours[len(colours) // 2]]
        return [colours[round(n * (len(colours) - 1) / (size - 1))] for n in range(size)]

    def titled(self, language: str) -> str:
        """Name it with its unit, as a heading does."""
        label, unit = self.label.of(language), self.unit.of(language)
        return f"{label} ({unit})" if language == "en" else f"{label}（{unit}）"

    def text(self, value: float) -> str:
        """Write a value as it stands among others of its kind; "" where unknown."""
        return number_text(value) if self.key in COUNTS else ratio_text(value)

    def values(self, areas: pd.DataFrame) -> NDArray[np.float64]:
        """Give the values of areas, NaN where unknown."""
        if self.key == "gap_share":
            if "gap_km2" not in areas:
                return np.full(len(areas), np.nan)
            gap, whole = (areas[n].to_numpy(dtype=np.float64) for n in ("gap_km2", "area_km2"))
            shares: NDArray[np.float64] = 100 * gap / whole
            return shares
        if self.key not in areas:
            return np.full(len(areas), np.nan)
        values: NDArray[np.float64] = self.scale * areas[self.key].to_numpy(dtype=np.float64)
        return values


_OURS: Final = (
    Measure(
        "share", Label("够得到的人占比", "People within reach"), Label("%", "%"),
        Label("标准距离内有在营机构的人数 ÷ 人数和位置已知的人数，含边界",
              "people with a facility in service within the standard ÷ people whose number and"
              " place are known, edge included"),
        Label("Toregas 等 1971，集合覆盖", "Toregas et al. 1971, doi:10.1287/opre.19.6.1363"), 100,
    ),
    Measure(
        "gap_share", Label("空白区占面积", "Ground in gaps"), Label("%", "%"),
        Label("（地区面积 − 服务范围）÷ 地区面积，等积投影",
              "(area − service areas) ÷ area, in an equal-area projection"),
        Label("等积割补，含碎片", "equal-area overlay, slivers included"),
    ),
    Measure(
        "beds_per_1000", Label("每千人床位", "Beds per 1,000 of them"),
        Label("张/千人", "beds per 1,000"),
        Label("地区内机构床位总数 ÷ 所选人群人数 × 1000，仅计床位已知的机构",
              "beds of facilities in the area ÷ the chosen people × 1,000; facilities whose beds"
              " are unknown are left out"),
        Label("民政事业发展统计公报的口径", "as in the statistical bulletin of civil affairs"),
    ),
    Measure(
        "access", Label("够得到的床位", "Beds within reach"),
        Label("张/千人", "per 1,000"),
        Label("两步移动搜寻法（E2SFCA，高斯衰减），按人数平均",
              "enhanced two-step floating catchment area (E2SFCA, Gaussian), averaged over people"),
        Label("Luo 和 Qi 2009", "Luo and Qi 2009, doi:10.1016/j.healthplace.2009.06.002"),
    ),
)  # fmt: skip
MEASURES: Final[Mapping[str, Measure]] = {each.key: each for each in _OURS} | {
    key: Measure(key, each.label, each.unit, each.formula, each.source)
    for key, each in INDICATORS.items()
    if key != "covered_share"
}


def number_text(value: float) -> str:
    """Write a number with no more digits than matter; "" where unknown.

    Examples
    --------
    >>> [number_text(each) for each in (12345.6, 78.09, 9.061, 0.0901, 0, float("nan"))]
    ['12,346', '78.1', '9.06', '0.0901', '0', '']
    """
    if not np.isfinite(value):
        return ""
    return f"{value:,.0f}" if value == round(value) else ratio_text(value)


def ratio_text(value: float) -> str:
    """Write a number among others of its kind: one that happens to be whole has decimals too.

    Examples
    --------
    >>> [ratio_text(each) for each in (100, 75, 65.7, 9, 9.061, 0.0901, 0, float("nan"))]
    ['100', '75.0', '65.7', '9.00', '9.06', '0.0901', '0', '']
    """
    if not np.isfinite(value):
        return ""
    if value == 0 or abs(value) >= _WHOLE_FROM:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:.1f}" if abs(value) >= _TENTHS_FROM else f"{value:.2f}"
    return f"{value:.3g}"
