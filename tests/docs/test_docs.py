"""Every example in the docs is run, and everything a user can name is in them."""

import dataclasses
import json
import re
import runpy
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from click.testing import CliRunner

from forbear.actions.webhooks.webhook_events import KINDS
from forbear.cli.check_content import command as check_content
from forbear.cli.check_replies import command as check_replies
from forbear.cli.main import COMMANDS
from forbear.core.conditions.parse import parse
from forbear.core.conditions.words import ARITHMETIC, COMPARISONS, FUNCTIONS, KEYWORDS
from forbear.core.facts.contact import CHANNELS
from forbear.core.facts.vocabulary import FACTS
from forbear.core.loans.penalty import penalty
from forbear.core.loans.products import _PENALTY, _SETTINGS, parse_products
from forbear.core.permits.lint import lint as lint_pack
from forbear.core.permits.pack import parse_pack
from forbear.core.strategy.parse import HANDLERS, StrategyError, lint, parse_strategy
from forbear.core.strategy.stage import decide
from forbear.engine.columnar import statements
from forbear.interchange.book.adapters import ADAPTERS
from forbear.interchange.book.feed_check import checks_of
from forbear.interchange.book.feed_columns import TABLES, Column, kind_checks
from forbear.interchange.home.lender import open_home
from forbear.interchange.mapping.mapping_file import MappingFile
from forbear.interchange.mapping.read_mapping import read_mapping
from forbear.night.audits import audits
from forbear.store.models.api import SCOPES
from forbear.store.permissions import PERMISSIONS
from tests.docs.pages import Block, blocks, marked, page, pages, section, untold
from tests.golden.fact_reader import YES_NO, OnlyText, only, read_row
from tests.golden.reader import read_cases
from tests.golden.test_golden import allocation_differences, delinquency_differences
from tests.golden.test_penalty_golden import penalty_differences
from tests.golden.test_stage_golden import as_written, ready
from tests.tidy.tree import ROOT

FEED, NIGHT, STRATEGY = "docs/feed.md", "docs/night.md", "docs/rules/strategy.md"
DIFFERENCES = {
    "allocation": allocation_differences,
    "delinquency": delinquency_differences,
    "penalty": penalty_differences,
}
MARKS = {
    "products",
    "strategy",
    "golden",
    "stage",
    "conditions",
    "mistakes",
    "pack",
    "cases",
    "replies",
    "content",
    "mapping",
    "lender",
}


def each(found: list[Block]) -> list:
    assert found, "no page has such a block"
    return [pytest.param(block, id=block.name) for block in found]


# the examples


@pytest.mark.parametrize("block", each(marked("yaml", "products")))
def test_products_can_be_read(block):
    assert len(parse_products(block.text, block.name))


@pytest.mark.parametrize("block", each(marked("yaml", "strategy")))
def test_strategies_are_sound(block):
    assert lint(parse_strategy(block.text, block.name)) == []


@pytest.mark.parametrize("block", each(marked("yaml", "pack")))
def test_packs_are_sound(block):
    assert lint_pack(parse_pack(block.text, block.name)) == []


@pytest.mark.parametrize("block", each(marked("yaml", "golden")))
def test_worked_examples_are_right(block):
    differences = DIFFERENCES[block.mark.split()[1]]
    cases = read_cases(block.text, block.name)
    assert [line for case in cases for check in case.checks for line in differences(case, check)] == []
    assert all(case.checks for case in cases)


@pytest.mark.parametrize("block", each(marked("yaml", "stage")))
def test_stages_are_as_told(block):
    named = block.mark.split()[1:]
    above = [
        other for other in marked("yaml", "strategy") if other.page == block.page and other.line < block.line
    ]
    strategy = ready(named[0]) if named else parse_strategy(above[-1].text, above[-1].name)
    for case in only(yaml.load(block.text, Loader=OnlyText), "cases")["cases"]:
        only(case, "says", "facts", "expect")
        expected = case["expect"] | {"held": YES_NO[case["expect"].get("held", "no")]}
        assert as_written(decide(strategy, read_row(case["facts"], "CNY"))) == expected, case["says"]


@pytest.mark.parametrize("block", each(marked("yaml", "conditions")))
def test_conditions_hold_as_told(block):
    for example in yaml.load(block.text, Loader=OnlyText):
        only(example, "says", "when", "facts", "holds")
        condition = parse(example["when"], known=frozenset({"night", "desk"}))
        row = read_row(example["facts"] or {}, "CNY")
        assert condition.python()(row) == YES_NO[example["holds"]], example["says"]


