"""Which unit somebody is bound to, and what of a city that leaves: the one place that says so.

A township's official works in one unit. Of layers that the public may see, the unit does not
matter; of all others only rows that share ground with it are given out, and figures below the
township only inside of it.
"""

from typing import Final

from geoapp.access.policy import PUBLIC, Principal
from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import AccessError

NO_UNIT: Final = "-"  # equals no code and begins none: a township without a unit sees nothing


def bound_unit(principal: Principal) -> str:
    """Give the code of the unit that a principal is bound to, ``""`` for none."""
    return (principal.unit or NO_UNIT) if principal.role == "township" else ""


def is_bound(principal: Principal, definition: LayerDefinition) -> bool:
    """Tell whether a principal gets only the rows of a layer that lie in the own unit."""
    return bool(bound_unit(principal)) and PUBLIC.role not in definition.access.view


def is_own_unit(principal: Principal, code: str) -> bool:
    """Tell whether a unit is the one that a principal is bound to, or lies in it.

    >>> is_own_unit(Principal("a", "township", "439901001"), "439901001002")
    True
    >>> is_own_unit(Principal("a", "township", "439901001"), "439901")
    False
    >>> is_own_unit(Principal("a", "planner"), "")
    True
    """
    return code.startswith(bound_unit(principal))


def require_own_unit(principal: Principal, code: str) -> None:
    """Stop unless a unit is the principal's own or lies in it.

    Raises:
        AccessError: It is another one, or a larger one.
    """
    if not is_own_unit(principal, code):
        raise AccessError(
            "unit-not-own", unit=code or "@access.the_city", own=principal.unit or "-"
        )


def require_figures(
    principal: Principal, definitions: list[LayerDefinition], by: str, within: str
) -> None:
    """Stop unless a principal may see figures of layers by units of a level.

    Figures by township and coarser may be published, so everybody has them.

    Raises:
        AccessError: They are by village, and reach beyond the principal's unit.
    """
    fine = by == "village" and any(is_bound(principal, one) for one in definitions)
    if fine and not is_own_unit(principal, within):
        raise AccessError("figures-not-own", own=principal.unit or "-")
