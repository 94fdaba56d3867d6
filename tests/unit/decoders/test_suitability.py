import pytest

from kpstudio.core.messages import DecoderChoice
from kpstudio.decoders import DECODERS, HeadTraining, decoders_for, make_decoder

HEADS = {
    "mse": HeadTraining(),
    "mse of sigma 5": HeadTraining(sigma=5.0),
    "dsnt": HeadTraining(loss="dsnt", temperature=20.0),
    "dsnt at 1": HeadTraining(loss="dsnt", temperature=1.0),
    "awr": HeadTraining(loss="awr", kernel=0.4),
    "awr at 1": HeadTraining(loss="awr", kernel=1.0),
    "regression": HeadTraining(loss="regression"),
}

FITS = {
    "argmax": {"mse": "usable", "mse of sigma 5": "usable"},
    "quarter_offset": {"mse": "usable", "mse of sigma 5": "usable"},
    "dark": {"mse": "fits", "mse of sigma 5": "usable"},
    "dark_udp": {"mse": "fits", "mse of sigma 5": "usable"},
    "local_soft_argmax": {"mse": "usable", "mse of sigma 5": "usable"},
    "gaussian_fit": {"mse": "fits", "mse of sigma 5": "usable"},
    "dsnt": {"mse": "usable", "mse of sigma 5": "usable", "dsnt": "fits", "dsnt at 1": "usable"},
    "awr": {"awr": "fits"},
    "regression": {"regression": "fits"},
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", list(DECODERS))
def test_each_decoder_says_whether_it_fits_each_head(name, head):
    advice = make_decoder(DecoderChoice(name)).advice(HEADS[head])
    assert advice.fit == FITS[name].get(head, "misleading")


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", list(DECODERS))
def test_each_advice_is_one_sentence(name, head):
    reason = make_decoder(DecoderChoice(name)).advice(HEADS[head]).reason
    assert reason[0].isupper()
    assert reason.endswith(".")
    assert ". " not in reason
    assert len(reason) < 200


@pytest.mark.parametrize("head", HEADS)
def test_some_decoder_fits_each_head_with_the_parameters_that_follow_from_it(head):
    training = HEADS[head]
    for name in decoders_for(training):
        made = make_decoder(DecoderChoice(name), training)
        if FITS[name].get(head.split(" ")[0]) == "fits":
            assert made.advice(training).fit == "fits"
    assert "fits" in {
        make_decoder(DecoderChoice(name), training).advice(training).fit
        for name in decoders_for(training)
    }


def test_a_low_temperature_misleads_on_gaussians_and_says_that_points_shrink():
    advice = make_decoder(DecoderChoice("dsnt", {"temperature": 1.0})).advice(HeadTraining())
    assert advice.fit == "misleading"
    assert "centre" in advice.reason


@pytest.mark.parametrize("name", ["dark", "dark_udp", "gaussian_fit", "local_soft_argmax"])
def test_another_sigma_of_the_head_is_named(name):
    advice = make_decoder(DecoderChoice(name)).advice(HeadTraining(sigma=5.0))
    assert "sigma 5" in advice.reason


def test_votes_of_another_kernel_are_named():
    assert "kernel 1" in make_decoder(DecoderChoice("awr")).advice(HEADS["awr at 1"]).reason
