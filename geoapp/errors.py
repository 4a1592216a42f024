"""Every error that can reach a user, as one tree.

    GeoAppError                    anything below; on its own never raised
    ├── InputError                 the user's input cannot be taken as it is
    │   ├── FileError              a file cannot be read or written
    │   ├── CrsError               a reference system is missing, wrong or not convertible
    │   ├── GeometryError          a geometry cannot be measured or stored
    │   ├── CatalogError           a layer, city or unit definition is wrong
    │   ├── ChoiceError            an option has a value that is not offered
    │   └── NotFoundError          what was asked for does not exist
    ├── AccessError                the acting person may not do this
    ├── ConflictError              the state changed or does not allow it; look again and retry
    ├── ClusterError               the workers on other machines cannot be used as they are
    └── InvariantError             our own fault: a law of the data was broken

An error carries named facts and no prose: ``CrsError("crs-unsupported", crs="EPSG:2382")``.
The words for a page, the command line or an API come from ``locale/<lang>/*.toml``, section
``error``, key = ``code``.
"""

from typing import ClassVar


class GeoAppError(Exception):
    """An error with a code and named facts.

    Attributes:
        code: Key of the sentence in the locale files, for example ``"crs-missing"``.
        facts: What the sentence names: file, layer, row, value.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code, facts)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes: by code and facts."""
        return _make_again, (type(self), self.code, self.facts)

    def __str__(self) -> str:
        """Show code and facts, for logs; people read the worded form."""
        return " ".join([self.code, *(f"{key}={value!r}" for key, value in self.facts.items())])


class InputError(GeoAppError):
    """The user's input cannot be taken as it is."""

    exit_status: ClassVar[int] = 2


class FileError(InputError):
    """A file cannot be read or written."""


class CrsError(InputError):
    """A reference system is missing, wrong or not convertible."""


class GeometryError(InputError):
    """A geometry cannot be measured or stored."""


class CatalogError(InputError):
    """A layer, city or unit definition is wrong."""


class ChoiceError(InputError):
    """An option has a value that is not offered."""


class NotFoundError(InputError):
    """What was asked for does not exist."""


class AccessError(GeoAppError):
    """The acting person may not do this."""

    exit_status: ClassVar[int] = 2


class ConflictError(GeoAppError):
    """The state changed or does not allow it; look again and retry."""

    exit_status: ClassVar[int] = 2


class ClusterError(GeoAppError):
    """The workers on other machines cannot be used as they are."""


class InvariantError(GeoAppError):
    """A law of the data was broken; never adjusted away."""


def _make_again(kind: type[GeoAppError], code: str, facts: dict[str, object]) -> GeoAppError:
    return kind(code, **facts)
