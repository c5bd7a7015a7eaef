"""What the benchmarks share: a workspace of 400,000 facilities, a server of it, and the peers.

::

    geomap demo DIR --size 400000
    apt-get install postgresql-15-postgis-3
    python -m venv PEERS
    PEERS/bin/pip install pygeoapi==0.21.* geoalchemy2 psycopg2-binary gunicorn tipg uvicorn
    GEOMAP_BENCH_DIR=DIR GEOMAP_PEERS=PEERS pytest -s tests/benchmarks/test_pages.py

Without DIR a workspace is made, which takes a minute. What is not there is skipped, with the
reason: PostgreSQL's programs are looked for where ``pg_config --bindir`` says; as root the
cluster runs as the account ``postgres``, or as GEOMAP_PG_USER. It lives in a folder of its own,
answers on a socket there, and is gone afterwards.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
import shapely

from geomap.data.published import read_published
from geomap.model.facility import FACILITIES

N = 400_000
#: PostgreSQL as its documentation tunes it for a small machine that only reads: all in memory,
#: pages on a disk that seeks, no compiling of queries that take milliseconds.
TUNED = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "off",
    "listen_addresses": "",
    "max_parallel_workers_per_gather": "2",
}
_SQL = {
    "integer": "bigint",
    "number": "double precision",
    "date": "date",
    "yes_no": "boolean",
    "choices": "text[]",
}
_PATIENCE_S = 120


def pytest_report_header() -> str:
    """Say what else the machine is doing: wall-clock times are worth little on a busy one."""
    return f"machine: {os.cpu_count()} cores, load {', '.join(f'{x:.1f}' for x in os.getloadavg())}"


def cpu_s(*roots: int) -> float:
    """CPU seconds of processes and all their children so far, the ended ones included."""
    ticks, parents = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        number = int(stat.parent.name)
        parents[number] = int(fields[1])
        ticks[number] = sum(map(int, fields[11:15]))
    spent = sum(ticks[each] for each in ticks if _is_of(each, parents, roots))
    return spent / os.sysconf("SC_CLK_TCK")


def _is_of(process: int, parents: dict[int, int], roots: tuple[int, ...]) -> bool:
    while process and process not in roots:
        process = parents.get(process, 0)
    return process in roots


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    process: int
    ready: float = 0.0  # when it first answered, by time.perf_counter


@contextmanager
def serving(command, *, ready, env=None, log=None):
    """Run a server until it answers at `ready`, and end it afterwards."""
    with (
        (log or Path(os.devnull)).open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=out, env=env) as process,
    ):
        try:
            _wait_for(ready, process, log)
            yield Server(ready, process.pid, time.perf_counter())
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait_for(address, process, log):
    for _ in range(_PATIENCE_S * 20):
        assert process.poll() is None, log.read_text() if log else "the server ended"
        try:
            urlopen(address, timeout=60).close()
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nothing answers at {address}")


def _output(command, **options) -> str:
    """Run a program and give what it says, whatever its end."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Answer:
    """What a WSGI application answered, and the CPU time that it took."""

    status: str
    headers: dict[str, str]
    data: bytes
    cpu_ms: float


def ask(app, address, **headers) -> Answer:
    """Ask an application in this process, as a server would: no client's work is counted."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    begun: list = []
    start = time.process_time()
    parts = app(environ, lambda status, sent, _=None: begun.extend((status, sent)))
    data = b"".join(parts)
    spent_s = time.process_time() - start
    if hasattr(parts, "close"):
        parts.close()
    return Answer(begun[0], dict(begun[1]), data, spent_s * 1e3)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def tools():
    """Functions that the benchmarks share."""
    return SimpleNamespace(cpu_s=cpu_s, serving=serving, free_port=free_port, run=_output, ask=ask)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A published workspace of 400,000 facilities with all columns."""
    named = os.environ.get("GEOMAP_BENCH_DIR")
    if named:
        return Path(named)
    made = tmp_path_factory.mktemp("bench") / "demo"
    command = [sys.executable, "-m", "geomap", "demo", str(made), "--size", str(N)]
    subprocess.run(command, check=True)
    return made


@pytest.fixture(scope="session")
def facilities(folder):
    return read_published(folder).read("facilities")


