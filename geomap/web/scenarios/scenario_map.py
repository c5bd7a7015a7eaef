"""The map of a scenario: folium's document, with what changes and both states as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import url_for

from geomap.model.scenario import KIND_LABELS
from geomap.model.table import Label
from geomap.web.finder.answer import FinderQuery
from geomap.web.maps.map import map_config
from geomap.web.pages import current_reader
from geomap.web.scenarios.rows import what

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geomap.web.plan.ask import Ask
    from geomap.web.scenarios.listed import Listed
    from geomap.web.scenarios.working import Effect
    from geomap.web.state import Snapshot

_MARGIN: Final = 0.005
_NOTHING: Final[Mapping[str, Any]] = {"spots": [], "gaps": None}
_WORDS: Final = {
    "layers": Label("图上显示", "Show on the map"),
    "newly": Label("改动后新够得到的人", "People newly within reach"),
    "lost": Label("改动后够不到了的人", "People no longer within reach"),
    "beyond": Label("够不到的人", "People out of reach"),
    "reached": Label("够得到的人", "People within reach"),
    "gaps": Label("空白区：标准距离内没有机构", "Gap: no facility within the standard"),
    "facilities": Label("现有机构", "Existing facilities"),
    "size": Label("圆越大人越多", "The larger the circle, the more people"),
    "straight": Label("直线会高估能走到的范围。", "A straight line overstates what can be walked."),
    "circle": Label("改动的机构的直线范围", "Straight-line reach of what changes"),
    "swipe": Label("前后对比", "Before and after"),
    "before": Label("改动前", "Before"),
    "after": Label("改动后", "After"),
    "half": Label("对半", "Half and half"),
    "said": Label("左边 {n}% 是改动前，右边是改动后", "{n}% on the left before, the rest after"),
    "add": Label("新建", "Added"),
    "close": Label("关停", "Closed"),
    "move": Label("迁址：从空心到实心", "Moved: from hollow to filled"),
    "enlarge": Label("改床位", "Beds changed"),
    "hint": Label(
        "按一下空地，就把那里填进表单；放大后按一家机构，可以关停、迁址或改床位。",
        "Press empty ground to put its place into the form; come closer and press a facility to"
        " close it, move it or change its beds.",
    ),
    "centre": Label("用地图中心", "Use the middle of the map"),
    "moveTo": Label("搬到别处", "Move it elsewhere"),
    "moving": Label(
        "现在按“{name}”的新位置，或用地图中心。",
        "Now press the new place of “{name}”, or use the middle of the map.",
    ),
    "stop": Label("不搬了", "Do not move it"),
    "chosen": Label("已选：{name}", "Chosen: {name}"),
    "picked": Label("选的位置，还没有保存", "Place chosen, not yet saved"),
    "choose": Label("选这里的哪一家？", "Which one here?"),
}


def scenario_script(  # noqa: PLR0913 (everything that the map is of)
    changes: Sequence[Listed], effect: Effect | None, ask: Ask, data: Snapshot, language: str,
    *, edit: bool,
) -> str:  # fmt: skip
    """Write the script of the map.

    Parameters
    ----------
    effect : None where it is not worked out: the changes alone are drawn then.
    edit : whether a press fills the form around the map.
    """
    from geomap.maps.document import map_document  # folium takes most of a second to import

    config = map_config(data, FinderQuery(types=ask.types), current_reader())
    layers = scenario_layers(changes, effect, ask, language, edit=edit) | {
        "facility": url_for("api.get_facility", facility_id="__id__"),
        "existing": int(data.located.sum()),
    }
    if bounds := _bounds(layers):
        config["bounds"] = bounds
    config |= {"pick": False, "page": "part", "scenario": layers}
    return map_document(config, [])


def scenario_layers(
    changes: Sequence[Listed], effect: Effect | None, ask: Ask, language: str, *, edit: bool
) -> dict[str, Any]:
    """Write what the map draws, as plain data."""
    drawn = {"before": _NOTHING, "after": _NOTHING} if effect is None else effect.drawn
    return {
        "words": {name: label.of(language) for name, label in _WORDS.items()},
        "edit": edit, "radius": None if ask.walks else ask.standard_m, "walk": ask.walks,
        "changes": [
            {"n": each.n, "kind": each.change.kind, "id": each.change.facility_id,
             "name": each.name, "type": each.type, "at": each.at,
             "was": each.was if each.change.kind == "move" else None,
             "lines": [KIND_LABELS[each.change.kind].of(language), *what(each, language)]}
            for each in changes
        ],
        "before": drawn["before"], "after": drawn["after"],
    }  # fmt: skip


def _bounds(layers: Mapping[str, Any]) -> list[list[float]] | None:
    """Frame the people and the changes; None where there are none."""
    changed = [each[name] for each in layers["changes"] for name in ("at", "was")]
    spots = [spot[:2] for spot in layers["before"]["spots"]]
    places = [each for each in [*spots, *changed] if each is not None]
    if not places:
        return None
    lon, lat = zip(*places, strict=True)
    return [[min(lat) - _MARGIN, min(lon) - _MARGIN], [max(lat) + _MARGIN, max(lon) + _MARGIN]]
