"""Talks to object stores through fsspec: lists, reads, and writes on conditions. Nobody else knows fsspec.

Whatever a client library raises leaves here as an OSError with a few words. Stores that speak S3 are read
and written; what else fsspec can reach is only read.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn, Protocol
from urllib.parse import urlencode

from geotag.errors import UsageError

_SECOND = 10**9
_ATTEMPTS = 3

# What describes an object and is not its content (Amazon S3 API, HeadObject and PutObject).
_KEPT = (
    "BucketKeyEnabled CacheControl ContentDisposition ContentEncoding ContentLanguage ContentType Expires "
    "Metadata ObjectLockLegalHoldStatus ObjectLockMode ObjectLockRetainUntilDate SSEKMSKeyId "
    "ServerSideEncryption StorageClass WebsiteRedirectLocation"
).split()
_GRANTS = {
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
    "FULL_CONTROL": "GrantFullControl",
}

# Error codes (Amazon S3 API, Error responses) and exceptions of clients: what they mean here.
_CHANGED = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_LACKING = frozenset({"NotImplemented", "501", "AccessControlListNotSupported", "MethodNotAllowed"})
_MEANINGS = {
    "NoSuchBucket": (errno.ENXIO, "no such bucket"),
    "InvalidBucketName": (errno.ENXIO, "no bucket can have this name"),
    "NoSuchKey": (errno.ENOENT, os.strerror(errno.ENOENT)),
    "404": (errno.ENOENT, os.strerror(errno.ENOENT)),
    "FileNotFoundError": (errno.ENOENT, os.strerror(errno.ENOENT)),
    "AccessDenied": (errno.EACCES, "access denied"),
    "403": (errno.EACCES, "access denied"),
    "InvalidAccessKeyId": (errno.EACCES, "the access key is not known there"),
    "SignatureDoesNotMatch": (errno.EACCES, "the secret key is not the right one"),
    "ExpiredToken": (errno.EACCES, "the credentials have expired"),
    "NoCredentialsError": (errno.EACCES, "no credentials; set AWS_PROFILE, or key and secret as for aws-cli"),
    "InvalidObjectState": (errno.EBUSY, "in cold storage; restore the object first"),
    **dict.fromkeys(_CHANGED, (errno.ESTALE, "changed by another program meanwhile")),
    **dict.fromkeys(_LACKING, (errno.ENOTSUP, "the store does not offer this")),
}
_SILENT = frozenset(
    {"HTTPClientError", "TimeoutError", "ConnectionError", "ClientError", "ClientPayloadError"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was seen, in the words of os.stat: bytes, and nanoseconds.

    Stores give the time of the last change by the second; the fraction is made of the ETag, by which versions
    of the same second are told apart.
    """

    st_size: int
    st_mtime_ns: int
    etag: str


class Store(Protocol):
    """A connection to a store; paths are `bucket/key`. Calls may come from any thread; all raise OSError."""

    def is_folder(self, path: str) -> bool: ...
    def listed(self, path: str) -> Iterator[tuple[str, Found]]: ...
    def beginning(self, path: str) -> Iterator[str]: ...
    def seen(self, path: str) -> Found: ...
    def get(self, path: str, most: int) -> tuple[Found, bytes | None]: ...
    def part(self, path: str, found: Found, start: int, end: int) -> bytes: ...
    def attributes(self, path: str, found: Found, /) -> Mapping[str, Any]: ...
    def put(self, path: str, content: bytes, etag: str, attributes: Mapping[str, Any], /) -> None: ...
    def delete(self, path: str, found: Found, /) -> None: ...


def split(url: str) -> tuple[Store, str]:
    """The store that a URL names and `bucket/key` in it; raises UsageError when it cannot be spoken to."""
    protocol, _, path = url.partition("://")
    return _store(protocol), path


@lru_cache
def _store(protocol: str) -> Store:
    extra = "pip install 'geovision-geotag[s3]'"
    try:
        import fsspec

        files = fsspec.filesystem(protocol)
    except ImportError as error:
        raise UsageError(f"{protocol}://: cannot be read without another package; {extra}") from error
    except ValueError as error:
        raise UsageError(f"{protocol}://: no such kind of store; s3://BUCKET/FOLDER is one") from error
    return S3(files) if hasattr(files, "call_s3") else Others(files)


