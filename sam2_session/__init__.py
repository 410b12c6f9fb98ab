"""Interactive point-click video annotation with live SAM 2 sessions."""

__version__ = "0.1.0"  # the only place: the package, the page and every export read it here
