"""One city for many principals: what is free of rights is shared, everything else is bound anew."""

from collections import OrderedDict
from collections.abc import Callable
from copy import copy
from functools import cached_property
from threading import Lock
from typing import Any, Final, Self, TypeVar

from geoapp.access.policy import Principal

Value = TypeVar("Value")
_MOST_KEPT: Final = 256


class common_property(cached_property[Value]):  # noqa: N801  used as its parent is
    """A cached property that is free of rights: made once, for whoever acts.

    Every other cached property is made anew for each principal.
    """

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Value:  # type: ignore[override]
        """Give the value of the workspace that others act on."""
        if instance is not None:
            instance = instance._root  # noqa: SLF001
        found: Any = super().__get__(instance, owner)
        return found  # type: ignore[no-any-return]


class _Others:
    """The latest principals beside the first; safe from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Principal, Any] = OrderedDict()
        self._lock = Lock()

    def find_or_make(self, principal: Principal, make: Callable[[], Any]) -> Any:
        """Give what is kept for a principal."""
        with self._lock:
            if principal not in self._kept:
                self._kept[principal] = make()
            self._kept.move_to_end(principal)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[principal]

    def clear(self) -> None:
        """Let go of all."""
        with self._lock:
            self._kept.clear()


class Acting:
    """Gives itself to other principals.

    Attributes:
        principal: Who acts.
    """

    principal: Principal
    _root: Self

    def __init__(self) -> None:
        self._root = self  # type: ignore[assignment]  # a subclass calls this
        self._others = _Others()

    def acting_as(self, principal: Principal) -> Self:
        """Give the same city for another principal; cheap, and safe from several threads.

        Stores, register and caches without rights are shared; closing it closes nothing.
        """
        if principal == self._root.principal:
            return self._root
        found: Self = self._others.find_or_make(principal, lambda: self._make(principal))
        return found

    def _make(self, principal: Principal) -> Self:
        other = copy(self._root)
        other._bind(principal)  # noqa: SLF001  its own kind
        return other

    def _bind(self, principal: Principal) -> None:
        """Bind this copy to a principal; what was made for another one is dropped."""
        self.principal = principal
        for name in _bound_names(type(self)):
            self.__dict__.pop(name, None)


def _bound_names(kind: type) -> list[str]:
    return [
        name
        for parent in kind.__mro__
        for name, value in vars(parent).items()
        if isinstance(value, cached_property) and not isinstance(value, common_property)
    ]
