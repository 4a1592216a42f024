"""The planner's desk of a city: conflicts of layers."""

from collections.abc import Sequence

from geoapp.access.policy import decide, require
from geoapp.bootstrap.questions import Questions
from geoapp.catalog.definition import LayerDefinition
from geoapp.overlay.result import Level
from geoapp.planning.conflict_result import THREE_LINES, ConflictRequest, ConflictResult
from geoapp.planning.conflicts import ConflictFinder, list_candidates


class PlanningDesk(Questions):
    """What a planner asks."""

    def conflicts(
        self,
        layers: Sequence[str] = THREE_LINES,
        *,
        by: Level = "district",
        within: str = "",
    ) -> ConflictResult:
        """Find where layers overlap each other; see ``ConflictRequest``.

        Args:
            layers: Two to six layers of polygons; by default the three lines.
            by: Unit level of the rows.
            within: Code of the unit to look into.

        Raises:
            NotFoundError: A layer, unit or snapshot does not exist.
            ChoiceError: The layers or the level are not offered.
            AccessError: The principal may not see a layer.
            InvariantError: Parts do not add up to what is measured without them.
        """
        for name in layers:
            require(self.principal, "view", self.library.require(name))
        return self._conflict_finder.find(ConflictRequest(tuple(layers), by, within))

    def conflict_layers(self) -> list[LayerDefinition]:
        """List the layers that the principal may ask about."""
        return [
            definition
            for definition in list_candidates(self.library)
            if decide(self.principal, "view", definition).allowed
        ]

    def _open_engine(self) -> None:
        super()._open_engine()
        self._conflict_finder = ConflictFinder(
            self.city, self.library, self.store, self._tabulator
        )
