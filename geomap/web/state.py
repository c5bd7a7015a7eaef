"""The published data in memory, and its indexes: built when first used, renewed when it changes.

A request takes one :class:`Snapshot` and works on it to the end. When a new revision is
published, it is read and indexed in the background and then put in the old one's place.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from flask import current_app

from geomap.data.mapped import kept_in_file
from geomap.errors import GeomapError, NotFoundError
from geomap.model.divisions import LEVELS
from geomap.model.facility import TYPES
from geomap.web.memory import give_back, trim
from geomap.web.once import once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from geomap.data.layers import Layer
    from geomap.data.platforms import Platform
    from geomap.find.nearest_index import Among, NearestIndex
    from geomap.find.places import SearchIndex
    from geomap.find.selection import Columns, Selection
    from geomap.maps.clusters import ClusterIndex
    from geomap.maps.vector_tiles import FacilityTiles
    from geomap.model.network import Network
    from geomap.web.feature_writer import FeatureWriter
    from geomap.web.finder.filters import Filters
    from geomap.web.searching import Names

_LOOK_EVERY_S = 1.0
_TRIM_EVERY_S = 4.0
#: A revision that cannot be read is not tried each second: that may take long, and is logged.
_AGAIN_AFTER_S = 10.0
#: Filtered maps that are kept ready; one of 400,000 facilities takes some 10 MB.
_MOST_FILTERED = 8
#: Choices for the nearest that are kept ready; of 400,000 facilities each takes 0.4 to 6 MB.
_MOST_ASKED = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Site:
    """What every page says of its data.

    Parameters
    ----------
    sample : the bundled sample is served: far too sparse to judge coverage by.
    synthetic : the facilities are invented.
    attribution : whose data it is.
    platforms : where the authorities can be asked, as the operator lists them and as they ship.
    """

    sample: bool = False
    synthetic: bool = False
    attribution: str | None = None
    platforms: tuple[Platform, ...] = ()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One revision of the published data, read-only.

    Parameters
    ----------
    revision : changes with the data.
    facilities : (n,) facility frame, degrees.
    site : what the pages say of it.
    context : reads a context layer (places, hospitals, residential, streets) by name.
    layers : what each layer says of itself.
    names : the index of names that is kept on disk; it is made in memory where None.
    streets : loads the walking network of the workspace, None where it has none.
    """

    revision: str
    facilities: gpd.GeoDataFrame
    site: Site
    context: Callable[[str], Any]
    layers: Sequence[Layer] = ()
    names: Names | None = None
    streets: Callable[[], Network | None] = lambda: None
    _locks: dict[str, threading.RLock] = field(default_factory=dict)
    _filtered: dict[object, ClusterIndex] = field(default_factory=dict)
    _asked: dict[object, Among | int] = field(default_factory=dict)

    @once
    def nearest(self) -> NearestIndex:
        """Index the facilities by place."""
        from geomap.find.nearest_index import NearestIndex

        return NearestIndex(self.facilities)

    @once
    def network(self) -> Network | None:
        """Load the streets that can be walked; None where the workspace has none."""
        return self.streets()

    @once
    def columns(self) -> Columns:
        """Columns ready for selection."""
        from geomap.find.selection import Columns

        return Columns(self.facilities, kept_in_file)

    @once
    def clusters(self) -> ClusterIndex:
        """Facilities grouped for the map."""
        import pandas as pd

        from geomap.maps.clusters import ClusterIndex

        lon, lat = self.columns.lon_lat
        codes, names = pd.factorize(self.facilities["type"])
        types = np.asarray(names, dtype=object)[codes]  # few texts, shared
        return ClusterIndex(lon, lat, types, kept_in_file)

    @once
    def vector_tiles(self) -> FacilityTiles:
        """Facilities as vector tiles."""
        from geomap.maps.vector_tiles import FacilityTiles

        return FacilityTiles(self.facilities, self.clusters)

    @once
    def writer(self) -> FeatureWriter:
        """Facilities as GeoJSON, fast."""
        from geomap.web.feature_writer import FeatureWriter

        return FeatureWriter(self.facilities)

    def clusters_of(self, filters: Filters) -> ClusterIndex:
        """Group the facilities that surely fit, or may fit, some filters; the last are kept."""
        if not filters.chosen and filters.adcode is None:
            return self.clusters
        key = (filters.unsure, tuple(sorted(filters.chosen.items())), filters.adcode)
        held = self._filtered.get(key)
        if held is None:
            selection = filters.selection(())
            judge = selection.maybe if filters.unsure else selection.mask
            held = self.clusters.among(judge(self.columns))
            if len(self._filtered) >= _MOST_FILTERED:
                self._filtered.clear()
            self._filtered[key] = held
        return held

    def among(self, chosen: Selection) -> Among | NDArray[np.bool_] | None:
        """Choose where to look for the nearest: None is everywhere.

        What is asked for again is made ready for the next time; the last such are kept.
        """
        from geomap.find.nearest_index import Among

        filters = tuple(sorted(chosen.filters.items()))
        key = (chosen.types, filters, chosen.bbox, chosen.adcode, chosen.text)
        if not any(key):
            return None
        held = self._asked.get(key, 0)
        if isinstance(held, Among):
            return held
        mask = chosen.mask(self.columns)
        if len(self._asked) >= _MOST_ASKED:
            self._asked.clear()
        if held <= 1:
            self._asked[key] = held + 1
        if held == 1:  # one thread makes it, while the others go on without
            self._asked[key] = self.nearest.among(mask)
        return mask

    @once
    def places(self) -> pd.DataFrame:
        """Divisions and places."""
        import pandas as pd

        return pd.DataFrame(self.context("places").drop(columns="geometry", errors="ignore"))

    @once
    def hospitals(self) -> gpd.GeoDataFrame:
        """Hospitals and clinics."""
        return self.context("hospitals")

    @once
    def nearest_hospital(self) -> NearestIndex:
        """Index the hospitals by place."""
        from geomap.find.nearest_index import NearestIndex

        return NearestIndex(self.hospitals)

    @property
    def search(self) -> SearchIndex:
        """All names; the most important ones while the others are indexed for the first time."""
        if self.knows_all_names:
            return self.all_names
        _ = self._preparation
        return self._first_names

    @property
    def knows_all_names(self) -> bool:
        """Whether all names can be searched, or need only be opened."""
        return "all_names" in vars(self) or self.names is None or self.names.are_kept()

    @once
    def _preparation(self) -> threading.Thread:
        """Index all names while those that are there are searched."""
        thread = threading.Thread(target=lambda: self.all_names, name="names", daemon=True)
        thread.start()
        return thread

    @once
    def _first_names(self) -> SearchIndex:
        """Divisions, and the facilities where they are few or indexed already."""
        from geomap.find.places import SearchIndex

        if self.names is None:
            return self.all_names
        divisions = self.places[self.places["kind"].isin(LEVELS[: LEVELS.index("township")])]
        return SearchIndex(divisions, stored=self.names.first(divisions))

    @once
    def all_names(self) -> SearchIndex:
        """All names, however long it takes."""
        from geomap.find.places import SearchIndex

        return SearchIndex(
            self.places,
            facilities=self.facilities,
            hospitals=self.hospitals,
            residential=partial(self.context, "residential"),
            streets=partial(self.context, "streets"),
            stored=self.names.all() if self.names else None,
        )

    @once
    def rows_by_id(self) -> Mapping[str, int]:
        """Find rows by id."""
        from geomap.web.row_numbers import RowNumbers

        return RowNumbers(self.facilities["id"])

    @once
    def divisions(self) -> Mapping[str, str]:
        """Name each division down to the county in full, by its code."""
        places = self.places
        known = places[
            places["kind"].isin(["province", "city", "county"]) & places["adcode"].notna()
        ]
        paths = known["path"].fillna(known["name"])
        return dict(zip(known["adcode"].tolist(), paths.tolist(), strict=True))

    @once
    def counts(self) -> Mapping[str, int]:
        """Count the facilities of each type."""
        found = self.facilities["type"].value_counts()
        return {kind: int(found.get(kind, 0)) for kind in TYPES}

    @once
    def located(self) -> NDArray[np.bool_]:
        """Mark the (n,) facilities with a known place."""
        return np.asarray(np.isfinite(self.columns.lon_lat[0]))

    @once
    def in_order(self) -> NDArray[np.intp]:
        """Rows as a list without a place shows them: by division code, unknown ones last."""
        first, last = self.columns.code_ranges
        return np.lexsort(
            (np.arange(len(self.facilities)), ~self.located, first, last - first > 10**10)
        )

    def row(self, facility_id: str) -> int:
        """Find the row of a facility.

        Raises
        ------
        NotFoundError : if no facility has this id.
        """
        row = self.rows_by_id.get(facility_id)
        if row is None:
            raise NotFoundError(
                f"there is no facility with the id {facility_id!r}",
                zh=f"没有编号为 {facility_id} 的机构",
            )
        return row

    def division(self, adcode: object) -> str | None:
        """Name the county, city or province of a code; None where it is not known."""
        if not isinstance(adcode, str):
            return None
        codes = (adcode[:6], adcode[:4].ljust(6, "0"), adcode[:2].ljust(6, "0"))
        return next((self.divisions[code] for code in codes if code in self.divisions), None)

    @once
    def common_division(self) -> str | None:
        """Name the county, city or province that all facilities are in; None where there is none.

        Those whose division is not known are no sign against it.
        """
        codes = self.facilities["adcode"].dropna()
        first, last = (codes.min(), codes.max()) if len(codes) else ("", "")
        shared = next((first[:n] for n in (6, 4, 2) if first[:n] == last[:n]), "")
        return self.division(shared.ljust(6, "0")) if shared else None

    def forget_locks(self) -> None:
        """Free every lock: in a process forked just now, no thread holds any."""
        self._locks.clear()

    def warm_up(self) -> None:
        """Build what the first requests ask for."""
        _ = self.columns.northward, self.nearest, self.rows_by_id, self.writer, self.network
        self.clusters.warm_up()
        self.vector_tiles.warm_up()
        self.all_names.search("上海市人民大道1号", kinds=["address"])
        self.writer.warm_up()
        give_back()


