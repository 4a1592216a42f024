"""Hamlets and scenic areas: a directory with search, and what each district has."""

from geoapp.ui.places import draw_places
from geoapp.ui.session import open_workspace

draw_places(open_workspace())
