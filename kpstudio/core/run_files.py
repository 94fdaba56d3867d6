"""What a run leaves in its folder."""

import json
import struct
from pathlib import Path

CHECKPOINT_NAME = "model.safetensors"
"""The best so far."""

LAST_NAME = "last.safetensors"
"""The newest state, also a checkpoint: a training that was broken off goes on from it."""

TRAINING_KEY = "training"
"""Of the metadata of a file from which a training can go on."""

_LARGEST_HEADER = 100 << 20


def can_go_on_from(path: Path) -> bool:
    """Whether a file holds the state of a training that was broken off."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _LARGEST_HEADER:
                return False
            header = json.loads(file.read(length))
    except (OSError, struct.error, ValueError):
        return False
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    return isinstance(metadata, dict) and TRAINING_KEY in metadata
