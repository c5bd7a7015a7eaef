"""The one error tree: each error says what was expected, what came and what to do."""

from __future__ import annotations


class GeomapError(Exception):
    """Any fault that geomap itself reports; `zh` says it in Chinese, where people meet it."""

    def __init__(self, said: str = "", *, zh: str | None = None) -> None:
        super().__init__(said)
        self.zh = zh

    def said(self, language: str) -> str:
        """Say it in the reader's language, if it is known in it.

        Examples
        --------
        >>> ParameterError("k must be positive", zh="k 须大于 0").said("zh")
        'k 须大于 0'
        >>> ParameterError("k must be positive").said("zh")
        'k must be positive'
        """
        return self.zh if language == "zh" and self.zh is not None else str(self)


class ParameterError(GeomapError, ValueError):
    """An argument or option is unknown, of the wrong kind or out of range."""


class CRSError(ParameterError):
    """A coordinate reference system is missing, not accepted or does not fit."""


class DataError(GeomapError, ValueError):
    """A file or table cannot be used as it is."""


class NotFoundError(GeomapError, LookupError):
    """What was asked for by name or id is not there."""


class ConflictError(GeomapError):
    """Somebody else changed the same thing first."""


class TooLargeError(GeomapError):
    """The input is larger than the stated limit."""
