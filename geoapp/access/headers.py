"""Headers in which the guard tells the pages whose web socket it is; nobody else can set them."""

from typing import Final

SESSION: Final = "x-geoapp-session"  # the hash of the session's token, LOCAL, or nothing
ADDRESS: Final = "x-geoapp-address"  # of whoever opened the page, behind trusted proxies too
TOKEN: Final = "x-geoapp-token"  # noqa: S105  a name
LOCAL: Final = "local"  # nobody signs in; whoever sits at this machine
