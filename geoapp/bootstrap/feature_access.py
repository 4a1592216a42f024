"""How features are given to other programs, page by page."""

from datetime import date

from geoapp.access.policy import decide
from geoapp.bootstrap.core import Core, LayerState
from geoapp.catalog.snapshot import Snapshot
from geoapp.features.pages import FeaturePage, FeaturePages, PageRequest
from geoapp.features.reference import Reference


class FeatureAccess(Core):
    """Features of layers, one by one or in pages."""

    _pages: FeaturePages | None = None

    def feature_page(self, request: PageRequest) -> FeaturePage:
        """Give some features of a layer; see ``features.pages``."""
        return self._feature_pages().page(request)

    def feature(
        self, layer: str, key: str, *, reference: Reference | None = None, day: date | None = None
    ) -> FeaturePage:
        """Give one feature by its id; see ``features.pages``."""
        return self._feature_pages().feature(layer, key, reference=reference, day=day)

    def features_snapshot(self, layer: str, request: PageRequest | None = None) -> Snapshot:
        """Give the snapshot that a question for features is answered from.

        Raises:
            NotFoundError: There is no such layer, or no data for it.
            ChoiceError: The snapshot of a place in the pages is gone.
            AccessError: The principal may not read its features.
        """
        day, place = (request.day, request.place) if request else (None, None)
        return self._feature_pages().open(layer, day, place)[1]

    def feature_layers(self) -> list[LayerState]:
        """List the layers that have features which the principal may read."""
        return [
            state
            for state in self.layers()
            if state.snapshot and decide(self.principal, "read_features", state.definition).allowed
        ]

    def _feature_pages(self) -> FeaturePages:
        pages = self._pages
        if pages is None or pages.ground is not self._ground:  # layers were prepared anew
            if self._root is not self:
                pages = self._root._feature_pages().on(self._ground)  # noqa: SLF001  its own kind
            else:
                pages = FeaturePages(self._ground, self._searcher.keys)
            self._pages = pages
        return pages