@pytest.mark.parametrize("block", each(marked("yaml", "mistakes")))
def test_mistakes_are_answered_as_told(block):
    (answer,) = (other for other in marked("text", "mistakes") if other.page == block.page)
    with pytest.raises(StrategyError) as refused:
        parse_strategy(block.text, "strategy.yaml")
    assert refused.value.messages == answer.text.splitlines()


@pytest.mark.parametrize("block", each(marked("yaml", "replies")))
def test_lines_of_replies_are_understood(block, tmp_path):
    path = tmp_path / "replies.yaml"
    path.write_text(block.text, "utf-8")
    done = CliRunner().invoke(check_replies, [str(path), "--json"])
    score = json.loads(done.stdout)
    assert (score["right"], score["wrong"]) == (score["lines"], []), score


@pytest.mark.parametrize("block", each(marked("yaml", "content")))
def test_lines_of_content_are_judged_as_told(block, tmp_path):
    path = tmp_path / "lines.yaml"
    path.write_text(block.text, "utf-8")
    done = CliRunner().invoke(check_content, ["--lines", str(path), "--json"])
    score = json.loads(done.stdout)
    assert (score["wrong"], score["looked"]) == ([], []), score


@pytest.mark.parametrize("block", each(marked("yaml", "mapping")))
def test_mappings_can_be_read(block):
    """A whole one is read as by an import; of a part, its keys are those of a mapping."""
    if "sources:" in block.text:
        assert read_mapping(Path("mapping.yaml"), block.text).mapping.tables
    else:
        assert set(yaml.safe_load(block.text)) <= {field.name for field in dataclasses.fields(MappingFile)}


@pytest.mark.parametrize("block", each(marked("yaml", "lender")))
def test_settings_of_a_lender_can_be_read(block, tmp_path):
    (tmp_path / "lender.yaml").write_text(block.text, "utf-8")
    home = open_home(tmp_path)
    assert home.creditor_codes == tuple(yaml.safe_load(block.text)["creditors"])


def test_every_yaml_block_is_run():
    loose = [
        block.name
        for path, text in pages().items()
        for block in blocks(text, path)
        if block.language == "yaml" and block.mark.split()[:1] not in [[mark] for mark in MARKS]
    ]
    assert not loose, f"give each of these one of the marks {MARKS}"


# what a user can name


def test_the_page_of_facts_is_fresh():
    written = runpy.run_path(str(ROOT / "scripts" / "facts_page.py"))["page"]()
    assert page("docs/reference/facts.md") == written, "run `uv run python scripts/facts_page.py`"
    assert untold("docs/reference/facts.md", *FACTS) == []


def test_the_page_of_settings_is_fresh():
    written = runpy.run_path(str(ROOT / "scripts" / "settings_page.py"))["page"]()
    assert page("docs/reference/settings.md") == written, "run `uv run python scripts/settings_page.py`"


@pytest.mark.parametrize("path", ["docs/mapping.md", "docs/zh/mapping.md"])
def test_the_tables_of_keys_of_a_mapping_are_fresh(path):
    script = runpy.run_path(str(ROOT / "scripts" / "mapping_page.py"))
    head, translate = script["PAGES"][ROOT / path]
    assert page(path) == script["page"](page(path), head, translate), (
        "run `uv run python scripts/mapping_page.py`"
    )


