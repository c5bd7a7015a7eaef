"""How scenarios are said on the command line: their changes, what they do, several side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, Final

from geomap.model.facility import TYPES
from geomap.model.scenario import KIND_LABELS
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from rich.table import Table as Grid

    from geomap.cli.shown import Screen
    from geomap.model.scenario import Change, Scenario
    from geomap.plan.scenarios.answer import Figures, ScenarioEffect

_COLUMNS: Final = ("kind", "facility_id", "name", "type", "lon", "lat", "beds", "cost")


@dataclass(frozen=True)
class _Line:
    """A figure of both states: how it is called, and how many decimals it has; shares are %."""

    key: str
    label: Label
    decimals: int = 0
    is_share: bool = False


_LINES: Final = (
    _Line("covered", Label("够得到（人）", "People within reach")),
    _Line("uncovered", Label("够不到（人）", "People out of reach")),
    _Line("share", Label("够得到的比例", "Share within reach"), 1, is_share=True),
    _Line("gaps", Label("空白区（处）", "Gaps")),
    _Line("gap_people", Label("空白区里的人", "People in gaps")),
    _Line("gap_km2", Label("空白区（平方公里）", "Gaps, km²"), 2),
    _Line("facilities", Label("在营机构（家）", "Facilities in service")),
    _Line("beds", Label("床位（只算已知的）", "Beds, those known")),
    _Line("beds_per_1000", Label("每千人床位", "Beds per 1,000 people"), 2),
    _Line("gini", Label("床位基尼系数（0 最均匀）", "Gini of beds within reach (0 is even)"), 3),
    _Line("palma", Label("床位帕尔马比", "Palma ratio of beds within reach"), 2),
)


def told(scenario: Scenario) -> dict[str, Any]:
    """Give a scenario as JSON values."""
    return asdict(scenario) | {"changes": [each.as_dict() for each in scenario.changes]}


def say_list(screen: Screen, found: Sequence[Scenario]) -> None:
    """Say which scenarios there are, one a line."""
    if not found:
        screen.print(
            screen.say(
                "还没有方案；新建：geomap scenario new 文件夹 名称",
                "There are no scenarios yet; make one: geomap scenario new DIR NAME",
            )
        )
        return
    grid = _grid(
        screen.say("编号", "Id"), screen.say("名称", "Name"), screen.say("改动", "Changes"),
        screen.say("最后改动", "Changed"), screen.say("由", "By"),
    )  # fmt: skip
    for each in found[: screen.limit]:
        _row(grid, each.id, each.name, len(each.changes), _moment(each.changed_at), each.who)
    screen.console.print(grid)
    _say_cut(screen, len(found))


def say_scenario(screen: Screen, scenario: Scenario) -> None:
    """Say what a scenario is, and its changes by their numbers."""
    count = len(scenario.changes)
    screen.print(
        screen.say(
            f"{scenario.id}  {scenario.name}（{count} 项改动）",
            f"{scenario.id}  {scenario.name} ({count} changes)",
        )
    )
    if scenario.note:
        screen.print(scenario.note, "dim")
    if not count:
        return
    grid = _grid("#", screen.say("改动", "Change"), screen.say("机构", "Facility"),
                 screen.say("内容", "What"), screen.say("费用（元）", "Yuan"))  # fmt: skip
    for n, each in enumerate(scenario.changes[: screen.limit], 1):
        named = " ".join(part for part in dict.fromkeys((each.facility_id, each.name)) if part)
        cost = "" if each.cost is None else f"{each.cost:,.0f}"
        kind = KIND_LABELS[each.kind].of(screen.language)
        _row(grid, n, kind, named, _what(screen, each), cost)
    screen.console.print(grid)
    _say_cut(screen, count)


def say_effect(screen: Screen, effect: ScenarioEffect, weight: str) -> None:
    """Say the key figures of a scenario, before and after, and what each change does alone."""
    newly, lost = _number(effect.newly_covered), _number(effect.lost)
    screen.print(
        screen.say(
            f"新够得到 {newly} 人，变得够不到 {lost} 人（{weight}）",
            f"{newly} people newly covered, {lost} lost ({weight})",
        ),
        "bold",
    )
    if effect.gaps_closed is not None:
        closed, people = len(effect.gaps_closed), _number(effect.closed_people)
        screen.print(
            screen.say(
                f"整个补上的空白区 {closed} 处，{people} 人",
                f"Gaps closed whole: {closed}, with {people} people",
            )
        )
    grid = _grid("", screen.say("现在", "Before"), screen.say("之后", "After"),
                 screen.say("变化", "Change"))  # fmt: skip
    for line in _LINES:
        before, after = _value(effect.before, line), _value(effect.after, line)
        if isfinite(before) or isfinite(after):
            difference = _text(line, after - before, signed=True)
            _row(grid, line.label.of(screen.language), _text(line, before), _text(line, after),
                 difference)  # fmt: skip
    screen.console.print(grid)
    _say_alone(screen, effect)
    for note in effect.notes:
        screen.print(note.of(screen.language))
    for name, count in (("unknown", effect.unknown_rows), ("place", effect.without_place_rows)):
        if count:
            unknown = name == "unknown"
            screen.print(
                screen.say(
                    f"没有算：{'人数' if unknown else '位置'}未知 {count:,} 处",
                    f"Left out: {count:,} rows without a {'number' if unknown else 'place'}",
                )
            )


def show_comparison(
    screen: Screen, kept: Sequence[Scenario], effects: Sequence[ScenarioEffect], weight: str
) -> None:
    """Show today and every scenario, a column each."""
    grid = _grid("", screen.say("现在", "Today"), *(f"{each.id} {each.name}" for each in kept))
    rows: list[tuple[Label, list[str]]] = [
        (Label("改动（项）", "Changes"), ["0", *(str(len(each.changes)) for each in kept)]),
        (Label("新够得到（人）", "People newly covered"),
         ["", *(_number(each.newly_covered) for each in effects)]),
        (Label("变得够不到（人）", "People lost"), ["", *(_number(each.lost) for each in effects)]),
        (Label("费用（元）", "Cost, yuan"), ["", *(_cost_text(screen, each) for each in kept)]),
    ]  # fmt: skip
    for line in _LINES:
        values = [_value(effects[0].before, line), *(_value(each.after, line) for each in effects)]
        if any(map(isfinite, values)):
            rows.append((line.label, [_text(line, each) for each in values]))
    for label, texts in rows:
        _row(grid, label.of(screen.language), *texts)
    screen.print(screen.say(f"统计的人：{weight}", f"People counted: {weight}"), "dim")
    screen.console.print(grid)


def comparison(kept: Sequence[Scenario], effects: Sequence[ScenarioEffect]) -> gpd.GeoDataFrame:
    """Give today and every scenario as a table, one a row, without places; unknown is missing."""
    import geopandas as gpd

    from geomap.model.crs import GEOGRAPHIC

    rows: list[dict[str, Any]] = [
        {"id": "today", "name": "today", "changes": 0, "cost": 0.0, "cost_unknown": 0,
         "newly_covered": nan, "lost": nan, "gaps_closed": nan, **asdict(effects[0].before)}
    ]  # fmt: skip
    for each, effect in zip(kept, effects, strict=True):
        cost, unknown = _cost(each)
        closed = nan if effect.gaps_closed is None else float(len(effect.gaps_closed))
        rows.append(
            {"id": each.id, "name": each.name, "changes": len(each.changes), "cost": cost,
             "cost_unknown": unknown, "newly_covered": effect.newly_covered, "lost": effect.lost,
             "gaps_closed": closed, **asdict(effect.after)}
        )  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=[None] * len(rows), crs=GEOGRAPHIC)


def changes_frame(scenario: Scenario) -> gpd.GeoDataFrame:
    """Give the changes as a table that ``--changes`` reads; each where its facility stands then."""
    import geopandas as gpd
    import shapely

    from geomap.model.crs import GEOGRAPHIC

    rows = [each.as_dict() for each in scenario.changes]
    columns = {name: [row[name] for row in rows] for name in _COLUMNS if name not in {"lon", "lat"}}
    places = [
        None if each.lon is None or each.lat is None else shapely.Point(each.lon, each.lat)
        for each in scenario.changes
    ]
    return gpd.GeoDataFrame(columns, geometry=places, crs=GEOGRAPHIC)


def _moment(text: str) -> str:
    """Write a time as clocks here show it."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"


