"""Reading what is published into memory: the layers that ship, or a workspace folder."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from geomap.data.layers import BACKGROUND, layer_info, read_layer
from geomap.data.network_files import load_network, network_files
from geomap.data.platforms import LAYER as PLATFORMS
from geomap.data.platforms import all_platforms, read_platforms
from geomap.data.published import bundled, published_stamp, read_published
from geomap.errors import DataError
from geomap.model.facility import STEWARD_COLUMNS
from geomap.settings import layers_dir
from geomap.web.searching import Names, facilities_of
from geomap.web.state import Service, Site, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.platforms import Platform
    from geomap.data.published import Published
    from geomap.model.network import Network

_FACILITIES = "facilities"
_AROUND = ("hospitals", "residential", "streets", "places", BACKGROUND, PLATFORMS)
_SHIPPED = "shipped"
_log = logging.getLogger(__name__)


def published_service(folder: Path | None, *, show_stewards: bool = False) -> Service:
    """Serve a workspace folder, or the layers that ship where None.

    Officials paired with facilities are people: they are left out unless `show_stewards`.

    Raises
    ------
    DataError, NotFoundError : if nothing is published there, or it cannot be read.
    """
    if folder is None:
        return Service(lambda: _snapshot(bundled(), None, _SHIPPED), lambda: _SHIPPED)
    return Service(partial(_load, folder, show_stewards), partial(_revision, folder))


def _load(folder: Path, show_stewards: bool) -> Snapshot:  # noqa: FBT001 (bound by partial)
    """Read what a workspace published; the stamp is taken first, so nothing later is missed."""
    revision = _revision(folder)
    return _snapshot(
        read_published(folder),
        folder,
        revision,
        show_stewards=show_stewards,
        platforms=read_platforms(folder),
    )


def _revision(folder: Path) -> str:
    """Tell which state of a workspace is published, by one look at the disk."""
    published = published_stamp(folder)
    if published is None:
        return ""
    streets = [each.stat().st_mtime_ns for each in network_files(folder)]
    return "-".join(f"{each:x}" for each in (*published, *streets))


def _snapshot(
    published: Published,
    folder: Path | None,
    revision: str,
    *,
    show_stewards: bool = False,
    platforms: tuple[Platform, ...] = (),
) -> Snapshot:
    """Read the facilities; what orients around them ships, and is read when first used."""
    import pandas as pd

    own = published.layers.get(_FACILITIES)
    facilities = facilities_of(published)
    if not show_stewards:
        unknown = pd.Series(None, index=facilities.index, dtype="str")
        facilities = facilities.assign(**dict.fromkeys(STEWARD_COLUMNS, unknown))
    shipped = [layer_info(layers_dir(), name) for name in _AROUND]
    return Snapshot(
        revision=revision,
        facilities=facilities,
        site=Site(
            sample=revision == _SHIPPED,
            synthetic=own is not None and own.synthetic,
            attribution=own.attribution if own else None,
            platforms=all_platforms(platforms),
        ),
        context=partial(read_layer, layers_dir()),
        names=Names(published, folder, lambda: facilities),
        layers=[*([own] if own else []), *shipped],
        streets=partial(_streets, folder),
    )


def _streets(folder: Path | None) -> Network | None:
    """Load the walking network of a workspace; None where it has none that can be read."""
    if folder is None or not network_files(folder):
        return None
    try:
        return load_network(folder)
    except DataError as error:
        _log.error("walks are estimated, the network cannot be used: %s", error)
        return None
