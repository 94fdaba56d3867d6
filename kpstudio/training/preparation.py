"""What a training begins with: its network, its samples, and its learner."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from kpstudio.core.dataset import Dataset
from kpstudio.core.messages import TrainingSettings
from kpstudio.models.checkpoint import Checkpoint
from kpstudio.models.framing import Framing
from kpstudio.models.heads import HEADS, Head
from kpstudio.models.keypoint_network import KeypointNetwork
from kpstudio.models.networks import make_network
from kpstudio.models.warm_start import load_by_name
from kpstudio.training.batches import Batches, batch_sizes
from kpstudio.training.learner import Learner
from kpstudio.training.progress import LastState
from kpstudio.training.samples import Samples, read_samples
from kpstudio.training.subjects import LARGEST_SIDE, FramingChoice
from kpstudio.training.team import Team

_LONG_MINUTES, _LONG_STEPS, _LARGEST_SIDE_OF_LONG = 5.0, 1500, 256


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is settled before the first image is read.

    Args:
        train: What to learn from.
        settings: How.
        team: The processes that do it.
        warm_start: The checkpoint to begin with, if any.
        last: The state to go on from, if any.
    """

    train: Dataset
    settings: TrainingSettings
    team: Team
    warm_start: Checkpoint | None = None
    last: LastState | None = None

    @property
    def head(self) -> Head:
        return HEADS[self.settings.head](self.settings.loss)

    def network(self) -> KeypointNetwork:
        """As it is before the first step."""
        settings, warm_start = self.settings, self.warm_start
        former = self.last.checkpoint if self.last is not None else warm_start
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            network = make_network(settings.network, {}).build(
                len(self.train.skeleton),
                head=self.head,
                look_format=former.info.look_format if former is not None else None,
                is_pretrained=former is None or not former.info.can_find,
                can_find=settings.view == "subject",
            )
        if warm_start is not None:
            load_by_name(network, warm_start, self.train.skeleton, head=self.head)
        return network

    def samples(self, network: KeypointNetwork, should_stop: Callable[[], bool]) -> Samples:
        """What it learns from; `should_stop` is asked before each image."""
        settings = self.settings
        is_whole = settings.view == "image"
        return read_samples(
            self.train,
            framing=self._former_framing(),
            choice=FramingChoice(
                network.size_multiple,
                is_whole,
                settings.input_size,
                LARGEST_SIDE if self._is_short() else _LARGEST_SIDE_OF_LONG,
            ),
            augmentation=settings.augmentation,
            budget=round(settings.memory_gb * (1 << 30)),
            should_stop=should_stop,
        )

    def _is_short(self) -> bool:
        """Larger inputs are more exact in the end, but learn less in the first minutes."""
        settings = self.settings
        if self.team.device != "cpu":
            return False
        if settings.steps is not None:
            return settings.steps < _LONG_STEPS
        return settings.minutes < _LONG_MINUTES

    def _former_framing(self) -> Framing | None:
        """The framing of what this goes on from, where it is right for these labels, too."""
        if self.last is not None:
            return self.last.checkpoint.info.framing
        settings = self.settings
        if self.warm_start is None or settings.input_size is not None:
            return None
        former = self.warm_start.info
        # Of other keypoints it does not know how large these subjects are.
        if former.skeleton.keypoints != self.train.skeleton.keypoints:
            return None
        # A model from elsewhere has not learned at the size that these labels need.
        is_ours = former.can_find or former.framing.is_whole_image
        is_same_view = former.framing.is_whole_image == (settings.view == "image")
        return former.framing if is_ours and is_same_view else None

    def learner(self, network: KeypointNetwork, samples: Samples) -> Learner:
        """What changes the network by the samples."""
        settings, team, head = self.settings, self.team, self.head
        look, find = batch_sizes(settings.batch, device=team.device, processes=team.part.count)
        batches = Batches(
            samples,
            self.train.skeleton,
            network,
            look_size=look,
            find_size=find,
            head=head,
            occluded_weight=settings.occluded_weight,
            seed=settings.seed,
            device=team.device,
            part=team.part,
        )
        return Learner(network, batches, head=head, team=team, optimizer=settings.optimizer)
