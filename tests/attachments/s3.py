"""A real S3-compatible server of this machine, spoken to over HTTP, which checks every signature."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

from tests.support.running import free_port

BUCKET, REGION = "wenze-test", "cn-north-1"
_FREE_ACTIONS = 4
"""What is done before signatures are checked: a bucket, a person, a policy and a key."""
_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class S3:
    """Where the server is, and who may use it."""

    endpoint: str
    access_key: str
    secret_key: str

    @property
    def address(self) -> str:
        """The one setting."""
        return f"s3://{BUCKET}/attachments?endpoint={self.endpoint}&region={REGION}"

    def client(self, service: str = "s3") -> Any:
        """Another client than the one that is tested."""
        return _client(service, self.endpoint, self.access_key, self.secret_key)


@contextmanager
def running_s3(log: Path) -> Iterator[S3]:
    """The server, with a bucket and one person who may use it; ended with the block."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": str(_FREE_ACTIONS)}
    with log.open("wb") as out:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait(endpoint, process, log)
            yield _set_up(endpoint)
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_SECONDS)


def _set_up(endpoint: str) -> S3:
    storage, people = (_client(service, endpoint, "nobody", "nothing") for service in ("s3", "iam"))
    storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    people.create_user(UserName="wenze")
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    people.put_user_policy(UserName="wenze", PolicyName="all", PolicyDocument=json.dumps(allowed))
    key = people.create_access_key(UserName="wenze")["AccessKey"]
    return S3(endpoint, key["AccessKeyId"], key["SecretAccessKey"])


def _client(service: str, endpoint: str, access_key: str, secret_key: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def _wait(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{endpoint}/moto-api/", timeout=2).status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the S3 server did not come up: {log.read_text(encoding='utf-8')[-2_000:]}")