@pytest.fixture(scope="session")
def spots(facilities):
    """Places that people ask about: near a facility, 1,000 of them."""
    random = np.random.default_rng(7)
    rows = random.choice(len(facilities), 1_000)
    points = shapely.get_coordinates(facilities.geometry.iloc[rows].to_numpy())
    return points + random.normal(0, 0.02, points.shape)


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL with PostGIS that holds the facilities."""

    socket: str
    user: str
    process: int
    run: object

    def psql(self, sql: str) -> str:
        """Run SQL and give what it prints, bare."""
        return self.run("psql", "-h", self.socket, "-U", self.user, "-d", "bench", "-qAtc", sql)


@pytest.fixture(scope="session")
def postgis(facilities):
    """PostGIS with the same rows and columns, indexed, in the order of the index, analysed."""
    found = shutil.which("pg_config")
    listed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if found:
        listed.append(Path(subprocess.check_output([found, "--bindir"], text=True).strip()))
    programs = listed[-1] if listed else None
    if programs is None or not (programs / "initdb").exists():
        pytest.skip("no PostgreSQL here: neither pg_config nor /usr/lib/postgresql")
    user = os.environ.get("GEOMAP_PG_USER", "postgres") if os.geteuid() == 0 else None
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []

    def run(program, *arguments):
        command = [*as_user, str(programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with tempfile.TemporaryDirectory(prefix="geomap-pg-") as at:
        if user:
            shutil.chown(at, user, user)
        data, owner = f"{at}/data", user or os.environ.get("USER", "postgres")
        run("initdb", "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in TUNED.items())
        options += f" -c unix_socket_directories={at}"
        run("pg_ctl", "-D", data, "-w", "-l", f"{at}/log", "-o", options, "start")
        try:
            process = int(Path(data, "postmaster.pid").read_text().split()[0])
            cluster = Cluster(at, owner, process, run)
            _fill(cluster, facilities, Path(at))
            yield cluster
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _fill(cluster, facilities, at):
    """Copy the facilities into the cluster."""
    cluster.run("createdb", "-h", cluster.socket, "-U", cluster.user, "bench")
    there = cluster.psql("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")
    if there.strip() != "1":
        pytest.skip("this PostgreSQL has no PostGIS")
    columns = [f"{each.name} {_SQL.get(each.kind, 'text')}" for each in FACILITIES.fields]
    cluster.psql("CREATE EXTENSION postgis")
    cluster.psql(f"CREATE TABLE facilities ({', '.join(columns)}, geometry geometry(Point, 4326))")
    points = shapely.set_srid(facilities.geometry.to_numpy(), 4326)
    written = shapely.to_wkb(points, hex=True, include_srid=True)
    plain = facilities.drop(columns="geometry").assign(geometry=written)
    for each in FACILITIES.fields:
        if each.kind == "choices":
            lists = plain[each.name].tolist()
            plain[each.name] = [None if x is None else "{" + ",".join(x) + "}" for x in lists]
    plain.to_csv(at / "rows.csv", index=False)
    cluster.psql(f"\\copy facilities FROM '{at / 'rows.csv'}' CSV HEADER")
    (at / "rows.csv").unlink()
    for sql in (
        "ALTER TABLE facilities ADD PRIMARY KEY (id)",
        "CREATE INDEX facilities_geometry ON facilities USING gist (geometry)",
        "CREATE INDEX facilities_type ON facilities (type)",
        "CLUSTER facilities USING facilities_geometry",
        "VACUUM ANALYZE facilities",
    ):
        cluster.psql(sql)


@pytest.fixture(scope="session")
def peers():
    """The folder of programs of the environment that holds the peers."""
    named = os.environ.get("GEOMAP_PEERS")
    if not named:
        pytest.skip("GEOMAP_PEERS names no environment with pygeoapi and tipg")
    return Path(named) / "bin"


@pytest.fixture(scope="session")
def serve_geomap(folder, tmp_path_factory):
    """Run geomap as ``geomap serve`` starts it, until it is warm."""

    @contextmanager
    def serve(workers=1):
        port = free_port()
        own = ["serve", str(folder), "--port", str(port), "--workers", str(workers)]
        log = tmp_path_factory.mktemp("geomap") / "log"
        ready = f"http://127.0.0.1:{port}/readyz"
        with serving([sys.executable, "-m", "geomap", *own], ready=ready, log=log) as running:
            time.sleep(float(os.environ.get("GEOMAP_BENCH_WARM_S", "30")))
            yield Server(f"http://127.0.0.1:{port}", running.process, running.ready)

    return serve


@pytest.fixture(scope="session")
def geomap_server(serve_geomap):
    with serve_geomap() as server:
        yield server
