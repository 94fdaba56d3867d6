import cv2
import numpy as np
import pytest
import torch
from video_files import SIZE as VIDEO_SIZE
from video_files import number_of, write_video

from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.imaging.pixels import read_pixels
from kpstudio.training.crops import Crops, Piece

SIZE = (97, 71)


@pytest.fixture
def picture(tmp_path):
    pixels = np.random.default_rng(5).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return path, pixels


def test_a_piece_has_the_pixels_of_its_image(picture):
    path, pixels = picture
    piece = Piece.of_box(path, SIZE, Box(10.5, 20.5, 30, 17), 1.0)
    cut = piece.cut(pixels)
    assert torch.equal(cut, torch.from_numpy(pixels[21:38, 11:41]).permute(2, 0, 1))
    assert piece.from_image().apply((13.0, 25.5)).tolist() == [2.0, 4.5]


def test_what_is_beyond_the_image_is_left_out(picture):
    path, pixels = picture
    piece = Piece.of_box(path, SIZE, Box(-40, -40, 1000, 1000), 1.0)
    assert (piece.left, piece.top, piece.size) == (0, 0, SIZE)
    outside = Piece.of_box(path, SIZE, Box(500, 500, 3, 3), 1.0)
    assert outside.cut(pixels).numel() >= 3


def test_pixels_that_an_input_cannot_show_are_averaged_in_blocks(picture):
    path, pixels = picture
    piece = Piece.of_box(path, SIZE, Box(3.5, 5.5, 60, 60), 0.3)
    assert piece.block == 3
    cut = piece.cut(pixels)
    assert cut.shape == (3, 20, 20)
    first = pixels[6:9, 4:7].reshape(9, 3).mean(axis=0)
    assert np.abs(cut[:, 0, 0].numpy() - first).max() <= 0.5
    # The middle of the first block is the first pixel.
    assert piece.from_image().apply((5.0, 7.0)) == pytest.approx([0.0, 0.0])


def test_what_is_beyond_the_budget_is_read_again(picture):
    path, pixels = picture
    crops = Crops(budget=2 * 3 * 10 * 10)
    for left in (0, 20, 40, 60):
        crops.add(Piece.of_box(path, SIZE, Box(left - 0.5, -0.5, 10, 10), 1.0), pixels)
    assert (len(crops), crops.kept) == (4, 2)
    crops.expect([2, 3])
    for number, left in enumerate((0, 20, 40, 60)):
        assert torch.equal(
            crops[number], torch.from_numpy(pixels[:10, left : left + 10]).permute(2, 0, 1)
        )
    crops.close()


def test_frames_of_a_video_that_are_beyond_the_budget_are_read_again(tmp_path):
    path = write_video(tmp_path / "clip.mp4", frames=40)
    crops = Crops(budget=0)
    for frame in (31, 4, 17):
        piece = Piece.of_box(path, VIDEO_SIZE, Box(-0.5, -0.5, 112, 30), 1.0, frame=frame)
        crops.add(piece, read_pixels(path, frame))
    assert crops.kept == 0
    crops.expect([0, 1, 2])
    assert [number_of(crops[n].permute(1, 2, 0).numpy()) for n in range(3)] == [31, 4, 17]
    crops.close()


def test_an_image_that_went_away_is_named(picture):
    path, pixels = picture
    crops = Crops(budget=0)
    crops.add(Piece.of_box(path, SIZE, Box(0, 0, 10, 10), 1.0), pixels)
    path.unlink()
    with pytest.raises(UserProblem, match=r"a\.png"):
        crops[0]
    crops.close()
