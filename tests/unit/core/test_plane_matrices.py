"""Closed forms say what the general routines say."""

import numpy as np

from kpstudio.core.plane_matrices import (
    determinants,
    diagonal_blocks,
    inverses,
    made_positive,
    products,
    squared_lengths,
    traces,
)

RANDOM = np.random.default_rng(11)
MATRICES = RANDOM.normal(size=(5, 3, 2, 2))
VECTORS = RANDOM.normal(size=(5, 3, 2))


def test_closed_forms_agree_with_the_general_routines():
    np.testing.assert_allclose(determinants(MATRICES), np.linalg.det(MATRICES))
    np.testing.assert_allclose(inverses(MATRICES), np.linalg.inv(MATRICES))
    np.testing.assert_allclose(traces(MATRICES), np.trace(MATRICES, axis1=2, axis2=3))
    product = (MATRICES @ VECTORS[..., None])[..., 0]
    np.testing.assert_allclose(products(MATRICES, VECTORS), product)
    np.testing.assert_allclose(squared_lengths(VECTORS, MATRICES), (VECTORS * product).sum(axis=2))


def test_the_blocks_on_the_diagonal_are_found():
    matrix = RANDOM.normal(size=(14, 14))
    blocks = diagonal_blocks(matrix)
    assert blocks.shape == (7, 2, 2)
    for index, block in enumerate(blocks):
        at = slice(2 * index, 2 * index + 2)
        assert np.array_equal(block, matrix[at, at])


def test_a_matrix_is_made_positive_and_otherwise_left_alone():
    symmetric = MATRICES + MATRICES.swapaxes(2, 3)
    positive = made_positive(symmetric, least=0.1)
    before = np.linalg.eigvalsh(symmetric)[..., 0]
    after = np.linalg.eigvalsh(positive)[..., 0]
    np.testing.assert_allclose(after, np.maximum(before, 0.1))
    assert np.array_equal(positive[before > 0.1], symmetric[before > 0.1])
    assert (before > 0.1).any()
    assert (before < 0.1).any()
