"""The reader's language, and texts of ours in it."""

from django.utils.translation import get_language, gettext, override


def is_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "zh").startswith("zh")


def label(text: object) -> str:
    """A text of ours in the reader's language: a lazy message, a message id, or a pair as (Chinese, English)."""
    if isinstance(text, tuple):
        return text[0 if is_chinese() else 1]
    return gettext(text) if isinstance(text, str) else str(text)


def pair_of(text: object) -> tuple[str, str]:
    """A text of ours as (Chinese, English), for papers whose language is not the reader's."""
    with override("zh-hans"):
        chinese = label(text)
    with override("en"):
        return chinese, label(text)
