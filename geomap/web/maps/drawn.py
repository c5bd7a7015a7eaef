"""The facilities that pictures draw: of tiles, of links that are shared, of posters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geomap.maps.symbols import is_closed
from geomap.maps.view_picture import Facilities

if TYPE_CHECKING:
    from geomap.web.finder.answer import FinderQuery
    from geomap.web.state import Snapshot


def facilities_to_draw(data: Snapshot, query: FinderQuery | None) -> Facilities:
    """Give what a map draws of the facilities that fit a query."""
    clusters = data.clusters if query is None else data.clusters_of(query.filters)
    types = (query.types or None) if query else None
    kinds, states = data.facilities["type"].array, data.facilities["status"].array

    def symbol(row: int) -> tuple[str, bool]:
        return str(kinds[row]), is_closed(states[row])

    return Facilities(lambda tile: clusters.tile(tile, types=types), symbol)
