"""``wenze openapi``: writes the documents that integrators work with."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def openapi() -> None:
    """The OpenAPI documents, one per city, made from what the service runs on."""


@openapi.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("openapi"))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a document is not what the code makes.")
def export(directory: Path, *, check: bool) -> None:
    """Writes DIRECTORY/<city>.json for every installed city."""
    documents = make_documents()
    if check:
        stale = [name for name, body in documents.items() if not _holds(directory / name, body)]
        for name in stale:
            click.echo(f"{directory / name} is not what the code makes; run: wenze openapi export {directory}", err=True)
        sys.exit(1 if stale else 0)
    directory.mkdir(parents=True, exist_ok=True)
    for name, body in documents.items():
        (directory / name).write_bytes(body)
        click.echo(f"{directory / name} ({len(body):,} bytes)")


def make_documents() -> dict[str, bytes]:
    """Every city's document, by the name of its file."""
    from api.catalogue import Catalogue
    from api.openapi.build import build_document, encode_document
    from api.routes import all_operations
    from core.jurisdictions import Jurisdictions

    jurisdictions, catalogue = Jurisdictions.discover(), Catalogue(all_operations())
    return {
        f"{id_}.json": encode_document(build_document(jurisdictions.get(id_), catalogue)) for id_ in jurisdictions.ids
    }


def _holds(file: Path, body: bytes) -> bool:
    return file.is_file() and file.read_bytes() == body
