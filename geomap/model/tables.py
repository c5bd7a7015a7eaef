"""Every table by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geomap.model.area import AREAS
from geomap.model.candidate import CANDIDATES
from geomap.model.demand import DEMAND
from geomap.model.exclusion import EXCLUSIONS
from geomap.model.facility import FACILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomap.model.table import Table

TABLES: Final[Mapping[str, Table]] = {
    each.name: each for each in (FACILITIES, DEMAND, AREAS, CANDIDATES, EXCLUSIONS)
}
#: The fields that hold several choices: lists, also where no row has one.
LISTS: Final = frozenset(
    each.name for table in TABLES.values() for each in table.fields if each.kind == "choices"
)
