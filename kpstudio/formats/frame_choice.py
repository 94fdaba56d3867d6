"""Which frames of a video become images of a project."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem


@dataclass(frozen=True)
class FrameChoice:
    """Some frames of each video, or all of them where neither is given.

    Args:
        every: From one frame to the next one that is taken, beginning with the first.
        count: So many frames, evenly spread from the first to the last.

    Raises:
        UserProblem: Both are given, or one is below 1.
    """

    every: int | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if self.every is not None and self.count is not None:
            raise UserProblem(
                "Frames are chosen either by their distance or by their number.",
                "Give one of the two.",
            )
        distance = "The distance from frame to frame", self.every
        for what, value in (distance, ("The number of frames", self.count)):
            if value is not None and value < 1:
                raise UserProblem(f"{what} cannot be {value}.", "Give 1 or more.")

    def of(self, dataset: Dataset) -> Dataset:
        """The dataset with fewer frames; those that are labelled stay.

        Raises:
            UserProblem: There are no frames of a video to choose from.
        """
        if self.every is None and self.count is None:
            return dataset
        videos: dict[object, list[Image]] = defaultdict(list)
        for image in dataset.images:
            if image.frame is not None:
                videos[image.path].append(image)
        if not videos:
            raise UserProblem(
                "These images are no frames of a video, so that none can be chosen.",
                "Leave the choice of frames out.",
            )
        kept = {each.image_id for each in dataset.annotations}
        for frames in videos.values():
            if self.every is not None:
                kept |= {image.id for image in frames[:: self.every]}
            elif self.count is not None:
                places = np.linspace(0, len(frames) - 1, min(self.count, len(frames)))
                kept |= {frames[int(place)].id for place in places.round()}
        images = tuple(each for each in dataset.images if each.frame is None or each.id in kept)
        return replace(dataset, images=images)
