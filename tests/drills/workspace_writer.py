"""What the drills let a process do to a workspace until it is stopped: the ways of the command.

Everything is told on a socket, not on a file or a pipe, so that no injected fault of ``write``
hits the telling. A fault that geomap names is one sentence and exit code 2, as on the command
line; anything else is exit code 1.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.json
import pyarrow.parquet  # noqa: F401

from geomap.data.store.difference import Origin
from geomap.data.store.workspace import Workspace
from geomap.errors import GeomapError
from geomap.model.facility import FACILITIES

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geomap.data.published import Published

DONE, FAILED, REFUSED = 0, 1, 2
#: No two imports say the same number of beds, so each is known by it.
FIRST_BEDS = 1000


def homes(file: Path | None, count: int = 94) -> gpd.GeoDataFrame:
    """Give the homes to import: those of a real list, else made ones."""
    if file is None:
        names = [f"第{number}养老院" for number in range(count)]
        numbers = range(1, count + 1)
        rows = pd.DataFrame({"編號": numbers, "機構名稱": names, "lon": 121.5, "lat": 25.0})
    else:
        rows = pd.read_csv(file).iloc[:count]
    columns = {"id": rows["編號"].astype(str), "name": rows["機構名稱"], "type": "nursing_home"}
    places = gpd.points_from_xy(rows["lon"], rows["lat"])
    return FACILITIES.conform(gpd.GeoDataFrame(columns, geometry=places, crs=4326))


class Writer:
    """Writes to a workspace, and tells on a socket what is done."""

    def __init__(self, folder: Path, rows: gpd.GeoDataFrame, to: socket.socket, first: int) -> None:
        self._to, self._rows = to, rows
        self._beds = itertools.count(first)
        self._workspace = Workspace.open_or_create(folder)
        self._tell("opened")

    def bring(self, file: str, where: np.ndarray | slice = slice(None)) -> None:
        """Import a file that says new numbers of beds for some rows, 100 for the others."""
        beds = np.full(len(self._rows), 100)
        beds[where] = [next(self._beds) for _ in beds[where]]
        some = self._rows.assign(beds_total=pd.array(beds, "Int64"))
        new = zip(some["id"][where], beds[where].tolist(), strict=True)
        values = {id_: {"beds_total": count} for id_, count in new}
        self._tell("wants", 0, values)
        origin = Origin(file, "0" * 64)
        self._workspace.apply(some, FACILITIES, origin=origin, **_now())
        first = self._rows["id"].iloc[0]
        self._tell("imported", int(self._workspace.history(first)["rev"].iloc[-1]), values)

    def edit(self, phone: str) -> int:
        """Change one value by hand."""
        id_ = self._rows["id"].iloc[0]
        rev = self._workspace.edit(id_, "phone", phone, source="x", **_now())
        self._tell("edited", rev or 0, {id_: {"phone": phone}})
        return rev or 0

    def undo(self, rev: int) -> None:
        """Take back an edit."""
        self._tell("edited", self._workspace.undo(rev, **_now()))

    def publish(self) -> Published:
        """Publish everything."""
        published = self._workspace.publish()
        self._tell("published", published.revision)
        return published

    def _tell(self, did: str, revision: int = 0, values: dict[str, Any] | None = None) -> None:
        self._to.sendall(json.dumps([did, revision, values or {}]).encode() + b"\n")


def write_at_random(folder: Path, rows: gpd.GeoDataFrame, to: socket.socket, first: int) -> None:
    """Import, edit and publish until killed."""
    rng, writer = np.random.default_rng(first), Writer(folder, rows, to, first)
    while True:
        some = np.flatnonzero(rng.random(len(rows)) < 0.3)
        writer.bring(str(rng.choice(["a.csv", "b.csv"])), np.append(0, some[some > 0]))
        rev = writer.edit(f"{rng.integers(10**8, 10**9)}")
        if rng.random() < 0.5:
            writer.undo(rev)
        writer.publish()


def write_by_plan(folder: Path, rows: gpd.GeoDataFrame, to: socket.socket, first: int) -> None:
    """Make or open a workspace, import, publish, edit, import again, publish; always the same."""
    writer = Writer(folder, rows, to, first)
    writer.bring("a.csv")
    writer.publish()
    writer.edit(f"0{first}")
    writer.bring("a.csv", np.arange(0, len(rows), 2))
    writer.publish()


def write_afterwards(folder: Path, rows: gpd.GeoDataFrame, to: socket.socket, first: int) -> None:
    """Go on where another writer was stopped: open, import, publish, read."""
    writer = Writer(folder, rows, to, first)
    writer.bring("a.csv")
    writer.publish().read("facilities")


def ended_as(task: Callable[[], object], to: socket.socket) -> int:
    """Do a task as the command does it; give the exit code, and tell the fault."""
    try:
        task()
    except GeomapError as error:
        to.sendall(json.dumps(["refused", 0, {"": {"said": str(error)}}]).encode() + b"\n")
        return REFUSED
    except BaseException:
        to.sendall(
            json.dumps(["failed", 0, {"": {"said": traceback.format_exc()}}]).encode() + b"\n"
        )
        return FAILED
    return DONE


def modules_used(rows: gpd.GeoDataFrame, folder: Path) -> list[str]:
    """Name every module that writing imports, so that it can be imported once before the forks."""
    import socket

    _, to = socket.socketpair()
    write_by_plan(folder, rows, to, FIRST_BEDS)
    return sorted(sys.modules)


def _now() -> dict[str, Any]:
    return {"at": datetime.now(UTC), "who": "drill"}


def lines_of(end: socket.socket) -> Iterator[list[Any]]:
    """Give what was told whole; a line that was cut short by a kill was not."""
    # A writer that was killed before it was let go has read nothing: the system calls that a reset.
    with end.makefile("rb") as lines, suppress(ConnectionResetError):
        for line in lines:
            if line.endswith(b"\n"):
                yield json.loads(line)


def in_child(task: Callable[[], object]) -> int:
    """Run a task in a forked process; give its number."""
    child = os.fork()
    if child == 0:
        try:
            task()
            os._exit(DONE)
        except SystemExit as end:
            os._exit(int(end.code or 0))
        except BaseException:
            sys.stderr.write(traceback.format_exc())
            os._exit(FAILED)
    return child


def run_command(file: Path, folder: Path, errors: Path) -> None:
    """Run ``geomap import`` as from a shell without a terminal; end with its exit code."""
    from geomap.cli import main

    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    sys.argv = ["geomap", "import", str(file), "--into", str(folder), "--lang", "en"]
    main()
    raise SystemExit(DONE)
