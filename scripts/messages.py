"""The message catalogues: `python scripts/messages.py` extracts message ids, merges and compiles them.

Message ids are English sentences in the source. Each language has one file in `src/forbear/locale`, `django.po`,
and its compiled form beside it; both come with the package. Ids are found in

- Python: `gettext("...")`, `_`, `ngettext`, `pgettext`, `npgettext`, their lazy forms, `gettext_noop`, `noop`, and the
  second argument of `Problem("code", "...")`;
- templates: `{% translate %}`, `{% blocktranslate %}` and `_("...")`;
- scripts beside the templates: `gettext("...")`.

    python scripts/messages.py                  add new ids without a translation, drop unused ones, compile
    python scripts/messages.py --add FILE.po    the same, with the translations of another file for what has none
    python scripts/messages.py --new es         begin a language
    python scripts/messages.py --check          say what is missing, unused, fuzzy or has other named values; exit 1
    python scripts/messages.py --pseudo FOLDER  write a made-up language, for finding text outside the catalogue
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "forbear"
LOCALES = SOURCE / "locale"
#: Which arguments of a call are the context, the id and the id of the plural.
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "noop", "_"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
    "Problem": (None, 1, None),
}
CODE = re.compile(r"[a-z][a-z0-9_.]*")
TEXT = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL_IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\({TEXT}(?:,\s*{TEXT})?(?:,\s*{TEXT})?")
CALL_IN_SCRIPT = re.compile(r'\bgettext\(("(?:[^"\\]|\\.)*")')
NAMED = re.compile(r"%\(\w+\)[sd]")
TAG = re.compile(r"</?[a-z]+[^>]*>")
#: What a made-up translation must not change: named values, tags, entities, addresses.
UNCHANGED = re.compile(r"%\(\w+\)[sd]|%%|</?[a-z]+[^>]*>|&\w+;|\{\w*\}")
MADE_UP = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀŃÖÞɊŘŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļṁñöþɋřšţûṽŵẋýž",
)

#: A message: its context ("" for none), its id and the id of its plural ("" for none).
Key = tuple[str, str, str]


def in_python(text: str) -> Iterator[Key]:
    """The messages of a module."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in CALLS:
            continue
        found = [_text(node.args, place) for place in CALLS[name]]
        if name == "Problem" and not CODE.fullmatch(_text(node.args, 0) or ""):
            continue
        if None not in found and found[1]:
            yield (found[0], found[1], found[2])


def _text(arguments: list[ast.expr], place: int | None) -> str | None:
    """The literal text at a place; "" where the call has no such place, None where it is no literal."""
    if place is None:
        return ""
    if place >= len(arguments):
        return None
    node = arguments[place]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def in_template(text: str) -> Iterator[Key]:
    """The messages of a template."""
    for call in CALL_IN_TEMPLATE.finditer(templatize(text)):
        texts = [ast.literal_eval(each) for each in call.groups()[1:] if each]
        context, message, plural = CALLS[call[1]]
        yield (
            "" if context is None else texts[context],
            texts[message],
            "" if plural is None else texts[plural],
        )


def in_script(text: str) -> Iterator[Key]:
    """The messages of a script that a page brings with it."""
    for each in CALL_IN_SCRIPT.findall(text):
        yield ("", json.loads(each), "")


def extracted(folder: Path = SOURCE) -> dict[Key, str]:
    """Every message of the source with the first file it stands in."""
    found: dict[Key, str] = {}
    for path in sorted(folder.rglob("*")):
        reader = READERS.get(path.suffix)
        if reader is None or "vendor" in path.parts or "static" in path.parts:
            continue
        for key in reader(path.read_text("utf-8")):
            found.setdefault(key, path.relative_to(folder).as_posix())
    return found


READERS = {
    ".py": in_python,
    ".js": in_script,
    **dict.fromkeys((".html", ".txt", ".webmanifest"), in_template),
}


def key_of(message: Message) -> Key:
    """The key of a catalogue's entry."""
    one, many = message.id if isinstance(message.id, (list, tuple)) else (message.id, "")
    context = message.context or ""
    return (context.decode() if isinstance(context, bytes) else context, one, many)


def catalogue(path: Path) -> Catalog:
    """A language's file; empty where there is none yet."""
    language = path.parts[-3]
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def languages() -> list[Path]:
    """The files of all languages."""
    return sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))


