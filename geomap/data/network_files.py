"""Walking networks in files: read from OpenStreetMap extracts, kept in a workspace.

In a workspace they lie in the folder ``network``, one file for each extract, named after it: an
extract of the same name takes its place in one step. The files are plain numpy arrays (.npz
without pickles) and keep the stairs, so that each question may say how stairs are taken.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

import numpy as np

from geomap.errors import DataError, NotFoundError
from geomap.model.network import Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geomap.model.network import Steps

FOLDER = "network"
_SUFFIX = ".npz"
_COLUMNS = {"lon": "f8", "lat": "f8", "node": "i4", "first": "i8", "steps": "b1"}
_COUNTS = "counts"
#: What an archive that is not as it was written makes of its reading.
_DAMAGED = (
    OSError, ValueError, TypeError, KeyError, EOFError, RuntimeError, struct.error, zlib.error,
    BadZipFile,
)  # fmt: skip


def read_network(path: str | Path, *, steps: Steps = "avoid") -> Network:
    """Read the streets of an OpenStreetMap extract that can be walked.

    The file is read in a process of its own that can do little else: see
    :mod:`geomap.data.sandbox`. Which ways are walked says :mod:`geomap.data.walking.rules`:
    closed and private ones are not, one-way streets are both ways, squares along their rim;
    nodes that block the way cut it. Fragments are kept: places pass over them.

    Parameters
    ----------
    path : .osm or .osm.pbf.
    steps : how stairs are taken: "avoid" (the default: walking frames and wheelchairs cannot
        take them), "slow" (twice as long) or "walk".

    Returns
    -------
    Network; ``counts`` has the ways walked, those closed to people on foot, squares, stairs,
    ways cut off at the edge of the extract, and nodes that block a way.

    Raises
    ------
    DataError : if the file cannot be used; says why.
    ParameterError : if `steps` is unknown.
    """
    from geomap.data.sandbox.walking import network_of_file

    return network_of_file(Path(path))[0].stepping(steps)


def write_network(folder: Path, network: Network, name: str) -> tuple[Path, int]:
    """Keep a network in a workspace: a crash leaves the earlier one of this name, or this.

    Parameters
    ----------
    folder : the workspace.
    network : as it was read, stairs and all.
    name : of the extract's file.

    Returns
    -------
    The file, and how many bytes it has.

    Raises
    ------
    DataError : if the disk is full, or the folder cannot be written.
    """
    from geomap.data.basemap.store import OLD_S, map_name
    from geomap.data.store import durable

    content = io.BytesIO()
    columns: dict[str, Any] = {
        key: getattr(network, key).astype(kind) for key, kind in _COLUMNS.items()
    }
    counts = json.dumps(dict(network.counts)).encode("ascii")
    columns[_COUNTS] = np.frombuffer(counts, dtype="u1")
    np.savez_compressed(content, **columns)
    place = folder / FOLDER
    durable.make_folder(place)
    durable.remove_leftovers(place, older_than_s=OLD_S)
    file = place / f"{map_name(name)}{_SUFFIX}"
    durable.write_atomically(file, content.getvalue())
    return file, len(content.getvalue())


def load_network(folder: Path, *, steps: Steps = "avoid") -> Network:
    """Load the networks of a workspace as one; where two extracts meet they are not joined.

    Parameters
    ----------
    folder : the workspace.
    steps : as for :func:`read_network`.

    Raises
    ------
    NotFoundError : if it has none.
    DataError : if one of them is damaged.
    ParameterError : if `steps` is unknown.
    """
    files = network_files(folder)
    if not files:
        raise NotFoundError(
            f"{folder} has no walking network: import one with"
            " geomap import FILE.osm.pbf --as network"
        )
    return _together([_loaded(each) for each in files]).stepping(steps)


def network_files(folder: Path) -> list[Path]:
    """List the files of networks in a workspace."""
    return sorted((folder / FOLDER).glob(f"*{_SUFFIX}"))


def _loaded(file: Path) -> Network:
    """Load one network."""
    try:
        with ZipFile(file) as held:
            columns = {
                key: _array(held, key).astype(kind, casting="equiv")
                for key, kind in _COLUMNS.items()
            }
            counts = json.loads(_array(held, _COUNTS).tobytes())
        return Network(**columns, slowness=np.ones(len(columns["steps"])), counts=counts)
    except _DAMAGED as error:
        raise DataError(f"{file} is damaged ({error}): import the extract again") from error


def _array(held: ZipFile, name: str) -> NDArray[Any]:
    """Read one array, once its checksum says that it is as it was written."""
    content = io.BytesIO(held.read(f"{name}.npy"))
    array: NDArray[Any] = np.lib.format.read_array(content, allow_pickle=False)
    return array


def _together(networks: Sequence[Network]) -> Network:
    """Put networks side by side."""
    if len(networks) == 1:
        return networks[0]
    offsets = np.cumsum([0, *(each.nodes for each in networks)])
    node = [
        np.where(each.node < 0, -1, each.node + offset).astype(np.int32)
        for each, offset in zip(networks, offsets, strict=False)
    ]
    size = np.concatenate([np.diff(each.first) for each in networks])
    counts = {key: sum(each.counts.get(key, 0) for each in networks) for key in networks[0].counts}
    return Network(
        lon=np.concatenate([each.lon for each in networks]),
        lat=np.concatenate([each.lat for each in networks]),
        node=np.concatenate(node),
        first=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        steps=np.concatenate([each.steps for each in networks]),
        slowness=np.concatenate([each.slowness for each in networks]),
        counts=counts,
    )
