"""A storage that speaks S3, as a server of its own, beside a test."""

import os
import urllib.request
from contextlib import contextmanager
from unittest.mock import patch

import boto3
from moto.server import ThreadedMotoServer

from worksttogether.environment import Environment

BUCKET = "portal"


@contextmanager
def bucket(settings):
    """For as long as the block runs, uploaded files lie in a bucket; yields its STORAGE_URL and a client."""
    with patch.dict(os.environ, {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}):
        server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        url = f"s3+http://key:secret@{host}:{port}/{BUCKET}"
        kept, settings.STORAGES = (
            settings.STORAGES,
            settings.STORAGES | {"default": Environment({"DEMO": "true", "STORAGE_URL": url}).storage},
        )
        try:
            yield url, client
        finally:
            settings.STORAGES = kept
            urllib.request.urlopen(
                urllib.request.Request(f"http://{host}:{port}/moto-api/reset", method="POST")
            ).close()
            server.stop()


def names(client):
    return {entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())}
