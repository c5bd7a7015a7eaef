"""What a reader can no longer do, tried out in a process that is closed in."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from geomap.data.sandbox import landlock
from geomap.data.sandbox.walls import DRIVERS, ENVIRONMENT

TRIES = """
import ctypes, json, os, resource, socket, subprocess, sys, threading
from pathlib import Path
from geomap.data.sandbox import walls
folder, canary, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
walls.leave_network()
walls.keep_drivers()
stand = walls.close_in(folder)
libc = ctypes.CDLL(None, use_errno=True)

def may(what):
    try:
        return what() is not False
    except PermissionError:
        return False

import pyogrio
def vrt():
    (folder / "a.geojson").write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{canary}"
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")
    try:
        pyogrio.read_info(folder / "a.geojson")
    except pyogrio.errors.DataSourceError:
        return False

tries = {
    "own file": lambda: (folder / "a").write_text("x"),
    "own folder": lambda: (folder / "b").mkdir(),
    "layers": lambda: os.listdir(walls.layers_dir()),
    "new module": lambda: __import__("xml.dom.minidom"),
    "thread": lambda: threading.Thread(target=int).start(),
    "own limits": lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)),
    "drivers": lambda: set(pyogrio.list_drivers()) == set(walls.DRIVERS),
    "other file": lambda: canary.read_text(),
    "other folder": lambda: os.listdir(canary.parent),
    "write outside": lambda: canary.with_name("new").write_text("x"),
    "link": lambda: (folder / "c").symlink_to(canary),
    "environment": lambda: Path("/proc/self/environ").read_bytes(),
    "socket": lambda: socket.create_connection(("127.0.0.1", port), 1),
    "raw socket": lambda: libc.socket(2, 1, 0) >= 0,
    "program": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "raw fork": lambda: libc.fork() >= 0,
    "raw program": lambda: libc.execv(b"/bin/true", None) == 0,
    "signal": lambda: libc.kill(os.getppid(), 0) == 0,
    "signal to a thread": lambda: libc.tgkill(os.getppid(), os.getppid(), 0) == 0,
    "limits of others": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE),
    "turns of others": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    "rights": lambda: canary.chmod(0o600),
    "rights of own": lambda: (folder / "a").chmod(0o777),
    "owner": lambda: os.chown(canary, os.getuid(), -1),
    "times": lambda: os.utime(canary, (7, 7)) or canary.stat().st_mtime == 7,
    "attribute": lambda: os.setxattr(canary, "user.x", b"1"),
    "virtual layer": vrt,
}
print(json.dumps({"stand": stand, "may": [name for name, what in tries.items() if may(what)]}))
"""
ALLOWED = ["own file", "own folder", "layers", "new module", "thread", "own limits", "drivers"]


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    own, other = tmp_path_factory.mktemp("own"), tmp_path_factory.mktemp("other")
    canary = other / "canary.csv"
    canary.write_text("name\nsecret\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", TRIES, own, canary, port],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    return json.loads(done.stdout)


def test_the_kernel_holds_every_wall_that_it_has(tried):
    assert tried["stand"]["landlock"] == (landlock.version() > 0)
    if os.uname().machine in ("x86_64", "aarch64"):
        assert tried["stand"]["seccomp"]


def test_a_reader_can_work_and_nothing_else(tried):
    if not all(tried["stand"].values()):
        pytest.skip(f"this kernel has not every wall: {tried['stand']}")
    assert tried["may"] == ALLOWED


def test_the_environment_holds_no_setting_and_no_secret():
    assert not [name for name in ENVIRONMENT if name.startswith("GEOMAP")]
    assert ENVIRONMENT["PATH"] == ""
    assert "OGR_VRT" not in DRIVERS


SPYING = """
import json, os, sys
from pathlib import Path
import geomap as gm
from geomap.data.sandbox import client
def spy(reader, limits):
    place = Path(f"/proc/{reader.pid}")
    said = (place / "environ").read_bytes().decode().split(chr(0))
    network = (place / "net/dev").read_text().count(":")
    print(json.dumps({"names": [each.partition("=")[0] for each in said],
                      "own": os.readlink(place / "ns/net") != os.readlink("/proc/self/ns/net"),
                      "lines": network, "files": len(os.listdir(place / "fd"))}))
    return "reader_failed"
client._watch = spy
gm.check(sys.argv[1])
"""


def test_a_reader_starts_without_secrets_network_and_files_of_others(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("名称\n甲\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SPYING, path],
        env=os.environ | {"GEOMAP_TIANDITU_KEY": "secret", "SECRET": "secret"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seen = json.loads(done.stdout)
    assert not {"SECRET", "GEOMAP_TIANDITU_KEY"} & set(seen["names"])
    assert seen["files"] <= 8
    assert not seen["own"] or seen["lines"] <= 2  # the loopback, which is down


def test_the_package_says_what_holds_where():
    import geomap.data.sandbox as package

    said = package.__doc__ or ""
    for word in ("Landlock", "seccomp", "RLIMIT_DATA", "time", "secrets"):
        assert word in said
    assert Path(package.__file__).with_name("walls.py").is_file()
