"""Merkle trees as in RFC 6962, section 2.1: one hash that stands for many lines in their order.

A leaf is SHA-256 of a zero byte and the line, an inner node SHA-256 of a one byte and its two children, so that
neither can be taken for the other. Where a level has an odd number of nodes the last one goes up unchanged.
Hashes are 32 bytes.
"""

import hashlib
from collections.abc import Sequence

#: The root of a tree without leaves.
EMPTY = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(line: bytes) -> bytes:
    """The leaf of a line."""
    return _sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return _sha256(b"\x01" + left + right).digest()


class MerkleBuilder:
    """The root of a tree whose leaves come one by one; it remembers one hash a level."""

    def __init__(self) -> None:
        self.count = 0
        self._full: list[bytes] = []  # roots of whole subtrees, the largest first

    def add(self, leaf: bytes) -> None:
        """Take in the next leaf."""
        size = self.count
        while size & 1:
            leaf = node_hash(self._full.pop(), leaf)
            size >>= 1
        self._full.append(leaf)
        self.count += 1

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._full:
            return EMPTY
        node = self._full[-1]
        for left in reversed(self._full[:-1]):
            node = node_hash(left, node)
        return node


class Tree:
    """All nodes over some leaves, for giving proofs."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [list(leaves)]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            above = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            self.levels.append(above + below[len(above) * 2 :])

    def root(self) -> bytes:
        """The root."""
        return self.levels[-1][0] if self.levels[-1] else EMPTY

    def path(self, index: int) -> bytes:
        """The proof of the leaf at `index`, from 0: the neighbours' hashes on each level, from below, in one."""
        assert 0 <= index < len(self.levels[0]), "a proof is of a leaf that is there"
        nodes = []
        for level in self.levels[:-1]:
            neighbour = index ^ 1
            if neighbour < len(level):
                nodes.append(level[neighbour])
            index >>= 1
        return b"".join(nodes)


class ProofVerifier:
    """Proofs of one tree, one after another: quicker where leaves are near one another.

    It remembers the last proof that held. Where the next one meets its way, the node must be the same, and so must
    the rest of the proof; nothing above need be hashed again.
    """

    def __init__(self, count: int, root: bytes) -> None:
        self.count, self.root = count, root
        self._index, self._path = 0, b""
        self._nodes: list[bytes] = []  # on the last way, by level
        self._left: list[int] = []  # bytes of the last proof above each level

    def proves(self, leaf: bytes, index: int, path: bytes) -> bool:
        """Whether `leaf` stands at `index` of the tree, by its proof."""
        if not 0 <= index < self.count:
            return False
        nodes, left = [], []
        last, other, place, at, level = self.count - 1, self._index, index, 0, 0
        while True:
            if self._nodes and place == other:
                above = self._left[level]
                if leaf != self._nodes[level] or path[at:] != self._path[len(self._path) - above :]:
                    return False
                nodes += self._nodes[level:]
                left += self._left[level:]
                break
            nodes.append(leaf)
            left.append(len(path) - at)
            if not last:
                break
            if place & 1:
                leaf = _sha256(b"\x01" + path[at : at + 32] + leaf).digest()
                at += 32
            elif place < last:
                leaf = _sha256(b"\x01" + leaf + path[at : at + 32]).digest()
                at += 32
            place, other, last, level = place >> 1, other >> 1, last >> 1, level + 1
        if nodes[-1] != self.root or left[-1] != 0:
            return False
        self._index, self._path, self._nodes, self._left = index, path, nodes, left
        return True
