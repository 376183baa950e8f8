"""What is served compressed is what its source says."""

import gzip

from scripts.compress_static import sources


def test_each_vendored_file_has_its_compressed_form():
    for path in sources():
        packed = path.with_name(path.name + ".gz")
        assert packed.is_file(), f"{path.name}: run scripts/compress_static.py"
        assert gzip.decompress(packed.read_bytes()) == path.read_bytes(), (
            f"{path.name}: run scripts/compress_static.py"
        )
        assert packed.stat().st_size < path.stat().st_size / 2


def test_the_first_page_of_the_desk_is_small_to_load():
    """The files every page of the desk loads, as they are transferred; charts come only where they show."""
    always = ("tabler.min.css", "tabler.min.js", "tabler-icons.svg")
    packed = sum(
        (path.with_name(path.name + ".gz")).stat().st_size for path in sources() if path.name in always
    )
    static = sources()[0].parents[1]
    own = sum(
        (static / name).stat().st_size for name in ("desk.css", "desk.js", "theme.js", "fonts/fonts.css")
    )
    assert packed + own < 200_000
