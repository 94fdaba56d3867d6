import pytest

from kpstudio.core.errors import UserProblem
from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import (
    DECODERS,
    HeadTraining,
    decoders_for,
    describe_decoders,
    make_decoder,
)


def test_decoders_describe_themselves_and_their_parameters():
    described = {each.name: each for each in describe_decoders()}
    assert list(described) == list(DECODERS)
    temperature = described["dsnt"].parameters[0]
    assert (temperature.default, temperature.minimum, temperature.maximum) == (20, 0.1, 100)
    assert all(each.title and each.help and each.source for each in described.values())
    assert all(parameter.help for each in described.values() for parameter in each.parameters)


def test_decoders_cannot_be_changed():
    for name in DECODERS:
        decoder = make_decoder(DecoderChoice(name))
        assert decoder == make_decoder(DecoderChoice(name))
        assert hash(decoder) == hash(make_decoder(DecoderChoice(name)))


def test_unknown_decoders_and_parameters_are_refused():
    with pytest.raises(UserProblem, match="darc"):
        make_decoder(DecoderChoice("darc"))
    with pytest.raises(UserProblem, match="out of range"):
        make_decoder(DecoderChoice("dsnt", {"temperature": 0.0}))


def test_parameters_that_nobody_set_follow_the_head():
    head = HeadTraining(sigma=1.5)
    for name in ("dark", "dark_udp", "gaussian_fit"):
        assert make_decoder(DecoderChoice(name), head).sigma == 1.5
        assert make_decoder(DecoderChoice(name, {"sigma": 3.0}), head).sigma == 3.0
    assert make_decoder(DecoderChoice("local_soft_argmax"), head).radius == 4
    assert make_decoder(DecoderChoice("dsnt"), head).temperature == 20.0
    through = make_decoder(DecoderChoice("dsnt"), HeadTraining(loss="dsnt", temperature=7.0))
    assert (through.temperature, through.is_probability) == (7.0, 1)
    assert make_decoder(DecoderChoice("awr"), HeadTraining(loss="awr", kernel=1.0)).kernel == 1.0


def test_decoders_are_offered_for_what_the_head_gives():
    assert decoders_for(HeadTraining(loss="awr")) == ("awr",)
    assert decoders_for(HeadTraining(loss="regression")) == ("regression",)
    assert len(decoders_for(HeadTraining())) == 7
    assert decoders_for(HeadTraining(loss="dsnt")) == decoders_for(HeadTraining())
