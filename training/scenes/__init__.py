"""Draws training scenes by seed: moving objects on textured backgrounds, with exact masks."""

from training.scenes.scene import draw_scene
from training.scenes.spec import BoolMasks, Frames, Scene, SceneSpec, Target

__all__ = ["BoolMasks", "Frames", "Scene", "SceneSpec", "Target", "draw_scene"]