class Service:
    """The current snapshot, renewed in the background when another revision is published.

    Parameters
    ----------
    load : reads the published data.
    revision : tells the revision of what is published now, cheaply; "" where nothing is.

    Attributes
    ----------
    renewed : called with each revision that is put in place later.
    """

    def __init__(self, load: Callable[[], Snapshot], revision: Callable[[], str]) -> None:
        self._load, self._revision = load, revision
        self.renewed: Callable[[Snapshot], None] = lambda _: None
        self._snapshot = load()
        self._looked = self._trimmed = time.monotonic()
        self._renewing = threading.Lock()

    def snapshot(self) -> Snapshot:
        """Give the data to answer this request from; looks for another revision once a second."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY_S:
            self._looked = now
            other = self._revision() not in ("", self._snapshot.revision)
            if other and self._renewing.acquire(blocking=False):
                threading.Thread(target=self._renew, name="renew", daemon=True).start()
        if now - self._trimmed >= _TRIM_EVERY_S:
            self._trimmed = now
            threading.Thread(target=trim, name="trim", daemon=True).start()
        return self._snapshot

    def forget_locks(self) -> None:
        """Free every lock: in a process forked just now, no thread holds any."""
        self._renewing = threading.Lock()
        self._snapshot.forget_locks()

    def _renew(self) -> None:
        """Read the new revision, make it ready, and only then put it in place."""
        try:
            fresh = self._load()
            fresh.warm_up()
            self._snapshot = fresh
            self.renewed(fresh)
            _log.info("revision %s is served", fresh.revision)
        except (GeomapError, OSError):
            _log.exception("the new revision cannot be read; the old one is served on")
            self._looked = time.monotonic() + _AGAIN_AFTER_S
        finally:
            self._renewing.release()


def service() -> Service:
    """Give the service of the current application."""
    return cast("Service", current_app.extensions["geomap"])


def snapshot() -> Snapshot:
    """Give the data to answer the current request from: the same to its end."""
    from flask import g

    if "snapshot" not in g:
        g.snapshot = service().snapshot()
    return cast("Snapshot", g.snapshot)
