"""The media types of answers, by name."""

from __future__ import annotations

from typing import Final

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
#: RFC 9457: what went wrong, for programs.
PROBLEM: Final = "application/problem+json"
SCHEMA: Final = "application/schema+json"
LINKED_DATA: Final = "application/ld+json"
#: A feature a line, and the same with a mark before each line (RFC 8142).
NDJSON: Final = "application/x-ndjson"
GEOJSON_SEQUENCE: Final = "application/geo+json-seq"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
HTML: Final = "text/html"
PLAIN: Final = "text/plain"
CSS: Final = "text/css"
SCRIPT: Final = "text/javascript"
XML: Final = "application/xml"
SVG: Final = "image/svg+xml"