def _say_alone(screen: Screen, effect: ScenarioEffect) -> None:
    """Say what each change does, given all the others."""
    if effect.changes.empty:
        return
    grid = _grid("#", screen.say("机构", "Facility"), screen.say("单独新增", "Newly, alone"),
                 screen.say("单独失去", "Lost, alone"),
                 screen.say("每新增一人（元）", "Yuan a person"))  # fmt: skip
    some = effect.changes.head(screen.limit)
    names = ("n", "facility_id", "name", "newly", "lost", "yuan_per_person")
    for n, id_, name, newly, lost, yuan in zip(*(some[each] for each in names), strict=True):
        _row(grid, n, f"{id_} {name}", _number(newly), _number(lost), _number(yuan))
    screen.console.print(grid)
    _say_cut(screen, len(effect.changes))


def _what(screen: Screen, change: Change) -> str:
    """Say what a change does, shortly."""
    parts = []
    if change.type is not None:
        parts.append(TYPES[change.type].of(screen.language))
    if change.lon is not None and change.lat is not None:
        parts.append(f"{change.lon:.5f}, {change.lat:.5f}")
    if change.beds is not None:
        parts.append(screen.say(f"{change.beds:,.0f} 张床位", f"{change.beds:,.0f} beds"))
    elif change.kind == "add":
        parts.append(screen.say("床位未知", "beds not known"))
    return screen.say("，", ", ").join(parts)


