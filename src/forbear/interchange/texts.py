"""The files of a home that say what is written to people and which way it goes: templates and channels.yaml."""

from functools import lru_cache
from pathlib import Path

from forbear.core.template import Templates, parse_templates
from forbear.interchange.home import Home, read_text


def templates(home: Home) -> Templates:
    """The approved texts of the home; ContentError or HomeError when they can't be used."""
    try:
        stamp = home.templates.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _templates(home.templates, stamp)


@lru_cache(maxsize=8)
def _templates(path: Path, stamp: int) -> Templates:
    return parse_templates(read_text(path), str(path))


def channels_text(home: Home, otherwise: str) -> tuple[str, str]:
    """The text of channels.yaml and what to call it in messages; `otherwise` where the home has none."""
    path = home.folder / "channels.yaml"
    return (read_text(path), str(path)) if path.is_file() else (otherwise, "channels.yaml (the default)")
