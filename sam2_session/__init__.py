"""Interactive point-click video annotation with live SAM 2 sessions.

`Client` talks to a server, `Studio` works without one; both are loaded when first used, so that
nothing else pays for them. `__init__.pyi` tells type checkers about them.
"""

import importlib

__version__ = "0.1.0"  # the only place: the package, the page and every export read it here
__all__ = ["Client", "Studio", "__version__"]

_CLIENT_NAMES = ("Client", "Studio")


def __getattr__(name: str) -> object:
    if name in _CLIENT_NAMES:
        return getattr(importlib.import_module("sam2_session.client.workspaces"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
