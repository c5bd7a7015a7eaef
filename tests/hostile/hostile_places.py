"""Paths that are no files: pipes, devices, folders, links to nowhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from traps import Trap, hostile

if TYPE_CHECKING:
    from pathlib import Path


@hostile("pipe/a.csv")
def _pipe(path: Path, _: Trap) -> None:
    os.mkfifo(path)


@hostile("device/a.csv", "device/a.geojson")
def _endless_device(path: Path, _: Trap) -> None:
    path.symlink_to("/dev/zero")


@hostile("folder/a.csv", "folder/a.shp", "folder/a.gdb")
def _folder(path: Path, _: Trap) -> None:
    path.mkdir()


@hostile("nowhere/a.csv")
def _dangling(path: Path, _: Trap) -> None:
    path.symlink_to("nothing")


@hostile("loop/a.csv")
def _loop(path: Path, _: Trap) -> None:
    path.symlink_to(path)


@hostile("environment/a.csv")
def _of_the_process(path: Path, _: Trap) -> None:
    path.symlink_to("/proc/self/environ")


@hostile("sparse/a.csv", "sparse/a.gpkg")
def _sparse(path: Path, _: Trap) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


@hostile("empty/a.csv", "empty/a.xlsx", "empty/a.gpkg", "empty/a.shp", "empty/a.osm.pbf")
def _empty(path: Path, _: Trap) -> None:
    path.touch()


@hostile("noise/a.bin", "noise/a.csv", "noise/a.fgb", "noise/a.parquet", "noise/a", "noise/a.表格")
def _noise(path: Path, _: Trap) -> None:
    path.write_bytes(bytes(n * n * 7 % 251 for n in range(5000)))
