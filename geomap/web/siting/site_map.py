"""The map of a siting answer: folium's document, with the chosen sites and the people as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from geomap.model.table import Label
from geomap.web.finder.answer import FinderQuery
from geomap.web.maps.map import map_config
from geomap.web.pages import current_reader
from geomap.web.siting.answer_page import SiteWriter
from geomap.web.siting.working import BEFORE, BEYOND, NEWLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.web.siting.ask import SiteAsk
    from geomap.web.state import Snapshot

_MARGIN: Final = 0.005
_WORDS: Final = {
    "layers": Label("图上显示", "Show on the map"),
    "newly": Label("新够得到的人", "People newly within reach"),
    "beyond": Label("还是够不到的人", "People still out of reach"),
    "before": Label("本来就够得到的人", "People within reach already"),
    "facilities": Label("现有机构", "Existing facilities"),
    "circle": Label("选出的地点的直线范围", "Straight-line reach of the chosen sites"),
    "chosen": Label("选出的地点，数字是次序", "Chosen site, by number"),
    "size": Label("圆越大人越多", "The larger the circle, the more people"),
    "straight": Label("直线会高估能走到的范围。", "A straight line overstates what can be walked."),
}
#: The same, where people are served by whatever is nearest.
_NEARER: Final = {
    "newly": Label("由新址就近服务的人", "People whom a new site is nearest"),
    "before": Label("仍由现有机构就近服务的人", "People whom an existing facility is nearest"),
    "beyond": Label("谁也到不了的人", "People whom none can reach"),
}


def site_script(
    found: Mapping[str, Any],
    spots: list[list[float]],
    ask: SiteAsk,
    data: Snapshot,
    language: str,
) -> str:
    """Write the script of the map."""
    from geomap.maps.document import map_document  # folium takes most of a second to import

    config = map_config(data, FinderQuery(types=ask.types), current_reader())
    chosen = [each["geometry"]["coordinates"] for each in found["features"]]
    places = [*chosen, *(spot[:2] for spot in spots)]
    if places:
        lon, lat = zip(*places, strict=True)
        config["bounds"] = [[min(lat) - _MARGIN, min(lon) - _MARGIN],
                            [max(lat) + _MARGIN, max(lon) + _MARGIN]]  # fmt: skip
    config |= {"pick": False, "page": "part",
               "siting": site_layers(found, spots, ask, language)}  # fmt: skip
    return map_document(config, [])


def site_layers(
    found: Mapping[str, Any], spots: list[list[float]], ask: SiteAsk, language: str
) -> dict[str, Any]:
    """Write what the map draws, as plain data."""
    writer = SiteWriter(found, ask, language)
    heads = [writer.heads()[2], *writer.more_heads()]
    colon = "：" if language == "zh" else ": "
    words = {**_WORDS, **({} if ask.covers else _NEARER)}
    sites = [
        {"at": each["geometry"]["coordinates"], "rank": row["rank"], "name": row["name"],
         "lines": [f"{head}{colon}{cell}"
                   for head, cell in zip(heads, [row["people"], *row["more"]], strict=True)]}
        for each, row in zip(found["features"], writer.rows(), strict=False)
    ]  # fmt: skip
    return {
        "words": {name: label.of(language) for name, label in words.items()},
        "sites": sites,
        "radius": ask.standard_m if ask.covers and not ask.walks else None,
        "spots": {
            "newly": [each[:3] for each in spots if each[3] == NEWLY],
            "beyond": [each[:3] for each in spots if each[3] == BEYOND],
            "before": [each[:3] for each in spots if each[3] == BEFORE],
        },
        "existing": found["existing"],
    }
