"""A picture of what a command really printed: `terminal_picture.py OUT.svg COLUMNS COMMAND...`.

The command runs with colours on; what it wrote becomes an SVG without any reference to other sites. Paths
are shown from the folder it ran in.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text


def picture(columns: int, command: list[str]) -> str:
    """The SVG of what `command` writes on a terminal so wide."""
    surroundings = os.environ | {"COLUMNS": str(columns), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=columns, file=nowhere, force_terminal=True)
        written = done.stdout.rstrip().replace(f"{Path.cwd()}/", "")
        console.print(Text.from_ansi(written))
        shown = shlex.join([Path(command[0]).name, *command[1:]])
        svg = console.export_svg(title=shown, unique_id="forbear")
    return re.sub(r"\s*@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    out, wide, *words = sys.argv[1:]
    Path(out).write_text(picture(int(wide), words), encoding="utf-8")
