"""The web server: gunicorn, with slow callers kept away from the threads that do the work.

A connection has so long to say what it wants and so long to send it; then it is closed. What it sends is read whole
before a thread of the pages is given to it. So a slow caller, or half a request, holds none of them. Whether the
process lives is answered without them, too.
"""

import contextlib
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

#: The seconds within which a request's head has come, and its body.
HEAD_SECONDS, BODY_SECONDS = 10.0, 60.0
#: How long a connection may wait for its next request: longer than a proxy keeps one (deploy/nginx.conf), or the proxy
#: sends a request into a connection that is just being closed, and the caller gets an error.
IDLE_SECONDS = 35
#: How many connections are read at once beside the threads of the pages, and how many requests wait for these.
READERS, MOST_WAITING = 64, 200
#: The largest body, in bytes: five photographs and their form.
LARGEST_BODY = 100 * 1024 * 1024
LIVE = "/health/live"
_IN_MEMORY, _BLOCK, _EVERY = 256 * 1024, 64 * 1024, 0.5

StartResponse = Callable[..., object]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Deadlines:
    """Sockets that must have sent something by a moment of the process's own clock; who is late is cut off."""

    def __init__(self) -> None:
        self._until: dict[int, tuple[socket.socket, float]] = {}
        self._lock = threading.Lock()

    def begin(self, sock: socket.socket, seconds: float) -> None:
        """From now on this socket has so long."""
        with self._lock:
            self._until[id(sock)] = (sock, time.monotonic() + seconds)

    def end(self, sock: socket.socket) -> None:
        """It has sent what it had to."""
        with self._lock:
            self._until.pop(id(sock), None)

    def cut_late(self) -> int:
        """Cut off those that are late; how many. A reader of theirs reads their end."""
        now = time.monotonic()
        with self._lock:
            late = [(key, sock) for key, (sock, until) in self._until.items() if until < now]
            for key, sock in late:
                del self._until[key]
                with contextlib.suppress(OSError):  # it may have gone away by itself
                    sock.shutdown(socket.SHUT_RDWR)
        return len(late)

    def watch(self) -> None:
        """Cut them off for ever, in a thread of its own."""
        while True:
            time.sleep(_EVERY)
            self.cut_late()


DEADLINES = Deadlines()


class Worker(ThreadWorker):
    """gunicorn's threads, with time limits on what a caller sends."""

    def init_process(self) -> None:
        """Begin in a process that was just forked."""
        threading.Thread(target=DEADLINES.watch, name="deadlines", daemon=True).start()
        super().init_process()

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """The threads that read and write; the pages have their own."""
        return ThreadPoolExecutor(max_workers=self.cfg.threads + READERS)

    def handle(self, conn: Any) -> Any:
        """One request of a connection, whose head comes in time."""
        DEADLINES.begin(conn.sock, HEAD_SECONDS)
        try:
            return super().handle(conn)
        finally:
            DEADLINES.end(conn.sock)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """The head is there."""
        DEADLINES.end(conn.sock)
        return super().handle_request(req, conn)


class Front:
    """Reads a request whole, then gives it to one of the threads of the pages."""

    def __init__(self, pages: Application, threads: int) -> None:
        self._pages = pages
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="pages")
        self._waiting = threading.Semaphore(threads + MOST_WAITING)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """The answer, as WSGI has it."""
        if environ["PATH_INFO"] == LIVE and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return _plain(start_response, "200 OK", {"live": True})
        body = _whole_body(environ)
        if isinstance(body, str):
            return _plain(start_response, body, {"code": f"http_{body[:3]}", "message": body[4:]})
        if not self._waiting.acquire(blocking=False):
            busy = "503 Service Unavailable"
            return _plain(
                start_response, busy, {"code": "http_503", "message": busy[4:]}, ("Retry-After", "5")
            )
        try:
            environ["wsgi.input"] = body
            return self._pool.submit(self._pages, environ, start_response).result()
        finally:
            self._waiting.release()


def _whole_body(environ: dict[str, Any]) -> IO[bytes] | str:
    """What was sent, from its beginning; the status when it is too large or didn't come in time."""
    announced, sock = environ.get("CONTENT_LENGTH") or "", environ.get("gunicorn.socket")
    if announced.isdecimal() and int(announced) > LARGEST_BODY:
        return "413 Content Too Large"
    body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115, it is closed with the request
    if not announced and "HTTP_TRANSFER_ENCODING" not in environ:
        return body
    if sock is not None:
        DEADLINES.begin(sock, BODY_SECONDS)
    try:
        while block := environ["wsgi.input"].read(_BLOCK):
            body.write(block)
            if body.tell() > LARGEST_BODY:
                return "413 Content Too Large"
    except OSError:
        return "408 Request Timeout"
    finally:
        if sock is not None:
            DEADLINES.end(sock)
    if announced.isdecimal() and body.tell() < int(announced):
        return "408 Request Timeout"
    environ["CONTENT_LENGTH"] = str(body.tell())
    body.seek(0)
    return body


def _plain(
    start_response: StartResponse, status: str, content: dict[str, object], *more: tuple[str, str]
) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    head = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, [*head, ("Cache-Control", "no-store"), *more])
    return [body]


class Server(BaseApplication):
    """gunicorn with our settings instead of its own command line."""

    def __init__(self, **settings: object) -> None:
        self.chosen = settings
        super().__init__()

    def load_config(self) -> None:
        """Take our settings."""
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Front:  # type: ignore[override]  # the mapping it is given is a dict
        """The application, made in each process after the fork."""
        pages: WSGIHandler = get_wsgi_application()
        return Front(cast(Application, pages), self.cfg.threads)


def serve(host: str, port: int, workers: int = 1, threads: int = 8) -> None:
    """Serve until stopped; Django is started already."""
    Server(
        bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        workers=workers,
        threads=threads,
        worker_class=Worker,
        keepalive=IDLE_SECONDS,
        loglevel="warning",
        timeout=60,
    ).run()
