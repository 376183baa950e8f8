"""Goal: a rule that read a file and found nothing doesn't read it again, and a change of anything has it read."""

from pathlib import Path

import pytest

from tests.tidy import kept


@pytest.fixture
def read(tmp_path, monkeypatch):
    """A rule against the word `bad`, in a folder of its own; the paths that it has read."""
    monkeypatch.setattr(kept, "KEPT", tmp_path / "clean")
    seen: list[str] = []

    def rule(pages):
        seen.extend(pages)
        return [path for path, text in pages.items() if "bad" in text]

    source = tmp_path / "rule.py"
    source.write_text("bad", "utf-8")

    def ask(pages: dict[str, str], *, of: str = "bad") -> tuple[list[str], list[str]]:
        source.write_text(of, "utf-8")
        seen.clear()
        return kept.unclean(rule, pages, Path(source)), list(seen)

    return ask


def test_a_clean_file_is_read_once(read):
    pages = {"a": "good", "b": "good"}
    assert read(pages) == ([], ["a", "b"])
    assert read(pages) == ([], [])


def test_a_changed_a_moved_and_a_new_file_are_read(read):
    read({"a": "good", "b": "good"})
    assert read({"a": "good", "b": "bad"}) == (["b"], ["b"])
    assert read({"a": "good", "c": "good"}) == ([], ["c"])


def test_what_was_found_is_found_again(read):
    assert read({"a": "bad"}) == read({"a": "bad"}) == (["a"], ["a"])


def test_another_rule_reads_all(read):
    read({"a": "good"})
    assert read({"a": "good"}, of="worse") == ([], ["a"])
