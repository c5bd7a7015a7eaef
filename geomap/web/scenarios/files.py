"""Tables of a scenario as files: the changes, and what they do area by area."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import send_file

from geomap.data.export import export_frame
from geomap.data.temporary import private_folder
from geomap.errors import NotFoundError
from geomap.model.crs import GEOGRAPHIC
from geomap.web.plan.plan_pages import inputs
from geomap.web.scenarios.listed import listed
from geomap.web.state import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from flask import Response

    from geomap.model.scenario import Scenario
    from geomap.web.plan.ask import Ask


def sent(frame: gpd.GeoDataFrame, table: str, kind: str) -> Response:
    """Send a table as a file of a kind."""
    with private_folder() as folder:
        path = folder / f"{table}.{kind}"
        export_frame(frame, path, name=table)
        content = path.read_bytes()
    name = f"geomap-scenario-{table}.{kind}"
    return send_file(BytesIO(content), as_attachment=True, download_name=name)


def areas_frame(rows: Sequence[Mapping[str, Any]], ask: Ask, *, outlines: bool) -> gpd.GeoDataFrame:
    """Give the areas with what changes in each; unknown is missing.

    Parameters
    ----------
    outlines : a point inside stands for each where not: no cell of a sheet holds an outline.

    Raises
    ------
    NotFoundError : if there are none.
    """
    import geopandas as gpd
    import pandas as pd

    if not rows:
        raise NotFoundError("this answer has no areas", zh="这个答案里没有地区")
    shapes = inputs().scope(ask).areas.set_index("id").geometry
    shapes = shapes if outlines else shapes.representative_point()
    table = pd.DataFrame(list(rows))
    places = shapes.reindex(table["id"]).to_numpy()
    return gpd.GeoDataFrame(table, geometry=places, crs=GEOGRAPHIC)


def changes_frame(
    scenario: Scenario, effects: Sequence[Mapping[str, Any]] | None
) -> gpd.GeoDataFrame:
    """Give the changes in their order, each where its facility stands then, or stood.

    Parameters
    ----------
    effects : what each change alone does; left out where that is not worked out.
    """
    import geopandas as gpd
    import shapely

    rows, places = [], []
    for each in listed(scenario.changes, snapshot()):
        own = effects[each.n - 1] if effects else {}
        rows.append({
            "n": each.n, "kind": each.change.kind, "facility_id": each.change.facility_id,
            "name": each.name, "type": each.type, "beds_before": each.beds_were,
            "beds": None if each.change.kind == "close" else each.beds, "cost": each.change.cost,
            "newly": own.get("newly"), "lost": own.get("lost"),
            "yuan_per_person": own.get("yuan_per_person"),
            "lon_before": None if each.was is None else each.was[0],
            "lat_before": None if each.was is None else each.was[1],
        })  # fmt: skip
        places.append(None if each.at is None else shapely.Point(each.at))
    if not rows:
        raise NotFoundError("this scenario has no changes yet", zh="这个方案里还没有改动")
    return gpd.GeoDataFrame(rows, geometry=places, crs=GEOGRAPHIC)
