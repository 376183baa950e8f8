# Forbear's everyday commands, for `just` (https://just.systems). Each is one line that works without `just` as well.

python := ".venv/bin/python"

# list these commands
default:
    @just --list

# set up .venv with everything the tests need
setup:
    ./test tests/tidy/test_style.py

# ruff's and djlint's rules, and imports that only go downward
lint:
    .venv/bin/ruff check
    .venv/bin/djlint src/forbear/web/pages --lint
    .venv/bin/biome check
    .venv/bin/lint-imports

# lay out the code and the pages
format:
    .venv/bin/ruff format
    .venv/bin/djlint src/forbear/web/pages --reformat
    .venv/bin/biome format --write

# types, strictly in core, and in the rooms that pyproject.toml lists
types:
    .venv/bin/mypy

# tests without database, process or browser
fast:
    ./test --fast

# all tests
full:
    ./test

# all tests on both databases, with more examples and larger worlds
long:
    ./test --long

# changes of behaviour that the tests must notice
mutants *arguments:
    {{python}} scripts/mutants.py {{arguments}}

# the docs against the code
docs:
    ./test tests/docs tests/tidy/test_words.py

# take texts into the catalogues, and compile them
messages:
    {{python}} scripts/messages.py

# write docs/reference from the code
reference: openapi
    {{python}} scripts/facts_page.py
    {{python}} scripts/settings_page.py
    {{python}} scripts/mapping_page.py

# write docs/reference/openapi.json from the interface
openapi:
    {{python}} scripts/openapi.py

# write the initial migration from the models
migration:
    {{python}} scripts/initial_migration.py

# the terms that pages explain, from docs/glossary.md
terms:
    {{python}} scripts/terms.py

# take the pictures of README and docs from a demo
pictures *names:
    {{python}} scripts/pictures.py {{names}}

# known holes of pinned packages
audit:
    bash scripts/audit.sh

# a made-up lender and its desk
demo *arguments:
    ./demo {{arguments}}
