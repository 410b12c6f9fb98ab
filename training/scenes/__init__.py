"""Scenes to learn from: moving objects over textured grounds, with exact masks, drawn by seed."""

from training.scenes.scene import draw_scene
from training.scenes.spec import BoolMasks, Frames, Scene, SceneSpec, Target

__all__ = ["BoolMasks", "Frames", "Scene", "SceneSpec", "Target", "draw_scene"]
