import pytest
from msgspec.structs import replace

from kpstudio.core.edit import SkeletonChange
from kpstudio.core.errors import UserProblem
from kpstudio.core.resources import resource_path
from kpstudio.core.skeleton import Skeleton, read_skeleton
from kpstudio.core.skeleton_draft import SkeletonDraft

RAT = Skeleton(
    name="rat5",
    keypoints=("snout", "leftear", "rightear", "neck", "tail"),
    edges=((0, 3), (3, 4)),
    flip_pairs=((1, 2),),
    category="rat",
    sigmas=(0.02, 0.03, 0.03, 0.05, 0.07),
    colours=("#ff0000", "", "", "", ""),
)


@pytest.mark.parametrize(
    "skeleton",
    [RAT, *map(read_skeleton, sorted(resource_path("skeletons").glob("*.json")))],
    ids=lambda each: each.name,
)
def test_a_draft_that_is_left_alone_is_its_skeleton(skeleton):
    assert SkeletonDraft.of(skeleton).skeleton() == skeleton
    assert SkeletonDraft.of(skeleton).renamed() == {}


def test_edges_and_pairs_go_along_with_their_keypoints():
    draft = SkeletonDraft.of(RAT).with_moved({3, 4}, 0).with_keypoint(1, name="ear")
    made = draft.skeleton()
    assert made.keypoints == ("neck", "tail", "snout", "ear", "rightear")
    assert made.edges == ((2, 0), (0, 1))
    assert made.flip_pairs == ((3, 4),)
    assert made.sigmas == (0.05, 0.07, 0.02, 0.03, 0.03)
    assert made.colours == ("", "", "#ff0000", "", "")
    assert draft.renamed() == {"leftear": "ear"}


def test_a_removed_keypoint_takes_its_edges_and_its_pair_along():
    made = SkeletonDraft.of(RAT).without({2, 3}).skeleton()
    assert made.keypoints == ("snout", "leftear", "tail")
    assert made.edges == made.flip_pairs == ()


def test_a_new_keypoint_has_a_name_and_key_of_its_own():
    draft, key = SkeletonDraft.of(
        replace(RAT, keypoints=(*RAT.keypoints[:4], "keypoint_6"))
    ).with_added(2)
    assert key == 5
    assert draft.index(key) == 2
    assert draft.keypoint(key).name == "keypoint_7"
    assert draft.skeleton().sigmas[2] == 0.05
    assert draft.skeleton().edges == ((0, 4), (4, 5))


def test_an_edge_comes_and_goes_in_either_direction():
    draft = SkeletonDraft.of(RAT)
    assert draft.with_edge_toggled(4, 3).edges == ((0, 3),)
    assert draft.with_edge_toggled(4, 0).edges == ((0, 3), (3, 4), (4, 0))


@pytest.mark.parametrize(
    ("key", "partner", "pairs"),
    [
        (1, None, ()),
        (1, 2, ((1, 2),)),
        # What its name says decides, and then on which side it was before.
        (3, 1, ((1, 3),)),
        (1, 3, ((1, 3),)),
        (0, 2, ((0, 2),)),
        (2, 0, ((0, 2),)),
        (0, 4, ((1, 2), (0, 4))),
    ],
)
def test_a_partner_is_that_of_one_keypoint_only(key, partner, pairs):
    assert SkeletonDraft.of(RAT).with_partner(key, partner).flip_pairs == pairs


def test_left_and_right_of_a_pair_can_be_exchanged():
    assert SkeletonDraft.of(RAT).with_sides_swapped(2).flip_pairs == ((2, 1),)


def test_pairs_are_found_by_name():
    names = ("R_Hip", "nose", "LeftEar", "L_Hip", "lip", "RightEar", "paw_l", "paw_r", "left")
    found = SkeletonDraft.of(Skeleton("x", names)).with_pairs_by_name()
    assert set(found.flip_pairs) == {(2, 5), (3, 0), (6, 7)}
    person = read_skeleton(resource_path("skeletons", "person17.json"))
    again = SkeletonDraft.of(replace(person, flip_pairs=())).with_pairs_by_name()
    assert set(again.flip_pairs) == set(person.flip_pairs)


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        (SkeletonDraft("a"), "no keypoint yet"),
        (SkeletonDraft.of(RAT).with_keypoint(2, name=""), "Keypoint 3 has no name"),
        (SkeletonDraft.of(RAT).with_keypoint(4, name="snout"), "1 and 5 are both called “snout”"),
        (SkeletonDraft.of(replace(RAT, name="")), "skeleton has no name"),
        (SkeletonDraft.of(replace(RAT, category="")), "subject has no name"),
    ],
)
def test_a_draft_that_is_wrong_says_how(draft, says):
    with pytest.raises(UserProblem, match=says):
        draft.skeleton()


def test_a_change_knows_what_is_added_removed_and_where_the_others_are():
    draft = SkeletonDraft.of(RAT).without({1}).with_keypoint(0, name="leftear")
    draft, _ = draft.with_added()
    change = SkeletonChange(RAT, draft.skeleton(), draft.renamed())
    assert change.added == ("keypoint_5",)
    assert change.removed == ("leftear",)
    assert [change.index_after(k) for k in range(5)] == [0, None, 1, 2, 3]
    assert (change.inverse().added, change.inverse().removed) == (("leftear",), ("keypoint_5",))
