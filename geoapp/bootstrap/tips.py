"""Tips of the public about what may be built illegally."""

from functools import cached_property

from geoapp.bootstrap.cases import Cases
from geoapp.cases.tip_desk import TipDesk


class Tips(Cases):
    """Tips: sent by anybody, judged by the office."""

    @cached_property
    def tips(self) -> TipDesk:
        """Tips; see ``cases.tip_desk.TipDesk``."""
        return TipDesk(self.cases.office, self.cases.register)
