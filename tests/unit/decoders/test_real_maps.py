"""Decoders on what published networks really give, which is not Gaussian.

How far the decoders are from one another on all 163 faces, and on the 100 people of coco_mini with
eight keypoints or more (median distance to DARK, in cells): hourglass_face15 (sigma 5) argmax
0.97, quarter_offset 0.83, dark_udp 0.002, local_soft_argmax 0.20, gaussian_fit 0.04, dsnt 0.28;
blazepose_lite (sigmoid, sigma 2.1) 0.75, 0.65, 0.008, 0.37, 0.11, 1.61; body14_cpm (sigma 3.7)
1.57, 1.28, 0.001, 0.25, 0.07, 14.0: its maps are faint (median peak 0.2), so that a softmax of
temperature 20 sees mostly background.
"""

import csv
import json

import cv2
import numpy as np
import pytest
import torch

from kpstudio.core.geometry import Box, crop_to_input
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import HeadTraining, decoders_for, make_decoder
from kpstudio.models.architectures import FaceHourglass

pytestmark = pytest.mark.filterwarnings("ignore")  # of networks that others have traced


def crop(image, box, side):
    affine = crop_to_input(box.with_aspect(1.0), (side, side))
    return cv2.warpAffine(image, affine.matrix, (side, side)), affine


@pytest.fixture(scope="module")
def root(request):
    return request.config.rootpath.parent / "shared"


def people(root, side, count):
    """Crops of people in photos."""
    folder = root / "data" / "coco_mini"
    content = json.loads((folder / "annotations/person_keypoints_val2017.json").read_text())
    names = {image["id"]: image["file_name"] for image in content["images"]}
    found = [each for each in content["annotations"] if each.get("num_keypoints", 0) >= 12]
    for each in found:
        image = cv2.imread(str(folder / "val2017" / names[each["image_id"]]))
        if image is not None and count:
            count -= 1
            x, y, width, height = each["bbox"]
            yield crop(image, Box(x - 0.5, y - 0.5, width, height).grown(1.25), side)[0]


def faces(root, step):
    """Grey crops of faces, and their eyes and corners of the mouth there."""
    folder = root / "data" / "faces68"
    with (folder / "keypoints.csv").open() as file:
        rows = list(csv.reader(file))[1::step]
    for name, *numbers in rows:
        xy = np.array(numbers, float).reshape(-1, 2)
        side = 1.3 * np.ptp(xy, axis=0).max()
        x, y = (xy.min(0) + xy.max(0)) / 2 - [0, 0.08 * side]
        grey = cv2.imread(str(folder / "images" / name), cv2.IMREAD_GRAYSCALE)
        image, affine = crop(grey, Box.centred(x, y, side, side), 96)
        known = np.array([xy[42:48].mean(0), xy[36:42].mean(0), xy[54], xy[48]])
        yield image, affine.apply(known)


@pytest.fixture(scope="module")
def face_maps(shared_module):
    network = FaceHourglass(keypoints=15).eval()
    file = shared_module / "weights/hourglass_face15/kd_epoch_809_model.ckpt"
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    images, truth = zip(*faces(shared_module, step=40), strict=True)
    batch = torch.from_numpy(np.stack(images)).float()[:, None] / 255
    with torch.inference_mode():
        return network(batch)[-1][:, [0, 1, 11, 12]], np.stack(truth)


@pytest.fixture(scope="module")
def shared_module(root):
    if not root.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return root


@pytest.fixture(scope="module")
def body_maps(shared_module):
    network = torch.jit.load(shared_module / "weights/body14_cpm/cpm_model_traced.pt").eval()
    batch = torch.from_numpy(np.stack(list(people(shared_module, 192, 6))))
    with torch.inference_mode():
        return network(batch.permute(0, 3, 1, 2).float())


@pytest.fixture(scope="module")
def blaze_maps(shared_module):
    file = shared_module / "weights/blazepose_lite/blazepose_lite_traced.pt"
    network = torch.jit.load(file).eval()
    batch = torch.from_numpy(np.stack(list(people(shared_module, 256, 6)))[..., ::-1].copy())
    with torch.inference_mode():
        answer = network(batch.permute(0, 3, 1, 2).float() / 255)
    if not isinstance(answer, torch.Tensor):
        answer = next(each for each in answer if each.ndim == 4 and each.shape[1] == 39)
    return answer.sigmoid()


def decode_all(heatmaps, sigma):
    head = HeadTraining(sigma=sigma)
    return {name: make_decoder(DecoderChoice(name), head)(heatmaps) for name in decoders_for(head)}


def apart(decoded, name):
    """Median distance to DARK, in cells."""
    return float((decoded[name].cells - decoded["dark"].cells).norm(dim=-1).median())


def test_on_faces_finer_decoders_are_nearer_to_the_labels(face_maps):
    heatmaps, truth = face_maps
    decoded = decode_all(heatmaps, sigma=5.0)
    error = {
        name: np.linalg.norm(each.cells.numpy() - truth, axis=-1).mean()
        for name, each in decoded.items()
    }
    assert error["gaussian_fit"] < error["argmax"]
    assert error["dark"] < error["argmax"]
    assert error["gaussian_fit"] < error["dark"] + 0.02
    assert apart(decoded, "gaussian_fit") < 0.07
    assert apart(decoded, "dark_udp") < 0.01
    assert 0.1 < apart(decoded, "local_soft_argmax") < 0.4


@pytest.mark.parametrize(("kind", "sigma"), [("body_maps", 3.7), ("blaze_maps", 2.1)])
def test_on_people_the_gaussian_fit_stays_with_the_peak(request, kind, sigma):
    heatmaps = request.getfixturevalue(kind)
    decoded = decode_all(heatmaps, sigma)
    fitted = decoded["gaussian_fit"]
    assert apart(decoded, "gaussian_fit") < 0.2
    assert ((fitted.cells - decoded["argmax"].cells).abs() <= 1 + 3 * sigma).all()
    variances = torch.linalg.eigvalsh(fitted.covariance)
    assert torch.isfinite(variances).all()
    assert (variances > 0).all()
