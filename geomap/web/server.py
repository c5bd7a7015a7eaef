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
from gunicorn.http import message

from geomap.web.patience import limit_stalls
from geomap.web.workers import PlainWorker, SharingWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from apiflask import APIFlask
    from gunicorn.arbiter import Arbiter
    from gunicorn.http.wsgi import Response
    from gunicorn.workers.base import Worker

    from geomap.settings import Settings

_THREADS = 8
#: Of one process: with the files that it keeps open, fewer than the 1,024 that systems allow.
_CONNECTIONS = 600
_DRAIN_S = 30
#: The longest first line of a request, bytes.
_LONGEST_LINE = 65_536
_WARM_UP_AFTER_S = 1.0
_LOOK_S = 0.02
#: The age of the first worker, as gunicorn counts.
_FIRST = 1
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
        from geomap.data.jobs import lifeline
        from geomap.web.app import create_app
        from geomap.web.memory import keep_as_it_is, keep_few_heaps

        lifeline()  # of all workers together: what one begins may outlive it, but not the server
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
        "worker_connections": _CONNECTIONS,
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
        "post_worker_init": _warm_up if workers == 1 else _take_over,
    }
    # gunicorn cuts the line at 8,190 bytes, where too many values could be refused by name.
    message.MAX_REQUEST_LINE = _LONGEST_LINE
    Server(folder, settings, options).run()


def _when_ready(workers: int, arbiter: Arbiter) -> None:
    """Print the address once it answers, and prepare for more workers than one."""
    listener = arbiter.LISTENERS[0].sock
    limit_stalls(listener)
    host, port = listener.getsockname()[:2]
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
        arbiter.app.options["workers"] = workers  # SIGHUP reads them again
        for process in first:
            os.kill(process, signal.SIGTERM)  # it ends what it answers, and another comes


def _build(app: Any) -> None:  # noqa: ANN401 (gunicorn is untyped)
    """Build all that is built when first used, and let go of what that took.

    What is built stays, so the collector need not look at it again: it takes 0.1 s each time, in
    which nobody is answered.
    """
    from geomap.web.memory import keep_as_it_is
    from geomap.web.ogc.polygons import work_ahead

    service = app.extensions["geomap"]
    snapshot = service.snapshot()
    snapshot.warm_up()
    app.extensions["geomap_context"].prepare(snapshot, app.config["DEFAULT_LANGUAGE"])
    for path in _FIRST_ASKED:
        app.test_client().get(path)
    keep_as_it_is()
    service.renewed = partial(work_ahead, app)
    work_ahead(app, snapshot)


def _free_locks(_arbiter: Arbiter, worker: Worker) -> None:
    """Free, in a new worker, what a thread of the master may have been building."""
    app: Any = worker.app.wsgi()
    app.extensions["geomap"].forget_locks()


def _take_over(worker: Worker) -> None:
    """Keep the open data in the workers that share what is built: the first soon ends."""
    if worker.age > _FIRST:
        _soon(_keep, worker.wsgi)


def _warm_up(worker: Worker) -> None:
    """Build the indexes in the background, soon, but not in the first page's way."""
    _soon(_prepare, worker.wsgi)


def _soon(act: Callable[[Any], None], app: Any) -> None:  # noqa: ANN401 (gunicorn is untyped)
    timer = threading.Timer(_WARM_UP_AFTER_S, act, [app])
    timer.daemon = True
    timer.start()


def _prepare(app: Any) -> None:  # noqa: ANN401 (gunicorn is untyped)
    """Build the indexes, and then keep the open data up to date."""
    try:
        _build(app)
    finally:
        _keep(app)


def _keep(app: Any) -> None:  # noqa: ANN401 (gunicorn is untyped)
    """Keep the open data up to date."""
    from geomap.web.open_data.open_data import keep_open_data

    keep_open_data(app, app.extensions["geomap_settings"])
