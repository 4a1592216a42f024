"""Roles and the one question asked of them: may this person do this?

Services ask, not pages: hiding a page is not enough. Whatever is not listed is refused.
"""

import getpass
from dataclasses import dataclass
from typing import Final, Literal

from geoapp.access.whence import acting_address
from geoapp.catalog.audit import Author
from geoapp.catalog.definition import LayerDefinition, Role
from geoapp.errors import AccessError

Action = Literal[
    "view",
    "view_rasters",
    "view_quality",
    "publish",
    "administer",
    "make_tokens",
    "view_cases",
    "edit_cases",
    "move_cases",
    "correct_cases",
    "import_cases",
    "review_patches",
    "verify_register",
    "send_tip",
    "review_tips",
    "publish_site",
    "read_features",
    "check",
    "view_checks",
    "override_check",
    "export",
    "export_whole",
    "view_planning",
    "edit_planning",
    "view_contacts",
    "edit_contacts",
    "view_scenarios",
    "edit_scenarios",
]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts.

    Attributes:
        name: Written into the audit trail.
        role: What the person may do.
        unit: Code of the district, township or village that a township's official is bound to.
        address: From where the person acts; by default what the guard saw, see ``whence``.
    """

    name: str
    role: Role
    unit: str = ""
    address: str = ""

    @property
    def author(self) -> Author:
        """Who stands in the audit trail."""
        return Author(self.name, self.role, self.unit, self.address or acting_address())


PUBLIC: Final = Principal(name="public", role="public")


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with its reason, a key of the locale files."""

    allowed: bool
    reason: str


ROLES_BY_ACTION: Final[dict[Action, frozenset[Role]]] = {
    # Never the public: a height grid finer than 100 m and imagery may not be shown openly.
    "view_rasters": frozenset({"township", "inspector", "planner", "administrator"}),
    "view_quality": frozenset({"township", "inspector", "planner", "administrator"}),
    "check": frozenset({"township", "inspector", "planner", "administrator"}),
    "view_checks": frozenset({"inspector", "planner", "administrator"}),  # those of others
    "override_check": frozenset({"township", "inspector", "planner", "administrator"}),
    # Exact geometry leaves the house, so never for the public, and for those who work in one
    # place (a township, a round of inspections) one township or village at a time.
    "export": frozenset({"township", "inspector", "planner", "administrator"}),
    "export_whole": frozenset({"planner", "administrator"}),
    "publish": frozenset({"planner", "administrator"}),
    "administer": frozenset({"administrator"}),
    # For other software, in one's own name: it may read what its account may, and no more.
    "make_tokens": frozenset({"township", "inspector", "planner", "administrator"}),
    # Cases hold names and addresses: never the public. A township is bound to its unit besides.
    "view_cases": frozenset({"township", "inspector", "planner", "administrator"}),
    "edit_cases": frozenset({"township", "inspector", "planner", "administrator"}),
    "move_cases": frozenset({"township", "inspector", "planner", "administrator"}),
    "correct_cases": frozenset({"planner", "administrator"}),
    "import_cases": frozenset({"inspector", "planner", "administrator"}),
    "review_patches": frozenset({"inspector", "planner", "administrator"}),
    "verify_register": frozenset({"planner", "administrator"}),
    # Anybody may say what they saw; what others said is for the office, by unit.
    "send_tip": frozenset({"public", "township", "inspector", "planner", "administrator"}),
    "review_tips": frozenset({"township", "inspector", "planner", "administrator"}),
    "publish_site": frozenset({"planner", "administrator"}),
    # Lists of patches and overlaps all over the city: for those who work on all of it.
    "view_planning": frozenset({"inspector", "planner", "administrator"}),
    "edit_planning": frozenset({"planner", "administrator"}),
    # Names and phones of people: never the public. A township is bound to its unit besides.
    "view_contacts": frozenset({"township", "inspector", "planner", "administrator"}),
    "edit_contacts": frozenset({"planner", "administrator"}),
    # A boundary under consideration is no decision: it stays with those who plan and review.
    "view_scenarios": frozenset({"inspector", "planner", "administrator"}),
    "edit_scenarios": frozenset({"planner", "administrator"}),
}


def local_administrator() -> Principal:
    """Give whoever sits at this machine: the only principal until sign-in exists.

    The server listens on the loopback address only, so nobody else can be this principal.
    """
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # no entry for the user id, as in some containers
        name = "local"
    return Principal(name=f"local:{name}", role="administrator")


def decide(principal: Principal, action: Action, layer: LayerDefinition | None = None) -> Decision:
    """Decide whether a principal may do something, on a layer where one is concerned."""
    if action in {"view", "read_features"}:
        allowed = layer is not None and (
            principal.role in layer.access.view or layer.access.public == "full"
        )
        # What the public sees of a layer may be coarse; stored coordinates never are.
        if layer and action == "read_features" and principal.role == "public":
            allowed = layer.access.public == "full"
    else:
        allowed = principal.role in ROLES_BY_ACTION[action]
    return Decision(allowed, "access.allowed" if allowed else "access.role_not_listed")


def require(principal: Principal, action: Action, layer: LayerDefinition | None = None) -> None:
    """Stop unless the principal may do it.

    Raises:
        AccessError: Not allowed.
    """
    if not decide(principal, action, layer).allowed:
        raise AccessError(
            "access-refused",
            action=f"@access.action_{action}",
            layer=layer.title if layer else "@access.the_city",
            role=f"@access.role_{principal.role}",
        )