def _cost(scenario: Scenario) -> tuple[float, int]:
    """Add up the known costs; NaN where none is; and count the unknown ones."""
    known = [each.cost for each in scenario.changes if each.cost is not None]
    unknown = len(scenario.changes) - len(known)
    return (sum(known) if known or not unknown else nan), unknown


def _cost_text(screen: Screen, scenario: Scenario) -> str:
    """Write what a scenario costs, as far as it is known."""
    cost, unknown = _cost(scenario)
    if not unknown or not isfinite(cost):
        return _number(cost)
    return screen.say(f"{cost:,.0f} 以上", f"{cost:,.0f} or more")


def _value(figures: Figures, line: _Line) -> float:
    """Give a figure as it is shown."""
    return float(getattr(figures, line.key)) * (100 if line.is_share else 1)


def _text(line: _Line, value: float, *, signed: bool = False) -> str:
    """Write a figure, or its change; "?" is unknown."""
    if not isfinite(value):
        return "?"
    text = f"{value:{'+' if signed else ''},.{line.decimals}f}"
    plain = "0" if not text.strip("+-0.,") else text
    return f"{plain}%" if line.is_share and not signed else plain


def _number(value: float) -> str:
    """Write a whole number; "?" is unknown."""
    return f"{value:,.0f}" if isfinite(value) else "?"


def _grid(*heads: str) -> Grid:
    """Make a table without frames."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        grid.add_column(Text(head), overflow="fold")
    return grid


def _row(grid: Grid, *cells: object) -> None:
    """Add a row of plain text, never markup or what a terminal would obey."""
    from rich.text import Text

    safe = ("".join(c if c.isprintable() else " " for c in str(each)) for each in cells)
    grid.add_row(*map(Text, safe))


def _say_cut(screen: Screen, count: int) -> None:
    """Say how many rows are not shown."""
    if count > screen.limit:
        more = count - screen.limit
        screen.print(screen.say(f"另有 {more:,} 行", f"and {more:,} more"), "dim")
