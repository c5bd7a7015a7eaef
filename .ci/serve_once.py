"""Serve an installed geomap once and look at its pages: python .ci/serve_once.py PATH/TO/geomap."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PAGES = (
    "/",
    "/?q=静安区",
    "/map",
    "/map/script.js",
    "/about",
    "/api/v1/nearest?lon=121.45&lat=31.23&k=3",
    "/api/v1/facilities?limit=1",
    "/openapi.json",
    "/tiles/background/4/13/6.png",
    "/static/vendor/leaflet/leaflet.js",
    "/readyz",
)


def main(geomap: str) -> None:
    """Start the server in an empty folder, fetch every page, stop it."""
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as empty:
        started = time.monotonic()
        server = subprocess.Popen([geomap, "serve", "--port", str(port)], cwd=empty)
        try:
            _wait(base + "/", server)
            print(f"first page after {time.monotonic() - started:.1f} s")
            for page in PAGES:
                quoted = urllib.request.quote(page, safe="/?&=.%")
                with urllib.request.urlopen(base + quoted, timeout=20) as answer:
                    body = answer.read()
                    print(f"{answer.status} {len(body):>8} bytes {page}")
                    assert body, page
        finally:
            server.terminate()
            code = server.wait(20)
    print(f"stopped with {code}")


def _free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the first page answers."""
    for _ in range(400):
        if server.poll() is not None:
            sys.exit(f"the server stopped with {server.returncode}")
        try:
            urllib.request.urlopen(url, timeout=20).read()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    sys.exit("no page within 20 s")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).absolute()))
