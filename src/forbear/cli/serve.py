"""`forbear serve`: the web faces."""

import os
from ipaddress import ip_address
from pathlib import Path

import click

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, out
from forbear.cli.web_server import serve
from forbear.interchange.home import clock
from forbear.interchange.home.lender import open_home

#: How long a page waits for another process's lock before it says so; workers have more patience.
LOCK_SECONDS = "5"


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Threads in each.")
@folder_option()
def command(host: str, port: int, workers: int, threads: int, home_folder: Path) -> None:
    """Serve the desk, the borrower's pages and the interface.

    On another address than this machine's own it wants a proxy in front, and FORBEAR_PROXIES to say how many.
    """
    _check_proxy(host)
    os.environ.setdefault("FORBEAR_LOCK_SECONDS", LOCK_SECONDS)
    desk(home_folder, "forbear.config.urls")
    clock.go_on(open_home(home_folder))
    out.print(f"Serving at http://{host}:{port}/ until Ctrl-C.")
    os.environ["FORBEAR_HOME"] = str(home_folder.resolve())
    serve(host, port, workers, threads)


def _check_proxy(host: str) -> None:
    """Refuse to stand on the network alone: the proxy has https, waits for slow callers and limits connections."""
    try:
        is_local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if not is_local and not int(os.environ.get("FORBEAR_PROXIES") or 0):
        raise click.UsageError(
            f"{host} can be reached from other machines. Put a proxy with https in front, as deploy/nginx.conf has "
            "it, and set FORBEAR_PROXIES=1 (or how many stand in a row)"
        )
