"""The planner's verbs on the command line: coverage, gaps and indicators, written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Final

from geomap.cli.shown import working
from geomap.errors import NotFoundError, ParameterError
from geomap.web.plan.ask import DEFAULT_M, SPEED_MPS, WALK, Ask

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from geomap.cli.shown import Screen
    from geomap.plan.review import PlanReview
    from geomap.web.plan.inputs import PlanInputs

_ALL: Final = 1_000


@dataclass(frozen=True)
class Standard:
    """The coverage standard as it is stated: metres, or minutes at a speed."""

    standard_m: float | None = None
    minutes: float | None = None
    speed: float = SPEED_MPS

    def ask(self, area: str | None) -> Ask:
        """Ask by it.

        Raises
        ------
        ParameterError : if both metres and minutes are given.
        """
        if self.standard_m is not None and self.minutes is not None:
            raise ParameterError(
                "give --standard-m, a straight line, or --minutes, a walk, not both",
                zh="--standard-m（直线）和 --minutes（步行）只能给一个",
            )
        if self.minutes is None:
            metres = DEFAULT_M if self.standard_m is None else self.standard_m
            return Ask(area=area or "", rule="", standard_m=metres)
        metres = self.minutes * 60 * self.speed
        return Ask(area=area or "", rule="", standard_m=metres, method=WALK, speed_mps=self.speed)


def require_ending(out: Path, option: str = "--out") -> None:
    """Refuse a file of an unknown kind before minutes of work, not after.

    Raises
    ------
    ParameterError : if it is one.
    """
    from geomap.data.export import WRITERS

    if out.suffix.lower() not in WRITERS:
        known = ", ".join(WRITERS)
        raise ParameterError(
            f"{option} must end in one of {known}, got {out.name!r}",
            zh=f"{option} 须以 {known} 之一结尾，这里是 {out.name!r}",
        )


def require_streets(folder: Path, ask: Ask, inputs: PlanInputs) -> None:
    """Refuse a walk where there are no streets.

    Raises
    ------
    ParameterError : if there are none.
    """
    if ask.walks and not inputs.has_network:
        raise ParameterError(
            f"{folder} has no walking network: import one, or give --standard-m"
            f" {ask.standard_m:g} for a straight line",
            zh=f"{folder} 没有步行路网：请先导入，或改用直线：--standard-m {ask.standard_m:g}",
        )


def plan_verb(  # noqa: PLR0913 (what the command was asked)
    screen: Screen, verb: str, folder: Path, *, standard: Standard, area: str | None, out: Path
) -> None:
    """Work a verb out for a workspace and write the answer, one row an area or gap.

    Raises
    ------
    ParameterError, NotFoundError, DataError : if it cannot be asked of this workspace.
    """
    from geomap.data.export import export_frame
    from geomap.data.standards import read_packs
    from geomap.web.plan.inputs import inputs_of
    from geomap.web.plan.working import STEPS_OF, share_done, work_out

    require_ending(out)
    ask, inputs = standard.ask(area), inputs_of(folder)
    require_streets(folder, ask, inputs)
    if verb == "coverage" and not inputs.weights:
        raise NotFoundError(
            f"{folder} states nobody's number: import demand, or areas with a population;"
            " geomap gaps needs none",
            zh=f"{folder} 里没有人口数：请导入需求点，或带人口的行政区；geomap gaps 不需要人口",
        )
    with working(screen, screen.say("正在计算", "Working"), total=_ALL) as show:
        found = work_out(
            ask, inputs, read_packs(), steps=STEPS_OF[verb],
            tell=lambda step, done, of: show(int(_ALL * share_done(step, done, of)[1])),
        )  # fmt: skip
    frame = _frame(verb, found)
    export_frame(frame, out, name=verb)
    _say(screen, verb, found, len(frame), out)


def _frame(verb: str, found: PlanReview) -> gpd.GeoDataFrame:
    """Take the rows that a verb writes."""
    if verb == "gaps" and found.gaps is not None:
        return found.gaps
    if verb == "coverage":
        from geomap.web.plan.working import COVERED

        return found.areas[[*(each for each in COVERED if each in found.areas), "geometry"]]
    return found.areas


def _say(screen: Screen, verb: str, found: PlanReview, rows: int, out: Path) -> None:
    """Say what came of it, and what is unknown."""
    asked = found.question
    way = screen.say("直线", "straight line") if asked.minutes is None else screen.say(
        f"步行 {asked.minutes:g} 分钟", f"{asked.minutes:g} min on foot"
    )  # fmt: skip
    metres = f"{asked.reach_m:,.0f}"
    if verb != "gaps" and not isnan(found.people):  # nan: no people known
        share = f"{found.share:.1%}"
        text = screen.say(
            f"{share} 够得到（{way}，{metres} 米）：{found.covered:,.0f} 人；"
            f"够不到 {found.uncovered:,.0f} 人",
            f"{share} within reach ({way}, {metres} m): {found.covered:,.0f} people;"
            f" {found.uncovered:,.0f} out of reach",
        )
        screen.print(text)
    if found.unknown_rows or found.without_place_rows:
        screen.print(
            screen.say(
                f"没有算：人数未知 {found.unknown_rows:,} 处，没有位置"
                f" {found.without_place_rows:,} 处",
                f"Left out: {found.unknown_rows:,} rows without a number,"
                f" {found.without_place_rows:,} without a place",
            )
        )
    if found.evenly and verb != "gaps" and found.people == found.people:
        zh, en = (
            "没有需求点：按地区人口平均分布估算",
            "No demand: people spread evenly over the areas",
        )
        screen.print(screen.say(zh, en))
    screen.print(screen.say(f"已写出 {rows:,} 行：{out}", f"{rows:,} rows written: {out}"))
