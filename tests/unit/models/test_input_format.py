import torch

from kpstudio.models.input_format import IMAGENET, InputFormat

# Red, green and blue, each a pixel, normalised to -1 to 1.
COLOURS = torch.eye(3)[None, :, None, :] * 2 - 1


def test_the_usual_format_is_what_comes_in():
    assert InputFormat().of_normalised(COLOURS) is COLOURS


def test_imagenet_statistics_are_subtracted_and_divided():
    red = IMAGENET.of_normalised(COLOURS)[0, :, 0, 0]
    expected = [(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225]
    assert torch.allclose(red, torch.tensor(expected))


def test_bgr_of_0_to_255():
    bgr = InputFormat("bgr", (0.0,) * 3, (1 / 255,) * 3).of_normalised(COLOURS)
    assert torch.allclose(bgr[0, :, 0, 0], torch.tensor([0.0, 0.0, 255.0]))


def test_grey_is_luminance():
    grey = InputFormat.grey().of_normalised(COLOURS)
    assert grey.shape == (1, 1, 1, 3)
    assert torch.allclose(grey[0, 0, 0], torch.tensor([0.299, 0.587, 0.114]))
    assert len(InputFormat.grey()) == 1
