"""A form whose field `text` holds YAML, with each mistake at its line."""

from collections.abc import Iterable
from typing import Any

from forbear.core.base.problem import Problem
from forbear.web.fields import TextField
from forbear.web.forms import Form
from forbear.web.templatetags.forbear import said


class YamlForm(Form):
    """A form with YAML in its field `text`, whose length and label each form says for itself."""

    text = TextField(100_000, rows=14, label="YAML", strip=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["text"].widget.attrs |= {"class": "form-control code", "spellcheck": "false"}

    def add_problems(self, problems: Problem | Iterable[Problem]) -> None:
        """Say each mistake with its line, as it stands; it begins with a place and no capital letter."""
        self.is_valid()
        for each in [problems] if isinstance(problems, Problem) else problems:
            self.add_error("text", said(each))
