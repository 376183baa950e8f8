"""Every message has its translation in every language, none is left over, and the compiled form is current."""

import pytest
from scripts import messages

MODULE = """
_("One")
gettext_lazy("Two %(name)s") % {"name": name}
translation.pgettext("queue", "Open")
ngettext("%(n)s day", "%(n)s days", n)
npgettext("left", "%(n)s day", "%(n)s days", n)
noop("Three")
Problem("no_amount", "Give an amount.")
Problem("An old pair.", "旧式")
gettext(table[code])
"""
PAGE = """
{% load i18n %}{% translate "One" %} {% translate "Open" context "queue" %}
{% blocktranslate trimmed with name=person.name %}
  Two {{ name }}, 5 % off
{% endblocktranslate %}
{% blocktranslate trimmed count n=days %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}
"""
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def test_every_message_is_translated_and_none_is_left_over():
    assert messages.check() == []


def test_the_messages_of_a_module_are_found():
    assert list(messages.in_python(MODULE)) == [
        ("", "One", ""),
        ("queue", "Open", ""),
        ("", "%(n)s day", "%(n)s days"),
        ("left", "%(n)s day", "%(n)s days"),
        ("", "Three", ""),
        ("", "Give an amount.", ""),
        ("", "Two %(name)s", ""),
    ]


def test_the_messages_of_a_template_are_found():
    assert list(messages.in_template(PAGE)) == [
        ("", "One", ""),
        ("queue", "Open", ""),
        ("", "Two %(name)s, 5 %% off", ""),
        ("", "%(n)s day", "%(n)s days"),
    ]


def test_the_messages_of_a_script_are_found():
    script = (
        'say(gettext("event %(number)s has no \\"proof\\"", { number })); nogettext("x"); gettext(other);'
    )
    assert list(messages.in_script(script)) == [("", 'event %(number)s has no "proof"', "")]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a language's file with these entries and says what is wrong with it."""
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)

    def write(entries: str, source: list[messages.Key]) -> list[str]:
        path.write_text(HEAD + entries, "utf-8")
        messages.compile_to(path.with_suffix(".mo"), messages.catalogue(path))
        return messages.mistakes(path, dict.fromkeys(source, "page.html"))

    return write


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("", "is missing"),
        ('msgid "Two %(name)s"\nmsgstr ""\n', "has no translation"),
        ('#, fuzzy\nmsgid "Two %(name)s"\nmsgstr "%(name)s 二"\n', "fuzzy"),
        ('msgid "Two %(name)s"\nmsgstr "二 %(other)s"\n', "named values"),
        ('msgid "Two %(name)s"\nmsgstr "二"\n', "named values"),
        ('msgid "Two %(name)s"\nmsgstr "<b>%(name)s</b> 二"\n', "tags"),
        ('msgid "Two %(name)s"\nmsgstr "%(name)s 二"\n\nmsgid "One"\nmsgstr "一"\n', "is not used"),
    ],
)
def test_a_wrong_entry_is_found(written, entries, said):
    (found,) = written(entries, [("", "Two %(name)s", "")])
    assert said in found


def test_a_compiled_form_of_another_file_is_found(written, tmp_path):
    entry = 'msgid "One"\nmsgstr "一"\n'
    assert written(entry, [("", "One", "")]) == []
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.write_text(HEAD + entry.replace("一", "壹"), "utf-8")
    (found,) = messages.mistakes(path, {("", "One", ""): "page.html"})
    assert "not made from its .po" in found


def test_merging_keeps_translations_and_writes_the_same_bytes_again(tmp_path):
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + 'msgid "One"\nmsgstr "一"\n\nmsgid "Old"\nmsgstr "旧"\n', "utf-8")
    keys = [("", "Two", ""), ("", "One", ""), ("", "%(n)s day", "%(n)s days")]
    messages.write(path, messages.merged(messages.catalogue(path), keys))
    first = path.read_bytes(), path.with_suffix(".mo").read_bytes()
    found = {messages.key_of(each): each.string for each in messages.catalogue(path) if each.id}
    assert found == {("", "One", ""): "一", ("", "Two", ""): "", ("", "%(n)s day", "%(n)s days"): ("",)}
    messages.write(path, messages.merged(messages.catalogue(path), reversed(keys)))
    assert (path.read_bytes(), path.with_suffix(".mo").read_bytes()) == first
    assert b"2026" not in first[0]


def test_the_made_up_language_keeps_values_and_tags_and_no_plain_letter():
    made = messages.made_up('Pay <b class="num">%(amount)s</b> by %(day)s')
    assert '<b class="num">%(amount)s</b>' in made
    assert "%(day)s" in made
    assert not any(word in made for word in ("Pay", "by"))
