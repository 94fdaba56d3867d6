"""What a project knows of the frames of one video."""

from dataclasses import dataclass

import numpy as np

from kpstudio.core.shapes import Bool, Float, Int


@dataclass(frozen=True, eq=False)
class VideoStrip:
    """The frames of a video that are images of a project, by their numbers.

    Args:
        image_ids: (N,) of the images.
        frames: (N,) their numbers, ascending.
        is_labelled: (N,) whether they have labels.
        scores: (N,) the lowest score of a subject by the newest run that has predictions stored;
            NaN where it has none.
        length: How many frames the video has.
    """

    image_ids: Int[np.ndarray, " N"]
    frames: Int[np.ndarray, " N"]
    is_labelled: Bool[np.ndarray, " N"]
    scores: Float[np.ndarray, " N"]
    length: int

    def position(self, image_id: int | None) -> int | None:
        """Which of the frames an image is; None where it is none of them."""
        if image_id is None:
            return None
        found = np.flatnonzero(self.image_ids == image_id)
        return int(found[0]) if found.size else None

    def nearest(self, frame: float) -> int:
        """The position of the frame that is nearest to a number."""
        after = int(np.searchsorted(self.frames, frame))
        around = [each for each in (after - 1, after) if 0 <= each < len(self.frames)]
        return min(around, key=lambda each: abs(int(self.frames[each]) - frame))

    def stepped(self, position: int, step: int) -> int:
        """The position at least so many frames on, or at the end.

        Args:
            position: From where.
            step: In numbers of frames, before where it is negative.
        """
        target = int(self.frames[position]) + step
        if step > 0:
            return min(int(np.searchsorted(self.frames, target)), len(self.frames) - 1)
        return max(int(np.searchsorted(self.frames, target, side="right")) - 1, 0)

    def labelled_from(self, position: int, step: int) -> int | None:
        """The position of the next labelled frame, or the one before; None without one."""
        found = np.flatnonzero(self.is_labelled)
        on_the_way = found[found > position] if step > 0 else found[found < position][::-1]
        return int(on_the_way[0]) if on_the_way.size else None
