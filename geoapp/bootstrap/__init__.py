"""From settings to services: the one place that builds objects.

``Workspace`` is the face of one city for other software, the command line and the pages.
"""

from geoapp.bootstrap.core import LayerState
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.bootstrap.workspace import Workspace, shared_workspace

__all__ = ["LayerState", "Workspace", "read_datum_shift", "shared_workspace"]
