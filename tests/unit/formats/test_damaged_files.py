"""Files that end too early: wherever that is, the answer is in words, or the whole content."""

import numpy as np
import pytest

from kpstudio import formats
from kpstudio.core.annotation import Annotation
from kpstudio.core.dataset import Dataset, Image
from kpstudio.core.errors import UserProblem
from kpstudio.core.skeleton import Skeleton

TRIPLE = Skeleton("triple", ("a", "b", "c"), edges=((0, 1),))
CUTS = 23


@pytest.mark.parametrize(("format", "suffix"), [("sleap", ".slp"), ("parquet", ".parquet")])
def test_a_file_cut_anywhere_is_refused_in_words(tmp_path, format, suffix):
    path = tmp_path / f"labels{suffix}"
    xy = np.arange(6.0).reshape(3, 2)
    images = tuple(Image(number, tmp_path / "film.mp4", frame=number) for number in range(5))
    labels = tuple(Annotation(str(n), n, xy + n, np.array([2, 1, 2])) for n in range(5))
    formats.write(Dataset(TRIPLE, images, labels), path, format=format)
    whole = path.read_bytes()
    assert len(formats.read(path, TRIPLE).annotations) == 5
    for cut in np.linspace(0, len(whole), CUTS, endpoint=False).astype(int):
        path.write_bytes(whole[:cut])
        with pytest.raises(UserProblem, match=path.name):
            formats.read(path, TRIPLE, format=format)
        assert not formats.FORMATS["deepposekit"].recognises(path)
