"""An HTTP server on this machine that serves one file, as well or as badly as a test wants."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Shop:
    """What the server has and how it behaves; `asked` are the Range headers of the requests, in order.

    After `breaks_after` bytes of an answer the connection ends (once), `claims` is the Content-Length it
    states, `measured` whether it states one, `tag` its ETag, `blind` whether it sends ranges whatever
    If-Range says, `shift` what it adds to where a range starts, `extra` what it sends behind one, `leads_to`
    where it redirects.
    """

    content: bytes = b""
    tag: str = '"1"'
    breaks_after: int | None = None
    claims: int | None = None
    measured: bool = True
    blind: bool = False
    shift: int = 0
    extra: bytes = b""
    leads_to: str = ""
    address: str = ""
    asked: list[str | None] = field(default_factory=list)


def _handler(shop: Shop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            shop.asked.append(wanted)
            if shop.leads_to:
                self.send_response(302)
                self.send_header("Location", shop.leads_to)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start, total = 0, len(shop.content)
            if wanted and (shop.blind or self.headers.get("If-Range") == shop.tag):
                start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])  # type: ignore[index]
                if start >= total:
                    self.send_error(416)
                    return
                start += shop.shift
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            else:
                self.send_response(200)
            body = shop.content[start:] + shop.extra * bool(start)
            if shop.measured:
                claimed = len(body) if shop.claims is None else shop.claims
                self.send_header("Content-Length", str(claimed))
            if shop.tag:
                self.send_header("ETag", shop.tag)
            self.end_headers()
            if shop.breaks_after is not None:
                body, shop.breaks_after = body[: shop.breaks_after], None
            self.wfile.write(body)
            self.close_connection = True

    return Handler


@contextmanager
def serving(content: bytes) -> Iterator[Shop]:
    """A server of `content` at `address`."""
    shop = Shop(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    shop.address = f"http://127.0.0.1:{server.server_port}/guest.onnx"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
