"""What is computed once, however many threads ask for it at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class once(Generic[_T]):  # noqa: N801 (used like functools.cached_property)
    """A property computed by the first thread that asks, while others wait.

    Its object has a dictionary ``_locks``, of a lock for each such property.
    """

    def __init__(self, compute: Callable[[Any], _T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[_T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...

    def __get__(self, instance: object | None, owner: type) -> once[_T] | _T:
        if instance is None:
            return self
        held = instance.__dict__
        if self.name not in held:
            with held["_locks"].setdefault(self.name, threading.RLock()):
                if self.name not in held:
                    held[self.name] = self.compute(instance)
        return cast("_T", held[self.name])
