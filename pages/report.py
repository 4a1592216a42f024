"""Reporting what may be built illegally; for the office, the tips that wait."""

from geoapp.ui.report import draw_report
from geoapp.ui.session import open_workspace

draw_report(open_workspace())
