"""From an image to keypoints in two passes: find the subjects, then look closely at each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from kpstudio.core.calibration import Calibration
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Affine, Box
from kpstudio.core.picture import Picture
from kpstudio.core.skeleton import Skeleton
from kpstudio.decoders import Decoder
from kpstudio.decoders.decoder import OTHER_PEAKS
from kpstudio.inference.execution import Execution, Runner, choose_execution
from kpstudio.inference.finding import find_subjects
from kpstudio.inference.shown_maps import shown_maps
from kpstudio.models.checkpoint import CheckpointInfo, load_checkpoint
from kpstudio.models.keypoint_network import FIND_STRIDE, KeypointNetwork, Task
from kpstudio.models.preprocessing import normalise, resample, to_tensor

_LARGEST_BATCH = 16


@dataclass(frozen=True, eq=False)
class SubjectHeatmaps:
    """One subject as the second pass sees it.

    Args:
        answer: What the decoders of the head take: (M, H, W) or (K, D).
        heatmaps: (K, H, W) for a person to look at; what is decoded where the head gives heatmaps.
        cell_to_image: From heatmap cells to image pixels.
        box: Where the heatmaps look, in image pixels.
        score: That there is a subject, 0 to 1.
    """

    answer: Tensor
    heatmaps: Float[Tensor, "K H W"]
    cell_to_image: Affine
    box: Box
    score: float


@dataclass(frozen=True, eq=False)
class SubjectKeypoints:
    """One subject's keypoints.

    Args:
        xy: (K, 2) image pixels; NaN where the decoder has no answer.
        scores: (K,) 0 to 1.
        box: Where the heatmaps looked, in image pixels.
        score: That there is a subject, 0 to 1.
        covariance: (K, 2, 2) square image pixels, calibrated where it can be; NaN where unknown.
        other_peaks: (K, P, 3) x and y in image pixels, and height; NaN where there is none.
    """

    xy: Float[np.ndarray, "K 2"]
    scores: Float[np.ndarray, " K"]
    box: Box
    score: float
    covariance: Float[np.ndarray, "K 2 2"]
    other_peaks: Float[np.ndarray, "K P 3"]

    def part(self, indices: Sequence[int]) -> "SubjectKeypoints":
        """Only the keypoints at some indices, in their order."""
        chosen = list(indices)
        return replace(
            self,
            xy=self.xy[chosen],
            scores=self.scores[chosen],
            covariance=self.covariance[chosen],
            other_peaks=self.other_peaks[chosen],
        )


class Predictor:
    """A network ready to predict.

    Args:
        network: In evaluation mode.
        checkpoint: What is known about it.
        device: Where the network is.
        runner: How it runs; in single precision by default.

    Attributes:
        network_passes: How often the network has run; decoding again does not run it.
    """

    def __init__(
        self,
        network: KeypointNetwork,
        checkpoint: CheckpointInfo,
        device: str = "cpu",
        *,
        runner: Runner | None = None,
    ) -> None:
        self.network = network
        self.checkpoint = checkpoint
        self.device = device
        self._runner = runner or Runner(network, Execution(), device)
        self.network_passes = 0

    @property
    def execution(self) -> Execution:
        """How the network runs."""
        return self._runner.execution

    @classmethod
    def load(
        cls,
        path: Path,
        device: str = "auto",
        *,
        skeleton: Skeleton | None = None,
        execution: str = "float32",
    ) -> "Predictor":
        """The predictor of a checkpoint file.

        Args:
            path: Of the checkpoint.
            device: "auto", or one of torch's names.
            skeleton: That the keypoints must be those of.
            execution: "auto" takes the fastest way to run it; see `choose_execution`.

        Raises:
            UserProblem: The file is not a checkpoint for this skeleton, or there is no such device
                or execution.
        """
        checkpoint = load_checkpoint(path, skeleton=skeleton)
        chosen = choose_device(device)
        network = checkpoint.build().to(chosen).eval()
        width, height = checkpoint.info.framing.look_size
        noise = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
        images = network.look_format.of_normalised(2 * noise - 1).to(chosen)
        runner = choose_execution(network, images, device=chosen, wanted=execution)
        return cls(network, checkpoint.info, chosen, runner=runner)

    def heatmaps(
        self, image: Picture | UInt8[np.ndarray, "H W 3"], *, known: Sequence[Box] = ()
    ) -> tuple[SubjectHeatmaps, ...]:
        """The heatmaps of every subject that is found, the surest first.

        Args:
            image: RGB, upright.
            known: Boxes of subjects in image pixels, for models that cannot find any; without
                boxes those take the whole image for one subject.
        """
        return self.look(image, self.find(image, known=known))

    def find(
        self, image: Picture | UInt8[np.ndarray, "H W 3"], *, known: Sequence[Box] = ()
    ) -> list[tuple[Box, float]]:
        """Where the second pass should look, and how sure it is that a subject is there.

        Args:
            image: RGB, upright.
            known: As of `heatmaps`.
        """
        framing, picture = self.checkpoint.framing, Picture.of(image)
        if framing.is_whole_image:
            return [(framing.whole_box(picture.size), 1.0)]
        if self.checkpoint.can_find:
            return self._find(picture)
        boxes = [framing.box_around(box) for box in known] or [framing.whole_box(picture.size)]
        return [(box, 1.0) for box in boxes]

    def look(
        self, image: Picture | UInt8[np.ndarray, "H W 3"], found: Sequence[tuple[Box, float]]
    ) -> tuple[SubjectHeatmaps, ...]:
        """What the second pass sees in boxes of the aspect of its input.

        Args:
            image: RGB, upright.
            found: As `find` gives it.
        """
        if not found:
            return ()
        framing, mapping = self.checkpoint.framing, self.checkpoint.cell_mapping
        picture = Picture.of(image)
        answers = self.answers(
            [_input(picture, framing.look_affine(box), framing.look_size) for box, _ in found]
        )
        width, height = framing.look_size
        stride = self.network.look_stride
        maps = shown_maps(
            answers,
            self.checkpoint.head_training,
            map_size=(width // stride, height // stride),
        )
        map_size = (maps.shape[3], maps.shape[2])
        return tuple(
            SubjectHeatmaps(
                answer, each, framing.look_cells_to_image(box, map_size, mapping), box, score
            )
            for answer, each, (box, score) in zip(answers, maps, found, strict=True)
        )

    def answers(self, inputs: Sequence[np.ndarray]) -> Tensor:
        """What the head gives for crops (H, W, 3), in batches."""
        return torch.cat(
            [
                self._run(inputs[start : start + _LARGEST_BATCH], "look")
                for start in range(0, len(inputs), _LARGEST_BATCH)
            ]
        )

    def _find(self, picture: Picture) -> list[tuple[Box, float]]:
        framing = self.checkpoint.framing
        affine = framing.find_affine(*picture.size)
        maps = self._run([_input(picture, affine, framing.find_size)], "find")[0]
        map_size = (maps.shape[2], maps.shape[1])
        cells_to_image = framing.find_cells_to_image(picture.size, map_size)
        subjects = find_subjects(
            maps,
            fewest=framing.fewest_subjects,
            most=framing.most_subjects,
            usual_size=framing.find_subject_size / FIND_STRIDE,
        )
        found = []
        for subject in subjects:
            x, y = cells_to_image.apply(subject.cell).tolist()
            factor = math.exp(min(max(subject.log_size, -3.0), 3.0))
            size = framing.find_subject_size * factor / affine.scale()
            found.append((framing.look_box((x, y), size), subject.score))
        return found

    def _run(self, inputs: Sequence[np.ndarray], task: Task) -> Tensor:
        self.network_passes += 1
        batch = normalise(to_tensor(inputs).to(self.device))
        if task == "look":
            batch = self.checkpoint.look_format.of_normalised(batch)
        return self._runner(batch, task)


def _input(
    picture: Picture, image_to_input: Affine, input_size: tuple[int, int]
) -> UInt8[np.ndarray, "h w 3"]:
    return resample(picture.pixels, picture.to_image.then(image_to_input), input_size)


def decode(
    subjects: Sequence[SubjectHeatmaps],
    decoder: Decoder,
    *,
    other_peaks: int = OTHER_PEAKS,
    covariance: bool = True,
    calibration: Calibration | None = None,
) -> tuple[SubjectKeypoints, ...]:
    """The keypoints of subjects whose heatmaps have one size, all in one batch.

    Args:
        subjects: With their heatmaps.
        decoder: For all of them.
        other_peaks: How many other local maxima to look for.
        covariance: Whether to reckon it.
        calibration: Of this decoder with this network, where it is known.
    """
    if not subjects:
        return ()
    decoded = decoder(
        torch.stack([each.answer for each in subjects]),
        other_peaks=other_peaks,
        covariance=covariance,
    )
    return tuple(
        _in_image(subject, calibration, *values)
        for subject, *values in zip(
            subjects,
            _float64(decoded.cells),
            _float64(decoded.scores.clamp(0, 1)),
            _float64(decoded.covariance),
            _float64(decoded.other_peaks),
            strict=True,
        )
    )


def _float64(values: Tensor) -> Float[np.ndarray, "..."]:
    return values.cpu().numpy().astype(np.float64)


def _in_image(
    subject: SubjectHeatmaps,
    calibration: Calibration | None,
    cells: Float[np.ndarray, "K 2"],
    scores: Float[np.ndarray, " K"],
    covariance: Float[np.ndarray, "K 2 2"],
    other_peaks: Float[np.ndarray, "K P 3"],
) -> SubjectKeypoints:
    placement = subject.cell_to_image
    linear = placement.matrix[:, :2]
    peaks = np.concatenate([placement.apply(other_peaks[..., :2]), other_peaks[..., 2:]], axis=-1)
    in_image = linear @ covariance @ linear.T
    return SubjectKeypoints(
        placement.apply(cells),
        scores,
        subject.box,
        subject.score,
        in_image if calibration is None else calibration.apply(in_image),
        peaks,
    )


def choose_device(device: str = "auto") -> str:
    """The device of that name; "auto" is a GPU where there is one.

    Raises:
        UserProblem: There is no such device here.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UserProblem(
            f"There is no device “{device}” here.", "Choose “auto” or “cpu”."
        ) from error
    return device
