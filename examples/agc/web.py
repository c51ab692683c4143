"""A web service that says which replica answers: `python3 web.py --port 8080`."""

from __future__ import annotations

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers /healthz for probes, and everything else with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One answer."""
        asked = {"replica": self.server.server_port, "path": self.path, "host": self.headers.get("host")}
        body = b"ok" if self.path == "/healthz" else json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the gateway logs requests."""


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()


if __name__ == "__main__":
    main()
