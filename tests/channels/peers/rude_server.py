"""A server that misbehaves as its path says; bare sockets, so that it can."""

import json
import socket
import sys
import threading
import time

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'


def serve(line: socket.socket) -> None:
    """Read the request, then behave."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        piece = line.recv(65536)
        if not piece or asked[:1] == b"\x16":  # a TLS hello isn't HTTP
            line.close()
            return
        asked += piece
    path = asked.split(b" ")[1].split(b"?")[0].decode()
    if path == "/ok":
        line.sendall(OK)
    elif path == "/500":
        line.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    elif path == "/elsewhere":
        line.sendall(b"HTTP/1.1 307 There\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n")
    elif path == "/half":
        line.sendall(OK[:-4])
    elif path == "/no-http":
        line.sendall(b"220 mail.example ESMTP\r\n")
    elif path == "/silent":
        time.sleep(5)
    elif path == "/endless":
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n")
        try:
            while True:
                line.sendall(b" " * 65536)
        except OSError:
            pass
    line.close()


def main() -> None:
    """Serve until killed."""
    server = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(json.dumps({"port": server.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    while True:
        line, _ = server.accept()
        threading.Thread(target=serve, args=(line,), daemon=True).start()


main()
