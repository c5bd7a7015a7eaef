"""The server: gunicorn with threads; log lines without query strings, which may hold an address."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from geomap.web.workers import PlainWorker, SharingWorker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from apiflask import APIFlask
    from gunicorn.arbiter import Arbiter
    from gunicorn.http.wsgi import Response
    from gunicorn.workers.base import Worker

    from geomap.settings import Settings

_THREADS = 8
_DRAIN_S = 30
#: The longest that gunicorn takes: a search of 200 Chinese characters with filters fits.
_LONGEST_LINE = 8_190
_WARM_UP_AFTER_S = 1.0
_LOOK_S = 0.02
#: Pages that build what is built when first used.
_FIRST_ASKED = (
    "/",
    "/?lon=116.4&lat=39.9",
    "/map",
    "/api/v1/search?q=北京市东城区东长安街1号",
    "/api/v1/facilities?q=北京",
    "/tiles/facilities/0/0/0.mvt",
)
_MS = timedelta(milliseconds=1)


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Writes time, method, path, status, bytes, milliseconds; no query and nobody's address.

    gunicorn's own way lists every header of each request, to write six words of them.
    """

    def access(
        self, resp: Response, _req: object, environ: Mapping[str, str], request_time: timedelta
    ) -> None:
        """Write the line of one answer."""
        self.access_log.info(
            "%s %s %s %s %s %dms",
            self.now(),
            environ["REQUEST_METHOD"],
            quote(environ["PATH_INFO"], encoding="latin-1"),  # one line, whatever it holds
            (resp.status or "-").partition(" ")[0],  # none where the application failed
            resp.sent,
            request_time // _MS,
        )


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """Geomap under gunicorn, configured here and not by files or variables."""

    def __init__(
        self, folder: Path | None, settings: Settings | None, options: dict[str, object]
    ) -> None:
        self.folder, self.geomap_settings, self.options = folder, settings, options
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> APIFlask:
        """Make the application, once, before the workers are forked."""
        from geomap.web.app import create_app
        from geomap.web.memory import keep_as_it_is, keep_few_heaps

        keep_few_heaps()
        app = create_app(self.folder, self.geomap_settings)
        keep_as_it_is()
        return app


def serve(
    folder: Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    settings: Settings | None = None,
) -> None:
    """Serve until stopped; SIGTERM lets running requests end.

    Parameters
    ----------
    folder : a published workspace; the bundled layers where None.
    host, port : where to listen; port 0 takes a free one.
    workers : processes; each has 8 threads. The first answers at once; more come when the
        indexes are built, which all then share.
    settings : the operator's choices.
    """
    address = f"[{host}]" if ":" in host else host
    options: dict[str, object] = {
        "bind": f"{address}:{port}",
        "workers": 1,
        "threads": _THREADS,
        "worker_class": SharingWorker if workers > 1 else PlainWorker,
        "limit_request_line": _LONGEST_LINE,
        "preload_app": True,
        "graceful_timeout": _DRAIN_S,
        "accesslog": "-",
        "logger_class": AccessLog,
        "loglevel": "info",
        "control_socket_disable": True,
        "when_ready": partial(_when_ready, workers),
        "post_fork": _free_locks,
        "post_worker_init": _warm_up if workers == 1 else _leave_cold,
    }
    Server(folder, settings, options).run()


def _when_ready(workers: int, arbiter: Arbiter) -> None:
    """Print the address once it answers, and prepare for more workers than one."""
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"geomap: http://{shown}:{port}/\n")
    sys.stdout.flush()
    if workers > 1:
        threading.Thread(target=_grow, args=(arbiter, workers), name="grow", daemon=True).start()


def _grow(arbiter: Arbiter, workers: int) -> None:
    """Build all indexes, then fork workers that share them, one in the place of the first.

    The first is forked before: a process that is forked while a thread imports a module would keep
    it half made.
    """
    while not arbiter.WORKERS:
        time.sleep(_LOOK_S)
    try:
        _build(arbiter.app.wsgi())
    finally:
        first = list(arbiter.WORKERS)
        arbiter.num_workers = workers
        for process in first:
            os.kill(process, signal.SIGTERM)  # it ends what it answers, and another comes


def _build(app: Any) -> None:  # noqa: ANN401 (gunicorn is untyped)
    """Build all that is built when first used, and let go of what that took.

    What is built stays, so the collector need not look at it again: it takes 0.1 s each time, in
    which nobody is answered.
    """
    from geomap.web.memory import keep_as_it_is

    snapshot = app.extensions["geomap"].snapshot()
    snapshot.warm_up()
    app.extensions["geomap_context"].prepare(snapshot, app.config["DEFAULT_LANGUAGE"])
    for path in _FIRST_ASKED:
        app.test_client().get(path)
    keep_as_it_is()


def _free_locks(_arbiter: Arbiter, worker: Worker) -> None:
    """Free, in a new worker, what a thread of the master may have been building."""
    app: Any = worker.app.wsgi()
    app.extensions["geomap"].snapshot().forget_locks()


def _leave_cold(_worker: Worker) -> None:
    """Build nothing in the first of several workers: its successor shares what is built."""


def _warm_up(worker: Worker) -> None:
    """Build the indexes in the background, soon, but not in the first page's way."""
    timer = threading.Timer(_WARM_UP_AFTER_S, _build, [worker.wsgi])
    timer.daemon = True
    timer.start()
