"""Merkle trees: equal to RFC 6962's own definition, and a proof that proves nothing else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.merkle import (
    EMPTY,
    MerkleBuilder,
    ProofVerifier,
    Tree,
    leaf_hash,
    node_hash,
)

LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=40).map(
    lambda lines: [leaf_hash(one) for one in lines]
)


def defined(leaves: list[bytes]) -> bytes:
    """The tree's root as section 2.1 defines it: split at the largest power of two below the count."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:split]) + defined(leaves[split:])).digest()


# roots that others publish for the log of these eight lines, in its lengths 1 to 8
KNOWN_LINES = [
    bytes.fromhex(line)
    for line in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(1, 9))
def test_known_roots(count):
    assert Tree([leaf_hash(line) for line in KNOWN_LINES[:count]]).root().hex() == KNOWN_ROOTS[count - 1]


@given(LEAVES)
def test_every_way_to_the_root_is_the_definition(leaves):
    growing = MerkleBuilder()
    for place, leaf in enumerate(leaves):
        growing.add(leaf)
        assert growing.root() == defined(leaves[: place + 1])
    assert Tree(leaves).root() == defined(leaves)
    assert growing.count == len(leaves)


def test_a_tree_without_leaves():
    assert MerkleBuilder().root() == Tree([]).root() == EMPTY == defined([])


def holds(leaf: bytes, index: int, count: int, path: bytes, root: bytes) -> bool:
    """Whether a proof holds, asked of a verifier that has seen no other."""
    return ProofVerifier(count, root).proves(leaf, index, path)


@given(LEAVES)
def test_each_leaf_has_its_proof(leaves):
    tree = Tree(leaves)
    for index, leaf in enumerate(leaves):
        assert holds(leaf, index, len(leaves), tree.path(index), tree.root())


@given(st.integers(2, 40), st.data())
def test_a_proof_fits_no_other_leaf_place_or_length(count, data):
    leaves = [leaf_hash(b"%d" % number) for number in range(count)]
    tree, index = Tree(leaves), data.draw(st.integers(0, count - 1))
    path, root = tree.path(index), tree.root()
    other = data.draw(st.integers(0, count - 1).filter(lambda each: each != index))
    assert not holds(leaves[other], index, count, path, root)
    assert not holds(leaves[index], other, count, path, root)
    for wrong in (path + root, path[:-32], path[:-1], path + b"x", b""):
        assert not holds(leaves[index], index, count, wrong, root)
    at = data.draw(st.integers(0, len(path) - 1))
    turned = path[:at] + bytes([path[at] ^ 1]) + path[at + 1 :]
    assert not holds(leaves[index], index, count, turned, root)
    assert not holds(leaves[index], -1, count, path, root)
    assert not holds(leaves[index], count, count, path, root)


@given(st.integers(1, 40), st.data())
def test_proofs_one_after_another_are_judged_like_each_by_itself(count, data):
    """Right ones and wrong ones in any order: a wrong one leaves no trace in what comes after it."""
    leaves = [leaf_hash(b"%d" % number) for number in range(count)]
    tree = Tree(leaves)
    climber = ProofVerifier(count, tree.root())
    for _ in range(data.draw(st.integers(1, 12))):
        index = data.draw(st.integers(0, count - 1))
        leaf, path = leaves[index], tree.path(index)
        change = data.draw(st.sampled_from(("none", "none", "leaf", "place", "bit", "longer", "shorter")))
        if change == "leaf":
            leaf = leaf_hash(b"another")
        elif change == "place":
            index = data.draw(st.integers(-1, count))
        elif change == "bit" and path:
            at = data.draw(st.integers(0, len(path) - 1))
            path = path[:at] + bytes([path[at] ^ 4]) + path[at + 1 :]
        elif change == "longer":
            path += leaf_hash(b"more")
        elif change == "shorter":
            path = path[: data.draw(st.integers(0, len(path)))]
        assert climber.proves(leaf, index, path) == holds(leaf, index, count, path, tree.root())


def test_a_leaf_is_never_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
