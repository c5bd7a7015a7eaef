"""The server: gunicorn with threads; log lines without query strings, which may hold an address."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

if TYPE_CHECKING:
    from pathlib import Path

    from apiflask import APIFlask
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

    from geomap.settings import Settings

_THREADS = 8
_DRAIN_S = 30
_WARM_UP_AFTER_S = 1.0
#: Time, method, path, status, bytes, milliseconds: no query, no referrer, nobody's address.
_LOG_LINE = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"


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

        return create_app(self.folder, self.geomap_settings)


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
    workers : processes; each has 8 threads.
    settings : the operator's choices.
    """
    address = f"[{host}]" if ":" in host else host
    options: dict[str, object] = {
        "bind": f"{address}:{port}",
        "workers": workers,
        "threads": _THREADS,
        "worker_class": "gthread",
        "preload_app": True,
        "graceful_timeout": _DRAIN_S,
        "accesslog": "-",
        "access_log_format": _LOG_LINE,
        "loglevel": "info",
        "control_socket_disable": True,
        "when_ready": _say_where,
        "post_worker_init": _warm_up,
    }
    Server(folder, settings, options).run()


def _say_where(arbiter: Arbiter) -> None:
    """Print the address once it answers."""
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"geomap: http://{shown}:{port}/\n")
    sys.stdout.flush()


def _warm_up(worker: Worker) -> None:
    """Build the indexes in the background, soon, but not in the first page's way."""
    app: Any = worker.wsgi
    snapshot = app.extensions["geomap"].snapshot()
    timer = threading.Timer(_WARM_UP_AFTER_S, snapshot.warm_up)
    timer.daemon = True
    timer.start()
