"""Reads a document on standard input and writes it as PDF: the process that `pdf` starts.

The document holds all it needs; nothing is fetched, from disk or network. The PDF is tagged for
screen readers (PDF/UA-1), with the outline of its headings, its title and its language.
"""

from __future__ import annotations

import resource
import sys

_MEMORY_BYTES = 1_500_000_000
_CPU_S = 60


def main() -> None:
    """Make the PDF, within the limits."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    html = sys.stdin.buffer.read().decode()
    fetcher = URLFetcher(allowed_protocols=("data",))
    HTML(string=html, url_fetcher=fetcher).write_pdf(
        sys.stdout.buffer, pdf_variant="pdf/ua-1", pdf_tags=True
    )


if __name__ == "__main__":
    main()
