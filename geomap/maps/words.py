"""The words on the map, in Chinese and English; the map's script gets them as data."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geomap.model.facility import TYPES
from geomap.model.table import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Short names of the types, for legends.
SHORT_TYPES: Mapping[str, Label] = MappingProxyType(
    {
        "nursing_home": Label("养老院", "Nursing homes"),
        "community_center": Label("社区中心", "Community centres"),
        "street_center": Label("街道中心", "Street centres"),
        "rural_welfare_home": Label("敬老院", "Rural welfare homes"),
        "rural_mutual_aid_home": Label("幸福院", "Mutual-aid homes"),
        "other": Label("其他", "Other"),
    }
)

_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "map": Label(
            "地图。方向键移动，加减号缩放，回车键找中心附近的机构。",
            "Map. Arrow keys move it, plus and minus zoom, Enter finds homes near its centre.",
        ),
        "tools": Label("地图工具", "Map tools"),
        "zoomIn": Label("放大", "Zoom in"),
        "zoomOut": Label("缩小", "Zoom out"),
        "left": Label("向左移动", "Move left"),
        "right": Label("向右移动", "Move right"),
        "up": Label("向上移动", "Move up"),
        "down": Label("向下移动", "Move down"),
        "reset": Label("复位", "Reset"),
        "base": Label("底图", "Base map"),
        "offline": Label("离线底图", "Offline map"),
        "legend": Label("图例", "Legend"),
        "chosen": Label("选中的机构", "Chosen facility"),
        "close": Label("关闭", "Close"),
        "closed": Label("停办、在建或规划中", "Closed, planned or being built"),
        "several": Label("多家，点开", "Several: press to open"),
        "searched": Label("您找的位置", "The place you searched"),
        "ring": Label("直线距离", "Straight-line distance"),
        "hospital": Label("医院", "Hospital"),
        "residential": Label("住宅区", "Housing"),
        "boundary": Label("行政区界线", "Boundaries"),
        "beyond": Label("水面或国外，没有资料", "Water or abroad: no data"),
        "noStreets": Label(
            "本图没有街道底图，位置和距离是准的。",
            "This map has no streets; places and distances are exact.",
        ),
        "help": Label("按住 Ctrl 键滚动，可以放大缩小。", "Hold Ctrl and scroll to zoom."),
        "failed": Label(
            "地图没有全部打开，列表照常可用。", "The map did not load fully; the list still works."
        ),
        "metres": Label("{n} 米", "{n} m"),
        "kilometres": Label("{n} 公里", "{n} km"),
        "far": Label("直线 {distance}", "{distance} in a straight line"),
        "homes": Label("{n} 家机构，放大查看", "{n} facilities, zoom in to see them"),
        "here": Label("这里有 {n} 家机构", "{n} facilities stand here"),
        "nth": Label("第 {n} 条", "no. {n} in the list"),
        "comma": Label("，", ", "),
    }
)


def map_words(language: str) -> dict[str, str]:
    """Give every word of the map in one language.

    Examples
    --------
    >>> map_words("zh")["reset"], map_words("en")["reset"]
    ('复位', 'Reset')
    """
    return {name: label.of(language) for name, label in _WORDS.items()}


def map_types(language: str) -> list[dict[str, str]]:
    """Give the types in the order of the table, with the names for legends and symbols."""
    return [
        {"type": name, "short": SHORT_TYPES[name].of(language), "kind": label.of(language)}
        for name, label in TYPES.items()
    ]