def test_every_audit_is_told():
    told = dict(
        re.findall(
            r"^\| `(\w+)` \| (blocking|warning|unless_accepted) \|", section(NIGHT, "Audits"), re.MULTILINE
        )
    )
    assert told == {name: kind for name, kind, _, _ in audits()} | {"recount": "blocking"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_the_feed_is_told(table):
    told = re.findall(r"^\| `(\w+\*?)` \| ([\w, ]+) \|", section(FEED, table.name), re.MULTILINE)
    expected = [
        (column.name, f"{column.kind}{', may be empty' if column.optional else ''}")
        for column in table.columns
    ]
    assert [line for line in told if not line[0].endswith("*")] == expected


def test_every_reason_of_the_quarantine_is_told():
    told = set(re.findall(r"`([^`]+)`", section(FEED, "Rows that are bad: the quarantine")))
    checks = kind_checks(Column("consent_sms", "truth"))
    for table in TABLES:
        as_csv = {column.name: "VARCHAR" for column in table.columns}
        checks += checks_of(SimpleNamespace(table=table, columns=table.columns, types=as_csv))
    ways = [{check.reason, check.reason.replace(check.column, "NAME", 1)} for check in checks]
    for name in ("partition_borrowers.sql", "partition_exact.sql", "partition_reversals.sql"):
        sql = statements("forbear.interchange.book", name)
        ways += [{reason} for reason in re.findall(r"'([a-z_]+ [^'\n]* [^'\n]*)'", sql)]
    assert len(ways) > 40
    assert [reason for reason in ways if not reason & told] == []


def test_every_setting_of_products_is_told():
    told = re.findall(r"^\| `(\w+)` \|", section(FEED, "products.yaml"), re.MULTILINE)
    assert told == list(_SETTINGS)


def test_every_term_of_penalty_is_told():
    assert [name for name in _PENALTY if f"`{name}`" not in section(FEED, "products.yaml")] == []


def test_the_table_of_penalty_is_the_computation():
    """Each row of the worked table is a stretch of the case below it."""
    path = "docs/rules/penalty.md"
    rows = re.findall(
        r"^\| after (\S+) to (\S+) \| ([\d,.]+) \| ([\d,.]+) \| (\d+) \| ([\d,.]+) \| ([\d,.]+) \|$",
        page(path),
        re.MULTILINE,
    )
    (block,) = (each for each in marked("yaml", "golden") if each.page == path)
    (case,) = read_cases(block.text, block.name)
    (line,) = penalty(case.loan, case.product, date.fromisoformat(case.checks[-1]["on"])).instalments
    in_all, told = 0, []
    for each in line.stretches:
        in_all += each.amount
        amounts = [f"{value / 100:,.2f}" for value in (each.base, each.of_penalty, each.amount, in_all)]
        told.append(
            (each.since.isoformat(), each.until.isoformat(), *amounts[:2], str(each.days), *amounts[2:])
        )
    assert rows == told


def test_every_word_of_a_strategy_is_told():
    keys = ("strategy", "title", "hold_when", "stages", "stage", "when", "handler", "treatments")
    told = " ".join(re.findall(r"`([^`\n]+)`", page(STRATEGY)))
    words = (*keys, *CHANNELS, *HANDLERS, *FUNCTIONS, *KEYWORDS, *COMPARISONS, *ARITHMETIC)
    assert [word for word in words if word not in told] == []


def test_every_permission_and_scope_is_told():
    assert dict(
        re.findall(r"^\| `([\w:]+)` \| (.+) \|$", section("docs/desk.md", "Who may do what"), re.MULTILINE)
    ) == (PERMISSIONS)
    assert re.findall(r"^\| `(\w+:\w+)` \|", page("docs/interface.md"), re.MULTILINE) == list(SCOPES)
    assert untold("docs/interface.md", *KINDS) == []


@pytest.mark.parametrize("path", ["README.md", "README.zh-CN.md"])
def test_every_command_is_told(path):
    assert [name for name in COMMANDS if f"forbear {name}" not in page(path)] == []


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_format_is_told(name):
    assert untold(FEED, name) == []
    assert f"docs/formats/{name}.md" in page("README.md")
    assert page(f"docs/formats/{name}.md").startswith("# ")


def test_every_dependency_earns_its_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in (
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ):
        wanted += (each for each in group if not each.startswith("forbear["))  # its own extras
    names = sorted(
        {re.match(r"[\w-]+", each).group() for each in [*wanted, *project["build-system"]["requires"]]}
    )
    told = re.findall(r"^\| `([\w-]+)` \|", page("docs/dependencies.md"), re.MULTILINE)
    assert sorted(told) == names


@pytest.mark.parametrize("path", sorted(pages()))
def test_links_lead_somewhere(path):
    folder = (ROOT / path).parent
    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page(path))
        if not target.startswith(("http:", "https:", "mailto:")) and not (folder / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("path", sorted(pages()))
def test_files_named_in_the_text_exist(path):
    named = re.findall(r"`((?:src|tests|scripts|docs)/[\w./-]+)`", page(path))
    assert [name for name in named if not Path(ROOT, name).exists()] == []
