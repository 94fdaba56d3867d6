"""Which part of an image each pass sees, at which size: chosen once, kept in the checkpoint."""

import msgspec

from kpstudio.core.geometry import Affine, Box, CellMapping, cells_to_input, crop_to_input

_SIZE_RANGE = 3.0


class Framing(msgspec.Struct, frozen=True):
    """How images become inputs of the two passes.

    Args:
        find_size: (width, height) of the input of the first pass: the whole image, letterboxed.
        look_size: (width, height) of the input of the second pass: what surrounds a subject.
        subject_size: The usual size of a subject in image pixels.
        margin: Longer side of what surrounds it in sizes of the subject.
        find_subject_size: The usual size of a subject in pixels of the first pass.
        is_upright: Subjects do not turn, and their size is the longer side of their box; else it
            is what does not change as they turn.
        is_fixed_size: All subjects are looked at with the usual size, because theirs differ by
            their posture only.
        fewest_subjects: In one image.
        most_subjects: In one image.
        is_whole_image: The second pass sees the whole image, and there is no first one.
    """

    find_size: tuple[int, int]
    look_size: tuple[int, int]
    subject_size: float
    find_subject_size: float
    margin: float
    is_upright: bool
    is_fixed_size: bool
    fewest_subjects: int = 1
    most_subjects: int = 1
    is_whole_image: bool = False

    def find_affine(self, width: int, height: int) -> Affine:
        """From the pixels of an image of this size to those of the first pass."""
        aspect = self.find_size[0] / self.find_size[1]
        return crop_to_input(Box.of_image(width, height).with_aspect(aspect), self.find_size)

    def look_box(self, centre: tuple[float, float], size: float) -> Box:
        """What the second pass sees of a subject, in image pixels."""
        usual = self.subject_size
        if self.is_fixed_size:
            size = usual
        side = self.margin * min(max(size, usual / _SIZE_RANGE), usual * _SIZE_RANGE)
        return self._with_look_aspect(Box.centred(*centre, side, side))

    def whole_box(self, image_size: tuple[int, int]) -> Box:
        """What the second pass sees if it sees the whole image of (width, height)."""
        return self._with_look_aspect(Box.of_image(*image_size))

    def box_around(self, box: Box) -> Box:
        """What the second pass sees of a subject with this box, in image pixels."""
        return self._with_look_aspect(box.grown(self.margin))

    def _with_look_aspect(self, box: Box) -> Box:
        return box.with_aspect(self.look_size[0] / self.look_size[1])

    def look_affine(self, box: Box) -> Affine:
        """From image pixels to those of the second pass."""
        return crop_to_input(box, self.look_size)

    def look_cells_to_image(
        self, box: Box, map_size: tuple[int, int], mapping: CellMapping = "half_pixel"
    ) -> Affine:
        """From heatmap cells of the second pass to image pixels.

        Args:
            box: What the pass sees, in image pixels.
            map_size: (width, height) of its heatmaps.
            mapping: Of its cells to its input.
        """
        to_input = cells_to_input(mapping, map_size, self.look_size)
        return to_input.then(self.look_affine(box).inverse())

    def find_cells_to_image(self, image_size: tuple[int, int], map_size: tuple[int, int]) -> Affine:
        """From cells of the first pass to image pixels; sizes are (width, height)."""
        to_input = cells_to_input("half_pixel", map_size, self.find_size)
        return to_input.then(self.find_affine(*image_size).inverse())
