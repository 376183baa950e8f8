"""Check an evidence bundle in the browser: one page with all it needs inside, to be saved and used offline."""

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from forbear.core.evidence.log import key_hex, printed_key
from forbear.interchange.home.keys import signing_key

_STYLE = (
    "body{margin:0;font:17px/1.6 'Noto Sans SC','PingFang SC','Microsoft YaHei',system-ui,sans-serif;color:#1d2629;"
    "background:#f3f6f6}main{max-width:36rem;margin:0 auto;padding:1rem}h1{font-size:1.4rem;line-height:1.4}"
    "h2{font-size:1.15rem}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.6rem}"
    "p{overflow-wrap:anywhere}.good{color:#17663a}.bad{color:#a3231c}"
)
_SENTENCE = re.compile(r'\bgettext\(("(?:[^"\\]|\\.)*")')


@cache
def script() -> str:
    """The whole of the page's script: the checks, and what the page does with them."""
    folder = files("forbear.web").joinpath("pages", "public")
    return "".join(
        folder.joinpath(name).read_text(encoding="utf-8")
        for name in ("check-bundle.js", "check-bundle-page.js")
    )


@cache
def _sentences() -> tuple[str, ...]:
    """The sentences of the script: what stands in its `gettext("...")`."""
    return tuple(dict.fromkeys(json.loads(each) for each in _SENTENCE.findall(script())))


def _allowed(text: str) -> str:
    """The text's hash as a content policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def published_key() -> str:
    """The lender's key for evidence, as it is printed everywhere."""
    return printed_key(key_hex(signing_key(settings.HOME).public_key()))


def key_page(request: HttpRequest) -> HttpResponse:
    """The lender's published key, to be compared with the one in a bundle."""
    return render(request, "public/key.html", {"key": published_key()})


@csp_replace(
    {
        "default-src": ["'none'"],
        "script-src": [_allowed(script())],
        "style-src": [_allowed(_STYLE)],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
)
def check_bundle(request: HttpRequest) -> HttpResponse:
    """The page in the reader's language. With `?save` it comes as a file; nothing else in it depends on who asks."""
    key = published_key() if "key" in request.GET else ""
    texts = {each: gettext(each) for each in _sentences()}
    shown = {"style": _STYLE, "script": script(), "key": key, "texts": texts}
    answer = render(request, "public/check_bundle.html", shown)
    if "save" in request.GET:
        answer["Content-Disposition"] = 'attachment; filename="check-bundle.html"'
    return answer
