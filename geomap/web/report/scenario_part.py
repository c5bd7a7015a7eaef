"""The part of a report on a scenario: its changes, before beside after, by area, two maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from flask_babel import gettext as _

from geomap.maps.area_frame import points_of
from geomap.maps.people_picture import Mark, People, people_picture
from geomap.web.plan.demand_spots import HALF
from geomap.web.plan.form import WHOM
from geomap.web.report.pictures import in_service, inline, names_of
from geomap.web.scenarios.answer_page import AreaTable, EffectWriter
from geomap.web.scenarios.listed import listed
from geomap.web.scenarios.rows import change_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geomap.model.scenario import Scenario
    from geomap.web.plan.ask import Ask
    from geomap.web.plan.inputs import PlanInputs
    from geomap.web.scenarios.listed import Listed
    from geomap.web.scenarios.working import Effect
    from geomap.web.state import Snapshot

    Floats = NDArray[np.float64]

#: Two maps stand side by side: px each.
_MAP_PX: Final = 420


@dataclass(frozen=True)
class ScenarioAnswer:
    """A scenario and what it changes, judged by a question."""

    scenario: Scenario
    ask: Ask
    effect: Effect


def scenario_part(
    answer: ScenarioAnswer,
    inputs: PlanInputs,
    data: Snapshot,
    names: Mapping[str, str],
    language: str,
) -> dict[str, Any]:
    """Write the part as plain values.

    Parameters
    ----------
    names : of divisions, in full, by code.
    """
    told, changes = answer.effect.told, listed(answer.scenario.changes, data)
    writer = EffectWriter(told, answer.ask, language)
    return {
        "name": answer.scenario.name,
        "note": answer.scenario.note,
        "figure": writer.figure(),
        "table": writer.table(),
        "changes": change_rows(changes, told["changes"] or None, language),
        "areas": _areas(told, names, language),
        "maps": _maps(answer, inputs, changes, language),
        "methods": _methods(),
    }


def _areas(told: Mapping[str, Any], names: Mapping[str, str], language: str) -> dict[str, Any]:
    """Write the areas, the most changed first; of one area there is nothing to compare."""
    if len(told["by_area"]) <= 1:
        return {"heads": [], "rows": [], "more": 0}
    whom = WHOM[told["weight"]].of(language) if told["weight"] in WHOM else ""
    table = AreaTable(told["by_area"], whom, "moved", "desc", lambda _key, _order: "")
    found = table.written(names)
    return found | {
        "heads": [each["label"] for each in found["heads"]],
        "more": max(0, len(told["by_area"]) - len(found["rows"])),
    }


def _maps(
    answer: ScenarioAnswer, inputs: PlanInputs, changes: Sequence[Listed], language: str
) -> list[dict[str, str]]:
    """Draw before and after, to one scale."""
    from geomap.plan.scenarios.applying import apply_changes

    areas = inputs.scope(answer.ask).areas
    drawn = answer.effect.drawn
    spots = {
        side: np.array(drawn[side]["spots"], dtype=np.float64).reshape(-1, 4) for side in drawn
    }
    frames = {"before": inputs.facilities,
              "after": apply_changes(inputs.facilities, answer.scenario.changes)}  # fmt: skip
    captions = {"before": _("现在"), "after": _("改动以后")}
    places = np.vstack([spots["before"][:, :2], *(_at(each) for each in changes)])
    found = []
    for side, caption in captions.items():
        picture = people_picture(
            areas.geometry.to_numpy(), names=names_of(areas), people=_people(spots, side),
            facilities=in_service(frames[side], answer.ask.types), marks=_marks(changes, side),
            gaps=_gaps(drawn[side]["gaps"]), words=_words(caption), language=language,
            most=float(spots["before"][:, 2].max(initial=1.0)), width=_MAP_PX,
            fit=points_of(places),
        )  # fmt: skip
        if (src := inline(picture)) is not None:
            found.append({"src": src, "caption": str(caption)})
    return found


def _words(caption: str) -> dict[str, str]:
    """Name what the maps show."""
    return {
        "title": str(caption), "facility": str(_("在营机构")), "area": str(_("地区界线")),
        "mark": str(_("改动，数字是次序")), "gap": str(_("空白区")), "ring": "",
    }  # fmt: skip


def _people(spots: Mapping[str, Floats], side: str) -> list[People]:
    """Give who is reached and who is not; after, also whom the changes win and lose."""
    own = spots[side]
    reached = own[:, 3] >= HALF
    found = [People("before", str(_("够得到的人（圆越大人越多）")), own[reached, :3].tolist()),
             People("beyond", str(_("够不到的人")), own[~reached, :3].tolist())]  # fmt: skip
    if side == "before":
        return found
    moved = (own[:, 3] - spots["before"][:, 3]) * own[:, 2]
    for look, words, number in (("newly", _("新够得到的人"), moved),
                                ("lost", _("变得够不到的人"), -moved)):  # fmt: skip
        some = number >= HALF
        rows = np.column_stack([own[some, :2], number[some]])
        found.append(People(look, str(words), rows.tolist()))
    return found


def _at(each: Listed) -> Floats:
    return np.array([spot for spot in (each.was, each.at) if spot], dtype=np.float64).reshape(-1, 2)


def _marks(changes: Sequence[Listed], side: str) -> list[Mark]:
    """Mark the changed places by number: those that were, or those that will be."""
    if side == "before":
        spots = [(each.n, each.was) for each in changes]
    else:
        spots = [(each.n, each.at) for each in changes if each.change.kind != "close"]
    return [Mark(spot[0], spot[1], str(n)) for n, spot in spots if spot is not None]


def _gaps(found: Mapping[str, Any] | None) -> NDArray[np.object_]:
    """Read the gaps that are drawn; none where they were not looked for."""
    features = [] if found is None else found["features"]
    shapes: NDArray[np.object_] = np.empty(len(features), dtype=object)
    for n, each in enumerate(features):
        shapes[n] = shapely.geometry.shape(each["geometry"])
    return shapes


def _methods() -> list[str]:
    """Say how before and after were worked out."""
    return [
        str(_("改动前后用同样的人口、同样的标准各算一遍，再相减；机构按改动后的位置和床位算。")),
        str(
            _(
                "每项改动单独的作用：别的改动都在，只去掉这一项，看少了多少。各项之和不一定等于总数。"
            )
        ),
        str(_("费用或床位未知的，写“未知”，不当作 0。")),
    ]
