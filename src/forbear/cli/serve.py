"""`forbear serve`: the web faces."""

import os
from pathlib import Path

import click
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

from forbear.cli.desk import desk
from forbear.cli.shared import folder_option, out
from forbear.interchange.home import clock
from forbear.interchange.home.lender import open_home


class Server(BaseApplication):
    """gunicorn with our settings instead of its own command line."""

    def __init__(self, **settings: object) -> None:
        self.chosen = settings
        super().__init__()

    def load_config(self) -> None:
        """Take our settings."""
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:  # type: ignore[override]  # the mapping it is given is a dict
        """The application, made in each process after the fork."""
        return get_wsgi_application()


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Threads in each.")
@folder_option()
def command(host: str, port: int, workers: int, threads: int, home_folder: Path) -> None:
    """Serve the desk, the borrower's pages and the interface."""
    desk(home_folder, "forbear.config.urls")
    clock.go_on(open_home(home_folder))
    out.print(f"Serving at http://{host}:{port}/ until Ctrl-C.")
    os.environ["FORBEAR_HOME"] = str(home_folder.resolve())
    serve(host, port, workers, threads)


def serve(host: str, port: int, workers: int = 1, threads: int = 8) -> None:
    """Serve until stopped; Django is started already."""
    Server(
        bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        workers=workers,
        threads=threads,
        worker_class="gthread",
        loglevel="warning",
        timeout=60,
    ).run()
