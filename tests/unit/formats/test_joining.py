from dataclasses import replace

from newts import draw_newts

from kpstudio.formats.joining import joined


def test_datasets_with_the_same_numbers_keep_their_images_apart(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = replace(draw_newts(tmp_path / "a"), folders=(tmp_path / "a",))
    two = replace(draw_newts(tmp_path / "b"), folders=(tmp_path / "b",))
    both = joined([one, two])
    assert [image.id for image in both.images] == list(range(1, 27))
    assert both.folders == (tmp_path / "a", tmp_path / "b")
    paths = {image.id: image.path for image in both.images}
    found = [paths[each.image_id] for each in both.annotations]
    assert found == [image.path for data in (one, two) for image in data.images]


def test_one_dataset_stays_as_it_is(tmp_path):
    data = draw_newts(tmp_path)
    assert joined([data]) is data
