"""From where somebody acts, for the audit trail: said once by the guard, kept for the request.

A workspace is shared by everybody with the same rights, so it cannot know the address itself.
"""

from contextvars import ContextVar
from typing import Final

_ADDRESS: Final[ContextVar[str]] = ContextVar("address", default="")


def remember_address(address: str) -> None:
    """Note from where the request comes that is being answered; ``""``: from this machine."""
    _ADDRESS.set(address)


def acting_address() -> str:
    """Give from where the request comes that is being answered."""
    return _ADDRESS.get()
