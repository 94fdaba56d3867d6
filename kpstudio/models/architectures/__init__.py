"""The published architectures of the field, under the names of their published weights."""

from kpstudio.models.architectures.architecture import Architecture
from kpstudio.models.architectures.awr_hourglass import AwrHourglass
from kpstudio.models.architectures.awr_resnet import AwrResNet
from kpstudio.models.architectures.face_hourglass import FaceHourglass
from kpstudio.models.architectures.fan import Fan
from kpstudio.models.architectures.hrnet import HrNet
from kpstudio.models.architectures.pyranet import PyraNet
from kpstudio.models.architectures.simple_baseline import SimpleBaseline
from kpstudio.models.architectures.stacked_hourglass import StackedHourglass
from kpstudio.models.architectures.unet_small import UNetSmall
from kpstudio.models.architectures.vit_pose import VitPose

__all__ = [
    "Architecture",
    "AwrHourglass",
    "AwrResNet",
    "FaceHourglass",
    "Fan",
    "HrNet",
    "PyraNet",
    "SimpleBaseline",
    "StackedHourglass",
    "UNetSmall",
    "VitPose",
]
