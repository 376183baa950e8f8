"""Forms of pages: drawn by one template, refused at the field, shown again with all that was typed.

A page that has several forms is drawn by one function, whether it is looked at or one of its forms was refused:
`form_on` gives the form that was just refused, as it was typed, or a new one. `refused` draws the page again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from forbear.core.base.problem import Problem
from forbear.store.models import FormDraft
from forbear.web.fields import TextField, sentence_of
from forbear.web.form_token import sent_token
from forbear.web.recall import drawn_again, recalling
from forbear.web.request import Request

_CLASSES = {"select": "form-select", "checkbox": "form-check-input", "radio": "form-check-input"}


class BoundField(forms.BoundField):
    """A field as a page draws it: in the desk's look, and the first one that was refused has the focus."""

    def as_widget(self, *given: Any, **more: Any) -> SafeString:
        """The field; its form knows that the page has a place for it."""
        if isinstance(self.form, Form) and not self.is_hidden:
            self.form.drawn = True
        return super().as_widget(*given, **more)

    @property
    def key_hint(self) -> str:
        """The key that leads here, "" for none."""
        return str(self.field.widget.attrs.get("data-key", ""))

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> dict[str, Any]:
        """The attributes of the field."""
        found: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        used = widget or self.field.widget
        kind = getattr(used, "input_type", None) or "text"
        if not used.is_hidden and "class" not in used.attrs:
            found.setdefault("class", _CLASSES.get(kind, "form-control"))
        if self.errors and self.name == next(
            (name for name in self.form.fields if name in self.form.errors), ""
        ):
            found["autofocus"] = True
        return found


class Renderer(TemplatesSetting):
    """Draws every field by `form/field.html`."""

    field_template_name = "form/field.html"
    bound_field_class = BoundField


class Form(forms.Form):
    """A form of a page. `key` tells apart the same form about several rows of one page."""

    #: The field at which a problem of the act is said, by its code; the others are said above the form.
    field_of: ClassVar[Mapping[str, str]] = {}
    #: The field at which all other problems are said; "" for above the form.
    problems_at: ClassVar[str] = ""

    def __init__(self, *given: Any, key: object = "", **more: Any) -> None:
        self.key, self.drawn = str(key), False
        name = type(self).__name__.removesuffix("Form").lower()
        more.setdefault("auto_id", f"{name}{self.key}_%s")
        super().__init__(*given, **more)

    def is_valid(self) -> bool:
        """Whether it can be done; never while it is only drawn again for somebody who had been signed out."""
        return super().is_valid() and not recalling()

    @property
    def named_errors(self) -> list[tuple[forms.BoundField, str]]:
        """Each field that was refused with what is wrong, in the order of the page."""
        return [(field, str(error)) for field in self for error in field.errors]

    def add_problems(self, problems: Problem | Iterable[Problem]) -> None:
        """Say what an act found wrong, at the field it is about."""
        self.is_valid()
        for each in [problems] if isinstance(problems, Problem) else problems:
            name = self.field_of.get(each.code, self.problems_at)
            self.add_error(name if name in self.fields else None, sentence_of(each))


class ReasonForm(Form):
    """Why an act is done, in the words of the person who does it; `name` is the field's."""

    def __init__(
        self,
        *given: Any,
        name: str = "note",
        longest: int = 300,
        rows: int = 0,
        required: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(*given, **more)
        self.name = name
        self.fields[name] = TextField(longest, rows=rows, label=_("Why"), required=required)

    @property
    def reason(self) -> str:
        """The words, once the form is valid."""
        return str(self.cleaned_data[self.name])

    def add_problems(self, problems: Problem | Iterable[Problem]) -> None:
        """Say what an act found wrong; that a reason is missing or doesn't do, at its field."""
        self.is_valid()
        for each in [problems] if isinstance(problems, Problem) else problems:
            about = each.code.endswith(("_reason_missing", "_words_missing", "_note_missing"))
            self.add_error(self.name if about else None, sentence_of(each))


class ButtonForm(forms.Form):
    """Which button was pressed, or what a hidden field beside it says: nothing that anybody typed."""

    def __init__(self, data: Any, *names: str) -> None:
        super().__init__(data)
        for name in names:
            self.fields[name] = forms.CharField(max_length=200, required=False)
        self.is_valid()

    def value(self, name: str) -> str:
        """What it says, "" for nothing."""
        return str(self.cleaned_data.get(name, ""))

    def pressed(self, name: str) -> bool:
        """Whether a button of this name was pressed, whatever its value."""
        return name in self.data


AnyForm = TypeVar("AnyForm", bound=Form)


def form_on(request: Request, kind: type[AnyForm], *given: Any, key: object = "", **more: Any) -> AnyForm:
    """The form of a page: as it was typed, if it was refused just now, else a new one."""
    failed = request.__dict__.get("failed")
    if type(failed) is kind and failed.key == str(key):
        return failed
    return kind(*given, key=key, **more)


@dataclass(frozen=True, slots=True)
class RowForms:
    """One form about each row of a page, which is drawn from a template by the row's key."""

    request: Request
    kind: type[Form]
    given: Mapping[str, Any]

    def of(self, key: object) -> Form:
        """The form about one row, as it was typed if it was refused just now."""
        return form_on(self.request, self.kind, key=key, **self.given)


def refused(
    request: Request,
    form: Form,
    page: Callable[[], HttpResponseBase],
    problems: Problem | Iterable[Problem] = (),
) -> HttpResponseBase:
    """The page again (422), with the form as it was typed and what is wrong at each field.

    Where the page has no place for the form any more, as when another tab was quicker, it stands above the page.
    """
    form.add_problems(problems)
    _as_on_its_page(request)
    drawn_again()
    request.__dict__["failed"] = form
    answer = page()
    if not form.drawn:
        request.__dict__["left_over"] = form
        answer = page()
    if isinstance(answer, HttpResponse) and answer.status_code == 200:
        answer.status_code = 422
    return answer


def _as_on_its_page(request: Request) -> None:
    """Make the request one of the page that the form lies on, with its filters, its place in a list and its menu."""
    token = sent_token(request)
    draft: FormDraft | None = request.__dict__.get("recalled")
    page = urlsplit(draft.page if draft is not None else token.page if token else "")
    request.__dict__["sent_to"] = request.path
    request.__dict__["drawn_on"] = bool(page.path)
    if page.path:
        request.path = request.path_info = page.path
    if draft is not None or page.query:
        request.META["QUERY_STRING"] = page.query
        request.GET = QueryDict(page.query)
