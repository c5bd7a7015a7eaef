"""What a reader of a scenario must know beside its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geomap.model.table import Label

if TYPE_CHECKING:
    from geomap.plan.scenarios.asked import Asked
    from geomap.plan.scenarios.stands import Reach


def notes_of(asked: Asked, reach: Reach | None) -> tuple[Label, ...]:
    """Tell what the changes leave unknown, or leave as it is."""
    matched, stands = asked.matched, asked.stands
    rows = np.array(matched.rows, dtype=np.int64)
    other = np.zeros(len(rows), dtype=bool)
    if asked.question.types:
        types = asked.every_after["type"].iloc[rows]
        other = ~types.isin(asked.question.types).to_numpy(dtype=bool)
    unknown = sum(each.beds is None for each in matched.added)
    places = stands.after[stands.facility]
    unwalked = 0
    if reach is not None and reach.walked is not None:
        unwalked = int(shapely.is_missing(reach.walked[np.unique(places[places >= 0])]).sum())
    told = {
        Label("{} 项改动的机构类型不在所问之列，不影响结果",
              "{} changes are to types not asked about: they change nothing here"): other.sum(),
        Label("{} 家新建机构未填床位，不计入床位",
              "{} added facilities state no beds: these are in no figure of beds"): unknown,
        Label("{} 个新址离街道太远，步行无法到达，不服务任何人",
              "{} new places are too far from any street: on foot they serve nobody"): unwalked,
    }  # fmt: skip
    notes = [label.counting(int(count)) for label, count in told.items() if count]
    if asked.evenly:
        notes.append(
            Label("没有人口分布，按区域内人口均匀居住估算",
                  "Where people live is not known: they are taken to live evenly over each area")
        )  # fmt: skip
    return tuple(notes)
