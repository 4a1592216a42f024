"""The guard as the app takes it."""

from starlette.middleware import Middleware

from geoapp.web.guard.guard import Guard
from geoapp.web.guard.holdings import Holdings


def before_all(holdings: Holdings) -> list[Middleware]:
    """Give what stands before pages and routes."""
    return [Middleware(Guard, holdings=holdings)]
