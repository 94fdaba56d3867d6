"""The table of decoders."""

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice, DecoderDescription
from kpstudio.core.parameters import describe_parameters, make_with_parameters
from kpstudio.core.registry import Registry, help_of
from kpstudio.decoders.argmax import Argmax
from kpstudio.decoders.awr import Awr
from kpstudio.decoders.dark import Dark
from kpstudio.decoders.dark_udp import DarkUdp
from kpstudio.decoders.decoder import Decoder, HeadTraining
from kpstudio.decoders.dsnt import Dsnt
from kpstudio.decoders.gaussian_fit import GaussianFit
from kpstudio.decoders.local_soft_argmax import LocalSoftArgmax
from kpstudio.decoders.quarter_offset import QuarterOffset
from kpstudio.decoders.regression import Regression

DECODERS: Registry[type[Decoder]] = Registry(
    "decoder",
    {
        "argmax": Argmax,
        "quarter_offset": QuarterOffset,
        "dark": Dark,
        "dark_udp": DarkUdp,
        "local_soft_argmax": LocalSoftArgmax,
        "gaussian_fit": GaussianFit,
        "dsnt": Dsnt,
        "awr": Awr,
        "regression": Regression,
    },
    group="kpstudio.decoders",
)


def decoders_for(head_training: HeadTraining) -> tuple[str, ...]:
    """Names of the decoders that read what such a head gives."""
    return tuple(name for name, entry in DECODERS.items() if entry.takes == head_training.output)


def fitting_decoder(head_training: HeadTraining) -> str:
    """Name of the decoder that was made for such a head."""
    for name in decoders_for(head_training):
        decoder = make_decoder(DecoderChoice(name), head_training)
        if decoder.advice(head_training).fit == "fits":
            return name
    raise ValueError(f"no decoder fits {head_training}")


def make_decoder(choice: DecoderChoice, head_training: HeadTraining | None = None) -> Decoder:
    """The chosen decoder with its parameters.

    Args:
        choice: Name and the parameters that were set.
        head_training: Of the head behind the heatmaps, where it is known: parameters that were
            not set follow it instead of having their defaults.

    Raises:
        UserProblem: There is no such decoder or parameter, a value is out of range, or the decoder
            cannot read what the head gives.
    """
    entry = DECODERS[choice.name]
    if head_training is not None and entry.takes != head_training.output:
        raise UserProblem(
            f"{entry.title} reads {entry.takes}, and the model gives {head_training.output}.",
            f"Choose one of: {', '.join(decoders_for(head_training))}.",
        )
    suited = entry.parameters_for(head_training) if head_training is not None else {}
    return make_with_parameters(entry, {**suited, **choice.parameters})


def describe_decoders() -> tuple[DecoderDescription, ...]:
    """All decoders, as the studio builds its panel from them."""
    return tuple(
        DecoderDescription(
            name=name,
            title=entry.title,
            help=help_of(entry),
            source=entry.source,
            parameters=describe_parameters(entry),
        )
        for name, entry in DECODERS.items()
    )
