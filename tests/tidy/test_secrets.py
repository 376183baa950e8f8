"""Goal: no key, token or password of anybody lies in the tree, and every package is pinned to its very bytes."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from tests.tidy.kept import unclean
from tests.tidy.tree import ROOT, files

NO_TEXTS = (".otf", ".woff2", ".png", ".svg", ".lock", ".js", ".css")
PLUGINS = (
    "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "GitHubTokenDetector", "GitLabTokenDetector",
    "JwtTokenDetector", "PrivateKeyDetector", "SendGridDetector", "SlackDetector", "StripeDetector",
    "TwilioKeyDetector",
)  # fmt: skip


#: What every kind of PLUGINS has in it: reading each line with each of them takes a quarter of a minute.
HINT = re.compile(
    r"PRIVATE KEY|AKIA|ASIA|AccountKey|://[^/\s]*:[^/\s]*@|gh[pousr]_|glpat|eyJ|xox[abops]|[rs]k_live|SG\.|AC[a-z0-9]{32}"
)
#: Addresses that show where a password stands.
SHOWN = ("postgresql://user:password@", "postgresql://forbear:s3cret@")


def found(*paths: Path) -> list[str]:
    """Each place where something looks like a secret; the library reads only files that could hold one."""
    likely = [path for path in paths if HINT.search(path.read_text("utf-8", "replace"))]
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS]}):
        return [f"{path}:{each.line_number}: {each.type}" for path in likely for each in scan_file(str(path))]


def loose(texts: Mapping[str, str]) -> list[str]:
    """The same of texts by their paths from the root, without the addresses that only show the form."""
    return [
        line
        for line in found(*(ROOT / path for path in texts))
        if not any(shown in _line(line) for shown in SHOWN)
    ]


def test_no_secret_lies_in_the_tree():
    texts = {
        path.as_posix(): (ROOT / path).read_text("utf-8", "replace")
        for path in files()
        if path.suffix not in NO_TEXTS
    }
    assert len(texts) > 300
    assert unclean(loose, texts, Path(__file__), ROOT / "uv.lock") == []


def _line(place: str) -> str:
    path, number, _ = place.rsplit(":", 2)
    return Path(path).read_text("utf-8").splitlines()[int(number) - 1]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "key = 'AKIA" + "IOSFODNN7EXAMPLE'",
        "url = 'postgresql://lender:" + "hunter2@db.example.org/x'",
        "token = 'ghp_" + "a" * 36 + "'",
    ],
)
def test_the_check_finds_one(tmp_path, text):
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    assert found(tmp_path / "a.py"), text


def test_every_package_is_pinned_to_its_bytes():
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    outside = [each for each in locked if "registry" in each["source"]]
    assert len(outside) > 50
    for package in outside:
        made = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert made, package["name"]
        assert all(each["hash"].startswith("sha256:") for each in made), package["name"]
    assert {each["name"] for each in locked} - {each["name"] for each in outside} == {"forbear"}