def merged(old: Catalog, keys: Iterable[Key], more: Catalog | None = None) -> Catalog:
    """A catalogue of exactly these messages, with the translations there are in `old`, or else in `more`."""
    new = Catalog(locale=old.locale, charset="utf-8")
    translations = {}
    for source in (more, old):
        translations |= {key_of(each): each for each in source or () if each.id and any(_strings(each))}
    for context, one, many in keys:
        before = translations.get((context, one, many))
        new.add(
            (one, many) if many else one,
            before.string if before else (("",) * new.num_plurals if many else ""),
            context=context or None,
            user_comments=before.user_comments if before else (),
            flags=before.flags & {"fuzzy"} if before else (),
        )
    return new


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def write(path: Path, new: Catalog) -> None:
    """A language's file in a stable order, and its compiled form beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(
            'msgid ""\nmsgstr ""\n'
            '"MIME-Version: 1.0\\n"\n'
            '"Content-Type: text/plain; charset=utf-8\\n"\n'
            '"Content-Transfer-Encoding: 8bit\\n"\n'
            f'"Language: {new.locale}\\n"\n'
            f'"Plural-Forms: {new.plural_forms}\\n"\n\n'.encode()
        )
        write_po(file, new, omit_header=True, no_location=True, sort_output=True, width=100)
    compile_to(path.with_suffix(".mo"), new)


def compile_to(path: Path, new: Catalog) -> None:
    """The compiled form: what is translated, and nothing of when it was made."""
    compiled = Catalog(locale=new.locale, charset="utf-8")
    compiled.creation_date = compiled.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    for each in new:
        if each.id and all(_strings(each)) and not each.fuzzy:
            compiled.add(each.id, each.string, context=each.context)
    with path.open("wb") as file:
        write_mo(file, compiled)


def mistakes(path: Path, source: Mapping[Key, str]) -> list[str]:
    """What is wrong with a language's file, one sentence each."""
    name = path.relative_to(LOCALES).as_posix()
    found = {key_of(each): each for each in catalogue(path) if each.id}
    wrong = [f"{name}: {_short(key)} of {source[key]} is missing" for key in source if key not in found]
    for key, message in found.items():
        if key not in source:
            wrong.append(f"{name}: {_short(key)} is not used")
        elif not all(_strings(message)):
            wrong.append(f"{name}: {_short(key)} of {source[key]} has no translation")
        elif message.fuzzy:
            wrong.append(f"{name}: {_short(key)} is fuzzy; check it and take the mark away")
        else:
            wrong += [f"{name}: {_short(key)}: {each}" for each in _differences(key, message)]
    return wrong + _stale(path, found)


def _differences(key: Key, message: Message) -> Iterator[str]:
    """How a translation differs from its id in what must be the same."""
    source = key[2] or key[1]
    for text in _strings(message):
        for what, pattern in (("named values", NAMED), ("tags", TAG)):
            want, given = sorted(pattern.findall(source)), sorted(pattern.findall(text))
            if set(want) != set(given):
                yield f"the {what} are {', '.join(given) or 'none'} and should be {', '.join(want) or 'none'}"


def _stale(path: Path, found: Mapping[Key, Message]) -> list[str]:
    """Whether the compiled form is that of another file."""
    compiled = path.with_suffix(".mo")
    name = compiled.relative_to(LOCALES).as_posix()
    if not compiled.exists():
        return [f"{name} is missing; run scripts/messages.py"]
    with compiled.open("rb") as file:
        inside = {key_of(each): _strings(each) for each in read_mo(file) if each.id}
    current = {key: _strings(each) for key, each in found.items() if all(_strings(each)) and not each.fuzzy}
    return [] if inside == current else [f"{name} is not made from its .po; run scripts/messages.py"]


def _short(key: Key) -> str:
    text = key[1] if len(key[1]) <= 60 else f"{key[1][:57]}..."
    return f'"{text}"' + (f" ({key[0]})" if key[0] else "")


def check() -> list[str]:
    """What is wrong in any language; and a language that isn't there at all."""
    source = extracted()
    return [each for path in languages() for each in mistakes(path, source)] or (
        [] if languages() else ["there is no catalogue"]
    )


def made_up(text: str) -> str:
    """A sentence of the made-up language: no plain letter outside of named values and tags."""
    parts, end = [], 0
    for hit in UNCHANGED.finditer(text):
        parts += [text[end : hit.start()].translate(MADE_UP), hit[0]]
        end = hit.end()
    return "[!! " + "".join([*parts, text[end:].translate(MADE_UP)]) + " !!]"


def write_pseudo(folder: Path, language: str = "eo") -> None:
    """The made-up language as a folder for LOCALE_PATHS, under the code of one that we don't have."""
    new = Catalog(locale=language, charset="utf-8")
    for context, one, many in extracted():
        new.add(
            (one, many) if many else one,
            (made_up(one), made_up(many)) if many else made_up(one),
            context=context or None,
        )
    path = folder / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    compile_to(path, new)


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Extract, merge, compile and check the message catalogues.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--add", type=Path, metavar="FILE")
    parser.add_argument("--new", metavar="LANGUAGE")
    parser.add_argument("--pseudo", type=Path, metavar="FOLDER")
    asked = parser.parse_args()
    if asked.check:
        wrong = check()
        sys.stdout.writelines(f"{each}\n" for each in wrong)
        return 1 if wrong else 0
    if asked.pseudo:
        write_pseudo(asked.pseudo)
        return 0
    begun = [LOCALES / asked.new / "LC_MESSAGES" / "django.po"] if asked.new else []
    source = extracted()
    for path in sorted({*languages(), *begun}):
        more = None
        if asked.add:
            with asked.add.open("rb") as file:
                more = read_po(file, locale=path.parts[-3], charset="utf-8")
        write(path, merged(catalogue(path), source, more))
    return 0


if __name__ == "__main__":
    sys.exit(main())
