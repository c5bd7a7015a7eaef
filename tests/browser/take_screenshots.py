"""Take the pictures of the README: python tests/browser/take_screenshots.py [FOLDER OF PICTURES].

Serves the layers that ship and photographs the finder, on a phone and on a wide screen, and the
builder of embeds. The pictures are kept small: flat pages need few colours.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SHOTS = (
    ("finder-360", 360, 760, "/?q=静安区"),
    ("finder-1440", 1440, 900, "/?q=静安区"),
    ("embed-new-1440", 1440, 900, "/embed/new?adcode=31&list=1"),
)
COLOURS = 96


def main(folder: Path) -> None:
    """Serve, photograph, stop."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    command = [sys.executable, "-m", "geomap", "serve", "--port", str(port)]
    with subprocess.Popen(command) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM,
                    args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
                )
                _shoot(browser, f"http://127.0.0.1:{port}", folder, SHOTS)
                browser.close()
        finally:
            server.terminate()


def _shoot(
    browser: Browser, base: str, folder: Path, shots: Iterable[tuple[str, int, int, str]]
) -> None:
    """Photograph each page when its maps stand still."""
    for name, width, height, path in shots:
        page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
        page.goto(base + path, wait_until="networkidle", timeout=120_000)
        page.wait_for_timeout(1500)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(folder / f"{name}.png", optimize=True)
        page.close()
        print(name)


def _free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    """Wait until the server is ready."""
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not start")


if __name__ == "__main__":
    here = Path(__file__).parent / "screenshots"
    main(Path(sys.argv[1]) if sys.argv[1:] else here)
