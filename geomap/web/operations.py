"""For those who run the service: is it alive, is it ready."""

from __future__ import annotations

from apiflask import APIBlueprint

from geomap.web.state import snapshot

operations = APIBlueprint("operations", __name__, enable_openapi=False)


@operations.get("/healthz")
def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@operations.get("/readyz")
def ready() -> dict[str, object]:
    """Say that data is loaded, and which revision."""
    data = snapshot()
    return {"status": "ready", "revision": data.revision, "facilities": len(data.facilities)}