class S3:
    """A store that speaks S3, asked through s3fs."""

    def __init__(self, files: Any) -> None:
        self._files = files

    def is_folder(self, path: str) -> bool:
        """Whether anything lies below a path; a bucket is a folder even when it is empty."""
        bucket, _, key = path.partition("/")
        answer = self._call("list_objects_v2", Bucket=bucket, Prefix=_below(key), MaxKeys=1)
        return not key or bool(answer.get("KeyCount"))

    def listed(self, path: str) -> Iterator[tuple[str, Found]]:
        """Everything below a path, as the store orders it: relative name and how it is now."""
        bucket, _, key = path.partition("/")
        prefix = _below(key)
        for item in self._pages(bucket, prefix):
            yield (
                item["Key"][len(prefix) :],
                _found(item["Size"], item["LastModified"].timestamp(), item["ETag"]),
            )

    def beginning(self, path: str) -> Iterator[str]:
        """The paths in the same folder that begin like this one."""
        bucket, _, key = path.partition("/")
        return (f"{bucket}/{item['Key']}" for item in self._pages(bucket, key, Delimiter="/"))

    def _pages(self, bucket: str, prefix: str, **how: str) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Bucket=bucket, Prefix=prefix, **how, **more)
            yield from answer.get("Contents", ())
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def seen(self, path: str) -> Found:
        """An object as it is now."""
        return _answered(self._call("head_object", **_place(path)))

    def get(self, path: str, most: int) -> tuple[Found, bytes | None]:
        """An object and its content, None where that is more than `most` bytes."""
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self._call("get_object", **_place(path))
            found = _answered(answer)
            if found.st_size > most:
                answer["Body"].close()
                return found, None
            try:
                return found, self._body(answer)
            except OSError:
                if attempt == _ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def part(self, path: str, found: Found, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of an object that is still the one that was found."""
        asked = {"Range": f"bytes={start}-{end - 1}", "IfMatch": found.etag}
        return self._body(self._call("get_object", **_place(path), **asked))

    def _body(self, answer: dict[str, Any]) -> bytes:
        from fsspec.asyn import sync

        with _in_few_words():
            try:
                return bytes(sync(self._files.loop, answer["Body"].read))
            finally:
                answer["Body"].close()

    def attributes(self, path: str, found: Found) -> Mapping[str, Any]:
        """What a new version of an object has to be given so that it differs in nothing but its content.

        Raises OSError (ENOTSUP) when something about it cannot be read or given.
        """
        head = self._call("head_object", **_place(path), IfMatch=found.etag)
        if head.get("MissingMeta") or ("ExpiresString" in head and "Expires" not in head):
            raise OSError(errno.ENOTSUP, "it has metadata that cannot be read and would be lost")
        kept = {name: head[name] for name in _KEPT if head.get(name) not in (None, "", {})}
        tags = self._asked_about("get_object_tagging", path, "its tags").get("TagSet")
        if tags:
            kept["Tagging"] = urlencode([(tag["Key"], tag["Value"]) for tag in tags])
        return kept | _granted(self._asked_about("get_object_acl", path, "its access list"))

    def _asked_about(self, method: str, path: str, what: str) -> dict[str, Any]:
        try:
            return self._call(method, **_place(path))
        except PermissionError as error:
            reason = f"{what} cannot be read ({error.strerror}) and would be lost"
            raise OSError(errno.ENOTSUP, reason) from error
        except OSError as error:
            if error.errno == errno.ENOTSUP:
                return {}
            raise

    def put(self, path: str, content: bytes, etag: str, attributes: Mapping[str, Any]) -> None:
        """Write an object if its ETag is still this one; if there is none yet, where `etag` is empty.

        Raises OSError: ESTALE when the condition does not hold.
        """
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        self._call("put_object", **_place(path), Body=content, ContentMD5=digest, **condition, **attributes)

    def delete(self, path: str, found: Found) -> None:
        """Delete an object if it is still the one that was found; raises OSError (ESTALE) otherwise."""
        self._call("delete_object", **_place(path), IfMatch=found.etag)

    def _call(self, method: str, **asked: Any) -> dict[str, Any]:
        with _in_few_words():
            answer: dict[str, Any] = self._files.call_s3(method, **asked)
        return answer


class Others:
    """A store of another kind: fsspec lists it (all at once) and reads it; nothing is written."""

    def __init__(self, files: Any) -> None:
        self._files = files

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder."""
        with _in_few_words():
            return bool(self._files.isdir(path))

    def listed(self, path: str) -> Iterator[tuple[str, Found]]:
        """Everything below a path in bytewise order: relative name and how it is now."""
        with _in_few_words():
            found = self._files.find(path, detail=True)
            root = self._files._strip_protocol(path).rstrip("/") + "/"
        names = {name[len(root) :]: info for name, info in found.items() if name.startswith(root)}
        return ((name, _informed(names[name])) for name in sorted(names, key=os.fsencode))

    def beginning(self, path: str) -> Iterator[str]:
        """The paths in the same folder that begin like this one."""
        folder = os.path.dirname(path)
        with _in_few_words():
            names = [os.path.basename(name) for name in self._files.ls(folder, detail=False)]
        return (found for name in names if (found := f"{folder}/{name}").startswith(path))

    def seen(self, path: str) -> Found:
        """An object as it is now."""
        with _in_few_words():
            return _informed(self._files.info(path))

    def get(self, path: str, most: int) -> tuple[Found, bytes | None]:
        """An object and its content, None where that is more than `most` bytes."""
        found = self.seen(path)
        return found, None if found.st_size > most else self.part(path, found, 0, found.st_size)

    def part(self, path: str, found: Found, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of an object."""
        with _in_few_words():
            return bytes(self._files.cat_file(path, start=start, end=min(end, found.st_size)))

    def _unwritable(self, *_: object) -> NoReturn:
        raise OSError(errno.ENOTSUP, "this kind of store cannot be written on a condition")

    attributes = put = delete = _unwritable


@contextmanager
def _in_few_words() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Client libraries raise their own, botocore's and aiohttp's exceptions, and whatever their servers
        # make them stumble over.
        raise _trouble(error) from error


def _trouble(error: Exception) -> OSError:
    # Of what is raised and what caused it, one carries the error code of the store.
    both = [one for one in (error.__cause__, error) if one is not None]
    code = next((one.response["Error"]["Code"] for one in both if hasattr(one, "response")), "")
    kinds = [kind.__name__ for one in both for kind in type(one).__mro__]
    for name in (code, *kinds):
        if name in _MEANINGS:
            return OSError(*_MEANINGS[name])
    if not code and _SILENT.intersection(kinds):
        return OSError(errno.ETIMEDOUT, f"the store does not answer ({kinds[0]})")
    return OSError(errno.EIO, f"the store says {code or kinds[0]}: {both[0]}")


def _below(key: str) -> str:
    return f"{key}/" if key else ""


def _place(path: str) -> dict[str, str]:
    bucket, _, key = path.partition("/")
    return {"Bucket": bucket, "Key": key}


def _found(size: int, seconds: float, etag: str) -> Found:
    fraction = int.from_bytes(hashlib.sha256(etag.encode()).digest()[:6], "big") % _SECOND
    return Found(size, int(seconds) * _SECOND + fraction, etag)


def _answered(answer: Mapping[str, Any]) -> Found:
    return _found(answer["ContentLength"], answer["LastModified"].timestamp(), answer["ETag"])


def _informed(info: Mapping[str, Any]) -> Found:
    names = ("LastModified", "last_modified", "mtime", "updated", "created")
    changed = next((info[name] for name in names if info.get(name) is not None), None)
    seconds = changed.timestamp() if isinstance(changed, datetime) else changed
    known = float(seconds) if isinstance(seconds, int | float) else 0.0
    etag = next((str(info[name]) for name in ("ETag", "etag", "md5Hash") if info.get(name)), f"{known:.6f}")
    return _found(int(info["size"] or 0), known, etag)


def _granted(acl: Mapping[str, Any]) -> dict[str, str]:
    """The headers that grant anew what an access list grants; none where only the owner may do anything."""
    grants = acl.get("Grants", ())
    owner = acl.get("Owner", {}).get("ID")
    if all((grant["Grantee"].get("ID"), grant["Permission"]) == (owner, "FULL_CONTROL") for grant in grants):
        return {}
    given: dict[str, list[str]] = {}
    for grant in grants:
        who = grant["Grantee"]
        name = f'id="{who["ID"]}"' if "ID" in who else f'uri="{who["URI"]}"'
        given.setdefault(_GRANTS[grant["Permission"]], []).append(name)
    return {header: ", ".join(names) for header, names in given.items()}
