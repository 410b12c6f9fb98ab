"""The page in a cell of a notebook: ``from sam2_session.notebook import annotate``."""

from sam2_session.notebook.annotator import Annotator, annotate

__all__ = ["Annotator", "annotate"]
