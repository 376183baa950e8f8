"""`forbear COMMAND`: finds the command's module, and turns problems into one clear line."""

import ast
import importlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from forbear import __version__
from forbear.cli.shared import problem_line

# Each command is loaded only when called: `forbear explain` should not wait for the benchmarks' libraries.
COMMANDS = {
    "arrears": "forbear.cli.arrears",
    "backup": "forbear.cli.backup",
    "bench": "forbear.bench.command",
    "check-content": "forbear.cli.check_content",
    "check-pack": "forbear.cli.check_pack",
    "check-plan": "forbear.cli.check_plan",
    "check-replies": "forbear.cli.check_replies",
    "check-strategy": "forbear.cli.check_strategy",
    "choice": "forbear.cli.choice",
    "credit-report": "forbear.cli.credit_report",
    "demo": "forbear.cli.demo",
    "evidence": "forbear.cli.evidence",
    "experiment": "forbear.cli.experiment",
    "explain": "forbear.cli.explain",
    "generate": "forbear.cli.generate",
    "import": "forbear.cli.import_feed",
    "import-history": "forbear.cli.import_history",
    "map": "forbear.cli.map_samples",
    "init": "forbear.cli.init",
    "night": "forbear.cli.night",
    "restore": "forbear.cli.restore",
    "rotate-key": "forbear.cli.rotate_key",
    "serve": "forbear.cli.serve",
    "shadow": "forbear.cli.shadow",
    "sign-pack": "forbear.cli.sign_pack",
    "sim": "forbear.cli.sim",
    "staff": "forbear.cli.staff",
    "strategy": "forbear.cli.strategy",
    "train": "forbear.cli.train",
    "verify": "forbear.cli.verify",
    "what-if": "forbear.cli.what_if",
    "work": "forbear.cli.work",
}


class Commands(click.Group):
    """The commands of COMMANDS, each module's `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(COMMANDS[cmd_name]).command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each command with its first sentence, read from its source: loading them all takes seconds."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_sentence(module)) for name, module in COMMANDS.items()])


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="forbear")
def group() -> None:
    """Forbear: collections for consumer lenders."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its status. What it writes is for its own account to read, and for nobody else."""
    os.umask(0o077)
    try:
        group.main(arguments, prog_name="forbear", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.Abort:
        click.echo("forbear: stopped; what was published before is as it was", err=True)
        sys.exit(1)
    except click.ClickException as problem:
        click.echo(f"forbear: {problem.format_message()}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        line = problem_line(error)
        if line is None and os.environ.get("FORBEAR_DEBUG"):
            traceback.print_exc()
        click.echo(f"forbear: {line or _fault(error)}", err=True)
        sys.exit(2 if line else 1)
    sys.exit(0)


def _first_sentence(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    command = next(part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == "command")
    words = " ".join((ast.get_docstring(command) or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.])\s", words)[0].rstrip(".")


def _fault(error: Exception) -> str:
    return (
        f"failed ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}); nothing was "
        "published. Run it again with FORBEAR_DEBUG=1 for the details and report them"
    )
