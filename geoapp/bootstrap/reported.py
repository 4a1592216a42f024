"""The figures of the work report that the overview sets beside the computed ones."""

from geoapp.access.policy import decide
from geoapp.bootstrap.public_figures import PublicFigures
from geoapp.bootstrap.questions import Questions
from geoapp.catalog.city import ReportedFigure
from geoapp.overlay.reported import Reconciliation, compare, reconcile
from geoapp.overlay.result import StatsRequest, StatsResult


class Reported(Questions, PublicFigures):
    """Reported figures beside the computed ones."""

    def reported(self) -> list[Reconciliation]:
        """Set the city's reported figures beside the computed ones.

        Of a layer that the principal may not see, the computed figure is the published one.
        """

        def tabulate(request: StatsRequest) -> StatsResult | None:
            if self.store.find_current(request.layer) is None:
                return None
            return self.stats(request.layer, by=request.by, class_field=request.class_field)

        return [
            reconcile(figure, tabulate) if self._seen(figure) else self._published(figure)
            for figure in self.city.reported
        ]

    def _seen(self, figure: ReportedFigure) -> bool:
        if not figure.layer:
            return True  # then there is nothing to be seen
        return decide(self.principal, "view", self.library.require(figure.layer)).allowed

    def _published(self, figure: ReportedFigure) -> Reconciliation:
        tables = (table for table in self.public_figures() if table.layer == figure.layer)
        found = next((table.find(self.city.code) for table in tables), None)
        if found is None or found.hidden or figure.class_codes:
            return compare(figure, None, "no_data")
        if figure.measure == "area":
            return compare(figure, found.area_m2, found.coverage)
        if figure.measure == "count":
            return compare(figure, found.count, found.coverage)
        return compare(figure, found.sums.get(figure.measure), found.coverage)
