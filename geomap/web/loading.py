"""Reading what is published into memory: the layers that ship, or a workspace folder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from geomap.data.layers import BACKGROUND, layer_info, read_layer
from geomap.data.published import bundled, published_stamp, read_published
from geomap.model.facility import FACILITIES
from geomap.settings import layers_dir
from geomap.web.state import Service, Site, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from geomap.data.published import Published

_FACILITIES = "facilities"
_AROUND = ("hospitals", "residential", "streets", "places", BACKGROUND)
_SHIPPED = "shipped"
_STEWARDS = ("steward_name", "steward_phone", "steward_photo")


def published_service(folder: Path | None, *, show_stewards: bool = False) -> Service:
    """Serve a workspace folder, or the layers that ship where None.

    Officials paired with facilities are people: they are left out unless `show_stewards`.

    Raises
    ------
    DataError, NotFoundError : if nothing is published there, or it cannot be read.
    """
    if folder is None:
        return Service(lambda: _snapshot(bundled(), _SHIPPED), lambda: _SHIPPED)
    return Service(partial(_load, folder, show_stewards), partial(_revision, folder))


def _load(folder: Path, show_stewards: bool) -> Snapshot:  # noqa: FBT001 (bound by partial)
    """Read what a workspace published; the stamp is taken first, so nothing later is missed."""
    revision = _revision(folder)
    return _snapshot(read_published(folder), revision, show_stewards=show_stewards)


def _revision(folder: Path) -> str:
    """Tell which state of a workspace is published, by one look at the disk."""
    return "-".join(f"{each:x}" for each in published_stamp(folder) or ())


def _snapshot(published: Published, revision: str, *, show_stewards: bool = False) -> Snapshot:
    """Read the facilities; what orients around them ships, and is read when first used."""
    own = published.layers.get(_FACILITIES)
    facilities = published.read(_FACILITIES) if own else FACILITIES.empty()
    if not show_stewards:
        facilities = FACILITIES.conform(facilities.drop(columns=list(_STEWARDS)))
    shipped = [layer_info(layers_dir(), name) for name in _AROUND]
    return Snapshot(
        revision=revision,
        facilities=facilities,
        site=Site(
            sample=revision == _SHIPPED,
            synthetic=own is not None and own.synthetic,
            attribution=own.attribution if own else None,
        ),
        context=partial(read_layer, layers_dir()),
        layers=[*([own] if own else []), *shipped],
    )
