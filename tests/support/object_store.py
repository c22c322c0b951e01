"""An object store on loopback that speaks S3, empty whenever it starts, for tests of packages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
from moto.server import ThreadedMotoServer

REGION = "cn-north-1"
BUCKET = "packages"


@dataclass(frozen=True)
class ObjectStore:
    """A running store with one bucket.

    Attributes:
        address: where it answers; client: of its S3.
    """

    address: str
    client: Any

    @property
    def extra(self) -> dict[str, str]:
        """Return what an Airflow connection to it says beside the key ``key`` and the secret ``unused``."""
        return {"endpoint_url": self.address, "region_name": REGION}

    def keys(self) -> set[str]:
        """Return the names of everything in the bucket."""
        return {entry["Key"] for entry in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Start a store; what an earlier one of the same process kept, which they all share, is forgotten."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        httpx.post(f"{address}/moto-api/reset").raise_for_status()
        client = boto3.Session("key", "unused", region_name=REGION).client("s3", endpoint_url=address)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield ObjectStore(address, client)
    finally:
        server.stop()
