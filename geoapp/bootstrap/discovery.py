"""How things are found in a city: at a point, by what somebody typed, by their row."""

from geoapp.bootstrap.core import Core
from geoapp.finding.identify import Document, ObjectRequest, PointRequest, describe_object, identify
from geoapp.finding.search import SearchRequest


class Discovery(Core):
    """Finding what lies where, and where something lies."""

    def identify(self, request: PointRequest) -> Document:
        """Tell what lies at a point; see ``finding.identify``."""
        return identify(self._ground, request)

    def describe_object(self, request: ObjectRequest) -> Document:
        """Describe one feature; see ``finding.identify``."""
        return describe_object(self._ground, request)

    def search(self, request: SearchRequest) -> Document:
        """Find what a person typed; see ``finding.search``."""
        return self._searcher.search(request)
