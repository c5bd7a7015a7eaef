"""Jobs as forks of one process that has imported already what they import.

A job of the server is a fresh interpreter (``python -m``), and for a town of two counties nearly
all its time is spent on imports. Here it is a process of its own all the same, run as ``__main__``
with its own arguments, environment and error file; tests/data/test_jobs.py and the browser tests
start jobs as the server does.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

#: What jobs import, at first and at work.
IMPORTED = (
    "geomap.web.plan.working", "geomap.web.plan.review_files", "geomap.web.siting.working",
    "geomap.web.scenarios.working",
    "geomap.plan.reasons", "geomap.plan.scenarios.effect", "geomap.plan.siting.candidates",
    "geomap.plan.siting.money", "geomap.plan.siting.places", "geomap.web.siting.document",
    "geomap.data.divisions", "geomap.data.geoparquet", "geopandas", "highspy", "pyarrow.parquet",
    "scipy.sparse.csgraph", "scipy.spatial",
)  # fmt: skip
#: More than a question and its environment take, bytes.
_LARGEST = 1 << 20


class WarmJobs:
    """Starts jobs; stands in for the module ``subprocess`` where jobs are started."""

    DEVNULL = subprocess.DEVNULL

    def __init__(self) -> None:
        self._ours: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        self._one_asks = threading.Lock()

    def Popen(  # noqa: N802 (its name there)
        self, command: list[str], *, stderr: Any, pass_fds: list[int], **_options: object
    ) -> SimpleNamespace:
        """Start ``python -m MODULE ARGUMENT...``; nobody need wait for it."""
        asked = {"argv": command[2:], "errors": stderr.name, "cwd": str(Path.cwd()),
                 "environment": dict(os.environ)}  # fmt: skip
        with self._one_asks:
            if self._ours is None:
                self._ours = self._started()
            socket.send_fds(self._ours, [json.dumps(asked).encode()], pass_fds)
            return SimpleNamespace(pid=int(self._ours.recv(32)), wait=lambda: 0)

    def close(self) -> None:
        """Let the process end."""
        if self._ours is not None and self._process is not None:
            self._ours.close()
            self._process.wait()

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()]
            )
        return ours


def serve(end: socket.socket) -> None:
    """Fork a process for each job that is asked for, until nobody can ask any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombie stays
    for each in IMPORTED:
        importlib.import_module(each)
    while True:
        asked, passed, _flags, _address = socket.recv_fds(end, _LARGEST, 1)
        if not asked:
            return
        child = os.fork()
        if child == 0:
            end.close()
            work(**json.loads(asked))
        for each in passed:
            os.close(each)
        end.sendall(str(child).encode())


def work(argv: list[str], errors: str, cwd: str, environment: dict[str, str]) -> None:
    """Be the process of a job."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(os.open(errors, os.O_WRONLY | os.O_APPEND), 2)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    module, *sys.argv[1:] = argv
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit:
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    finally:
        sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
