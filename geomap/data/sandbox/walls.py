"""What a reader gives up before it looks at a file: network, programs, other files, drivers."""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geomap.data.sandbox import landlock, seccomp
from geomap.settings import layers_dir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The formats that are read through GDAL.
DRIVERS = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON")
#: The whole environment of the server and its readers, beside where Python finds its modules.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "",
    "HOME": "/",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    # One thread, and memory that RLIMIT_DATA counts when it is used, not when it is reserved.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    # GDAL and PROJ: no network, no plug-ins, no files beside the one that is read.
    "PROJ_NETWORK": "OFF",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "64",
}
_SYSTEM = ("/usr/share/zoneinfo", "/etc/localtime", "/etc/ld.so.cache", "/dev/null", "/dev/urandom")
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
_REFUSED_EVENTS: tuple[str, ...] = (
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
)
_REFUSED_EVENTS += ("socket.", "subprocess.", "urllib.", "ftplib.", "http.client.", "webbrowser.")
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_DIE_WITH_PARENT, _SIGKILL = 1, 9


def leave_network() -> bool:
    """Move this process to a network without interfaces; it must have one thread.

    Returns
    -------
    Whether the kernel lets it.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    # Root may do it as it is, and so keeps its rights over files; others need a user namespace.
    if os.geteuid() == 0 and libc.unshare(_NEW_NETWORK) == 0:
        return True
    return bool(libc.unshare(_NEW_USER | _NEW_NETWORK) == 0)


def die_with_parent() -> None:
    """Ask the kernel (Linux) to kill this process when the thread that forked it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL, 0, 0, 0)


def keep_drivers() -> None:
    """Take all formats but ``DRIVERS`` out of this process's GDAL.

    They are taken out by hand, since no list of names fits every version of GDAL.
    """
    from pyogrio import _ogr

    gdal = ctypes.CDLL(_ogr.__file__)  # its dependency GDAL answers too, wherever it lies
    gdal.GDALGetDriver.restype = ctypes.c_void_p
    gdal.GDALGetDescription.argtypes = gdal.GDALDeregisterDriver.argtypes = [ctypes.c_void_p]
    gdal.GDALGetDescription.restype = ctypes.c_char_p
    for driver in [gdal.GDALGetDriver(place) for place in range(gdal.GDALGetDriverCount())]:
        if gdal.GDALGetDescription(driver).decode() not in DRIVERS:
            gdal.GDALDeregisterDriver(driver)


def close_in(folder: Path) -> dict[str, bool]:
    """Shut this process in for good: its folder and the code are left, and nothing else.

    Returns
    -------
    Which walls of the kernel stand.
    """
    files = sys.platform == "linux" and landlock.confine(folder, _code())
    calls = seccomp.give_up_calls()
    sys.addaudithook(_refuse)
    return {"landlock": files, "seccomp": calls}


def _code() -> Sequence[Path]:
    """Name what a reader may read: Python, its packages, geomap's own layers, libraries."""
    packages = [Path(each) for each in sys.path if each.endswith(("-packages", "lib-dynload"))]
    standard = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
    own = [Path(__file__).parents[2], layers_dir()]
    return [*packages, *standard, *own, *map(Path, _SYSTEM), *map(Path, _LIBRARIES)]


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    """Refuse what Python is about to do, where it leads out of this process."""
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"a reader may not do this: {event}")
