"""A server that speaks S3, on the loopback of this machine, counts what it is asked and can misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import fsspec
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from geotag.flows import upkeep
from tests.archives import Ran, run

NAMES = ("a.jpg", "b/b.tif", "b/c.png", "d e/é.webp", "e.bmp")
Environ = dict[str, Any]
Respond = Callable[..., Any]

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
}


@dataclass(frozen=True)
class Asked:
    """A request: its method, bucket and key, query, headers by their names in WSGI, status, bytes sent."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Environ
    status: int
    sent: int

    @property
    def what(self) -> str:
        """The kind of request: LIST, GET, HEAD, PUT, DELETE, or the name of what is asked about an object."""
        about = self.query.keys() & {"acl", "tagging"}
        return about.pop() if about else "LIST" if "list-type" in self.query else self.method


@dataclass
class Server:
    """What was asked for, and what is to go wrong: `trouble` may answer in the place of the store, and so
    many contents are `cut` short in the middle.
    """

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    trouble: Callable[[Environ], tuple[int, str] | None] = lambda _: None
    cut: int = 0

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        wrong = self.trouble(environ)
        status = [0]
        if wrong is None:

            def noted(line: str, headers: Any, *more: Any) -> Any:
                status[0] = int(line.split()[0])
                return respond(line, headers, *more)

            parts = list(self._store(environ, noted))
            if self.cut and environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]:
                self.cut -= 1
                parts = [part[: len(part) // 2] for part in parts]
        else:
            status[0] = wrong[0]
            parts = [f"<Error><Code>{wrong[1]}</Code><Message>on purpose</Message></Error>".encode()]
            respond(f"{wrong[0]} {wrong[1]}", [("Content-Length", str(len(parts[0])))])
        path = environ["PATH_INFO"].encode("latin-1").decode().lstrip("/")
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        headers = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
        self.asked.append(
            Asked(environ["REQUEST_METHOD"], path, query, headers, status[0], sum(map(len, parts)))
        )
        return parts

    _store = staticmethod(DomainDispatcherApplication(create_backend_app))

    def count(self) -> dict[str, int]:
        """How many requests of each kind were answered since the last count."""
        kinds = [asked.what for asked in self.asked]
        self.asked.clear()
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None: ...


@contextmanager
def serving() -> Iterator[Server]:
    """A server, until the block ends."""
    server = Server()
    threaded = make_server("127.0.0.1", 0, server, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=threaded.serve_forever, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{threaded.server_port}"
    try:
        yield server
    finally:
        threaded.shutdown()
        threaded.server_close()
        thread.join(10)


@dataclass(frozen=True)
class Bucket:
    """A bucket of the server, as somebody else than geotag sees it."""

    name: str
    server: Server

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        """Ask the server by a method of its client."""
        answer: dict[str, Any] = fsspec.filesystem("s3").call_s3(method, Bucket=self.name, **asked)
        return answer

    def put(self, key: str, content: bytes, **described: Any) -> str:
        """Put an object; returns its ETag."""
        return str(self.call("put_object", Key=key, Body=content, **described)["ETag"])

    def content(self) -> dict[str, bytes]:
        """Every object by its key, and its content."""
        files = fsspec.filesystem("s3")
        return {
            item["Key"]: files.cat_file(f"{self.name}/{item['Key']}")
            for item in self.call("list_objects_v2").get("Contents", ())
        }


def go(bucketed: Bucket, tmp_path: Path, model: str, **chosen: object) -> Ran:
    """Run over the photos in a bucket; the answers go to the folder `out`."""
    return run(f"{bucketed.url}/old photos", model, **{"output": str(tmp_path / "out"), **chosen})


def take_back(tmp_path: Path) -> None:
    """Undo everything that was written, without any trouble."""
    assert upkeep.take_back(str(tmp_path / "out"), ()).troubles == ()
