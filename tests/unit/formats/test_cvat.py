from dataclasses import replace

import numpy as np
import pytest
from labelled_data import (
    TRIPLE,
    assert_refused,
    assert_written_whole,
    draw,
    draw_dataset,
    draw_tagged_dataset,
    predictions_of,
    with_track,
)

from kpstudio import formats
from kpstudio.core.errors import UserProblem
from kpstudio.core.geometry import Box
from kpstudio.core.skeleton import Skeleton

PAIR = Skeleton("pair", ("snout", "tail"), category="newt")
META = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><id>7</id><labels>
<label><name>newt</name><color>#fff</color><type>skeleton</type><attributes/>
<svg>&lt;line x1="1" y1="2" x2="3" y2="4" data-type="edge" data-node-from="1" data-node-to="2"&gt;
&lt;circle r="0.75" cx="1" cy="2" data-type="element node" data-node-id="1"
 data-label-name="snout"&gt;&lt;circle data-node-id="2" data-label-name="tail"&gt;</svg></label>
<label><name>snout</name><type>points</type><parent>newt</parent></label>
<label><name>tail</name><type>points</type><parent>newt</parent></label>
<label><name>pond</name><type>polygon</type></label>
</labels><original_size><width>640</width><height>480</height></original_size></task></meta>
"""
SKELETON = """<skeleton label="newt" source="manual" z_order="0">
<points label="tail" source="manual" outside="0" occluded="1" points="7.00,11.50"></points>
<points label="snout" source="manual" outside="0" occluded="0" points="1.50,2.25"></points>
<attribute name="sex">male</attribute></skeleton>"""


def cvat(folder, *elements, image='name="a.png" width="31" height="17"'):
    path = folder / "annotations.xml"
    path.write_text(f'{META}<image id="0" {image}>{"".join(elements)}</image></annotations>')
    return path


def test_skeletons_are_read_with_their_flags_and_attributes(tmp_path):
    draw(tmp_path / "images" / "a.png")
    out = SKELETON.replace('outside="0" occluded="1"', 'outside="1" occluded="1"')
    path = cvat(
        tmp_path,
        SKELETON,
        out,
        '<tag label="night"/><polygon label="pond" points="1,2;3,4;5,6"/>',
        image='name="a.png" subset="Validation" width="31" height="17"',
    )
    assert formats.detect_format(path) == "cvat"
    dataset = formats.read(path, PAIR)
    (image,) = dataset.images
    assert image.path == tmp_path / "images" / "a.png"
    assert (image.split, image.tags) == ("val", ("night",))
    first, second = dataset.annotations
    np.testing.assert_array_equal(first.xy, [[1, 1.75], [6.5, 11]])
    assert (first.visibility.tolist(), second.visibility.tolist()) == ([2, 1], [2, 0])
    assert first.extra == '{"attributes":{"sex":"male"}}'
    skeleton = formats.read_skeleton_of(path)
    assert (skeleton.keypoints, skeleton.edges) == (PAIR.keypoints, ((0, 1),))
    assert skeleton.category == "newt"


def point(label, points, group=""):
    group = f' group_id="{group}"' if group else ""
    return f'<points label="{label}" occluded="0" points="{points}"{group}/>'


def test_points_of_a_group_are_one_subject_with_their_box(tmp_path):
    box = '<box label="newt" xtl="0.5" ytl="1" xbr="13.5" ybr="15" group_id="2" occluded="0"/>'
    path = cvat(
        tmp_path,
        point("snout", "1,2", "1"),
        point("snout", "3,5", "2"),
        point("tail", "7,11", "1"),
        box,
        box.replace('group_id="2" ', ""),
    )
    first, second, third = formats.read(path, PAIR).annotations
    assert first.xy.tolist() == [[0.5, 1.5], [6.5, 10.5]]
    assert first.box is None
    assert (second.visibility.tolist(), second.box) == ([2, 0], Box(0, 0.5, 13, 14))
    assert (third.visibility.tolist(), third.box) == ([0, 0], Box(0, 0.5, 13, 14))


def test_one_shape_of_as_many_points_is_a_subject(tmp_path):
    (subject,) = formats.read(cvat(tmp_path, point("newt", "1,2;3,5")), PAIR).annotations
    assert subject.xy.tolist() == [[0.5, 1.5], [2.5, 4.5]]


def test_tracks_of_a_video_are_read_with_the_files_of_its_frames(tmp_path):
    draw(tmp_path / "images" / "frame_000041.PNG")
    shapes = "".join(
        SKELETON.replace("<skeleton ", f'<skeleton frame="{frame}" keyframe="1" ')
        for frame in (5, 41)
    )
    path = tmp_path / "annotations.xml"
    path.write_text(f'{META}<track id="3" label="newt">{shapes}</track></annotations>')
    dataset = formats.read(path, PAIR)
    assert [image.path.name for image in dataset.images] == ["frame_000005.png", "frame_000041.PNG"]
    assert dataset.images[1].path.is_file()
    assert (dataset.images[0].width, dataset.images[0].height) == (640, 480)
    assert [each.track for each in dataset.annotations] == ["3", "3"]
    loose = "".join(
        f'<track id="{n}" label="{label}" group_id="9"><points frame="5" outside="0" occluded="0"'
        f' points="{n},2"/></track>'
        for n, label in enumerate(PAIR.keypoints)
    )
    path.write_text(f"{META}{loose}</annotations>")
    (subject,) = formats.read(path, PAIR).annotations
    assert subject.xy.tolist() == [[-0.5, 1.5], [0.5, 1.5]]


def test_what_is_written_is_read_back(tmp_path):
    dataset = with_track(draw_tagged_dataset(tmp_path / "frames"), "7")
    *others, only_box = dataset.annotations
    only_box = replace(only_box, extra='{"attributes":{"age":3}}')
    dataset = replace(dataset, annotations=(*others, only_box))
    back = assert_written_whole(dataset, tmp_path / "out.xml", format="cvat")
    assert [each.split for each in back.images] == ["train", "val"]
    assert [each.track for each in back.annotations] == ["7", "", "", ""]
    assert back.annotations[3].extra == '{"attributes":{"age":"3"}}'
    skeleton = formats.read_skeleton_of(tmp_path / "out.xml")
    assert (skeleton.keypoints, skeleton.edges) == (TRIPLE.keypoints, TRIPLE.edges)


def test_attributes_of_keypoints_are_written_again(tmp_path):
    inner = '<attribute name="sure">no</attribute></points>'
    path = cvat(tmp_path, SKELETON.replace("</points>", inner, 1))
    dataset = formats.read(path, PAIR)
    formats.write(dataset, tmp_path / "out.xml", format="cvat")
    assert formats.read(tmp_path / "out.xml", PAIR).annotations[0].extra == (
        '{"attributes":{"sex":"male"},"keypoint_attributes":{"tail":{"sure":"no"}}}'
    )


def test_fields_of_another_program_are_said_to_be_lost(tmp_path):
    dataset = draw_dataset(tmp_path)
    extras = ('{"id":3,"area":5}', '{"id":5,"segmentation":[]}', '{"attributes":{"a":"b"}}')
    annotations = tuple(
        replace(each, extra=extra) for each, extra in zip(dataset.annotations, extras, strict=True)
    )
    strange = replace(dataset, annotations=annotations)
    lost = "subjects have fields of another program that are not written."
    receipt = formats.write(strange, tmp_path / "out.xml", format="cvat")
    assert receipt.notes == (f"1 {lost}",)
    receipt = formats.write(strange, tmp_path / "out.json", format="label_studio")
    assert receipt.notes == (f"2 {lost}",)


def test_predictions_are_marked_as_automatic(tmp_path):
    dataset = draw_dataset(tmp_path)
    found = predictions_of(dataset)
    receipt = formats.write(dataset, tmp_path / "out.xml", format="cvat", predictions=found)
    assert (receipt.images, receipt.annotations) == (3, 1)
    assert receipt.notes == ("1 predicted subjects are written without their scores.",)
    assert 'source="auto"' in (tmp_path / "out.xml").read_text()


def test_frames_of_videos_are_left_out_with_a_note(tmp_path):
    dataset = draw_dataset(tmp_path)
    first, *others = dataset.images
    mixed = replace(dataset, images=(replace(first, frame=41), *others))
    receipt = formats.write(mixed, tmp_path / "out.xml", format="cvat")
    assert (receipt.images, receipt.annotations) == (1, 1)
    assert receipt.notes[0].startswith("1 frames of videos were left out")
    alone = replace(mixed, annotations=dataset.annotations[:2])
    with pytest.raises(UserProblem, match="All labelled images are frames of videos"):
        formats.write(alone, tmp_path / "out.xml", format="cvat")


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        (point("snout", "1,2") * 2, "image a.png: there are several points “snout”"),
        (point("snout", "1;2"), "the points “1;2” of “snout” are not x,y"),
        (point("snout", "1,2;3,4"), "the shape “snout” has 2 points"),
        (SKELETON.replace('label="tail"', 'label="paw"'), "“paw” is not in the skeleton"),
        ('<box label="newt" xtl="a" ytl="1" xbr="2" ybr="3"/>', "xtl of <box> is “a”"),
        ("<points", "is not XML of CVAT"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path, elements, words):
    path = cvat(tmp_path, elements)
    assert_refused(lambda: formats.read(path, PAIR), words)


def test_a_file_that_is_no_list_of_annotations_is_refused(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text("<annotation/>")
    assert "cvat" not in [name for name, each in formats.FORMATS.items() if each.recognises(path)]
    with pytest.raises(UserProblem, match="begins with <annotation>"):
        formats.read(path, PAIR, format="cvat")
    path.write_text('<!DOCTYPE a [<!ENTITY b "c">]><annotations/>')
    with pytest.raises(UserProblem, match="entities"):
        formats.read(path, PAIR, format="cvat")
