"""Who answers for what the planner's lists hold, each list in one look."""

import numpy as np

from geoapp.access.policy import decide, require
from geoapp.bootstrap.cases import Cases
from geoapp.bootstrap.planning_desk import PlanningDesk
from geoapp.planning.answering import Answer
from geoapp.planning.farmland_result import LedgerResult


class Answering(PlanningDesk, Cases):
    """Says who answers for places."""

    def ledger_answers(self, result: LedgerResult) -> tuple[Answer, ...]:
        """Tell which field chief answers for each patch of a ledger.

        A patch counts to the unit that its inner point lies in, whatever level the ledger has.

        Returns:
            One for each patch, in their order.

        Raises:
            AccessError: The principal may not see people.
        """
        require(self.principal, "view_contacts")
        shapes = np.asarray(result.patches.geometry, dtype=object)
        codes = [units.finest for units in self._locate(shapes)] if len(shapes) else []
        found = self.contacts.nearest(codes, ("field",))["field"]
        return tuple(found[code] for code in codes)

    def find_ledger_answers(self, result: LedgerResult) -> tuple[Answer, ...] | None:
        """Tell it to those who may see people, ``None`` to others."""
        allowed = decide(self.principal, "view_contacts").allowed
        return self.ledger_answers(result) if allowed else None
