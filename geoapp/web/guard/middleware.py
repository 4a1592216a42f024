"""The guard as the app takes it."""

from collections.abc import Collection

from starlette.middleware import Middleware

from geoapp.web.guard.guard import Guard
from geoapp.web.guard.holdings import Holdings


def before_all(holdings: Holdings, scripts: Collection[str]) -> list[Middleware]:
    """Give what stands before pages and routes.

    Args:
        holdings: What the pages hold in memory for whom.
        scripts: Hashes of scripts that stand in the pages themselves.
    """
    return [Middleware(Guard, holdings=holdings, scripts=scripts)]
