"""Fetch uv into a folder with nothing but Python's standard library: `fetch_uv.py TARGET`.

For machines that have Python 3 (any since 3.7) and neither uv nor pip. Where pip is at hand it is asked
first, since it knows the machine's own index and certificates. Otherwise the wheel comes from the index in
UV_INDEX_URL or PIP_INDEX_URL, else PyPI, and its SHA-256 must be the one the index names.

Exit status 0, or 1 with a line why not, or 3 when this machine has no root certificates.
"""

import hashlib
import html.parser
import io
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

WANTED = "0.13.9"
PUBLIC_INDEX = "https://pypi.org/simple"
NO_CERTIFICATES = 3


class Links(html.parser.HTMLParser):
    """The links of an index page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        """Keep every link's address."""
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


class NotFetched(Exception):
    """Why uv could not be fetched; `status` is the exit status."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def main(target):
    """Put uv into `target`/bin, whole or not at all."""
    waiting = target.with_name(target.name + ".new")
    shutil.rmtree(str(waiting), ignore_errors=True)
    if not with_pip(waiting):
        unpack(wheel(), waiting)
    shutil.rmtree(str(target), ignore_errors=True)
    waiting.rename(target)


def with_pip(target):
    """Whether pip was there and did it."""
    command = [sys.executable, "-m", "pip"]
    if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode:
        return False
    command += ["install", "--quiet", "--no-deps", "--only-binary=:all:", "--target", str(target)]
    done = subprocess.run([*command, f"uv=={WANTED}"], capture_output=True, check=False)
    return done.returncode == 0 and (target / "bin" / "uv").is_file()


def wheel():
    """The bytes of the wheel for this machine."""
    index = os.environ.get("UV_INDEX_URL") or os.environ.get("PIP_INDEX_URL") or PUBLIC_INDEX
    page = index.rstrip("/") + "/uv/"
    links = Links()
    links.feed(get(page).decode("utf-8"))
    address = urllib.parse.urljoin(page, choose(links.found))
    data = get(urllib.parse.urldefrag(address).url)
    promised = re.search(r"sha256=([0-9a-f]{64})", address)
    if promised and hashlib.sha256(data).hexdigest() != promised.group(1):
        raise NotFetched("the wheel of uv is not the one its index names; the download was damaged")
    return data


def choose(links):
    """The link to the wheel for this system and machine: the wanted version, else the newest."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if sys.platform == "darwin":
        kind, machine = "macosx", machine.replace("aarch64", "arm64")
    else:
        kind = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    fitting = []
    for link in links:
        name = urllib.parse.urlsplit(link).path.rsplit("/", 1)[-1]
        found = re.fullmatch(r"uv-(\d+)\.(\d+)\.(\d+)-py3-none-(.+)\.whl", name)
        if found and any(tag.startswith(kind) and tag.endswith(machine) for tag in found.group(4).split(".")):
            version = tuple(int(part) for part in found.group(1, 2, 3))
            fitting.append((version == tuple(map(int, WANTED.split("."))), version, link))
    if not fitting:
        raise NotFetched(f"the index has no uv for {sys.platform} on {machine}; install uv yourself")
    return max(fitting)[2]


def get(address):
    """The bytes at an address; proxies are those of the environment."""
    try:
        with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310
            return answer.read()
    except urllib.error.URLError as error:
        if (
            isinstance(error.reason, ssl.SSLCertVerificationError)
            and not ssl.create_default_context().get_ca_certs()
        ):
            raise NotFetched(
                "this machine has no root certificates; install the package ca-certificates", NO_CERTIFICATES
            ) from None
        raise NotFetched(f"{address} can't be reached ({error.reason})") from None
    except OSError as error:
        raise NotFetched(f"{address} can't be reached ({error})") from None


def unpack(data, target):
    """The two programs out of the wheel, runnable."""
    (target / "bin").mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"uv-[^/]+\.data/scripts/uvx?", name):
                program = target / "bin" / name.rsplit("/", 1)[-1]
                program.write_bytes(archive.read(name))
                program.chmod(0o755)
    if not (target / "bin" / "uv").is_file():
        raise NotFetched("the wheel of uv holds no uv; the index serves something else")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except NotFetched as problem:
        sys.stderr.write(f"forbear: {problem}\n")
        sys.exit(problem.status)
