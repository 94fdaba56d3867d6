"""What a run leaves in its folder."""

CHECKPOINT_NAME = "model.safetensors"
"""The best so far."""

LAST_NAME = "last.safetensors"
"""The newest state, also a checkpoint: a training that was broken off goes on from it."""
