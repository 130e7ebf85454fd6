"""The command `review`, mounted by `cli`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lichang.store.open import Store

_ALL_ADDRESSES = ("0.0.0.0", "::")


@click.command()
@click.option(
    "--store", "where", default="lichang.db", show_default=True, help="A file, or postgresql+psycopg://…"
)
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Any free one by default.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--name",
    "names",
    multiple=True,
    help="A name that others reach this host by; may be given more than once.",
)
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Holds the password that the page asks for; needed with --host.",
)
@click.option("--reviewer", default=None, help="Who decides, unless the page says otherwise.")
@click.option("--browser/--no-browser", default=True, help="Open the page.")
@click.option(
    "--export-corpus",
    type=click.Path(path_type=Path),
    help="Write what was reviewed to this folder, for `lichang train camps --corpus`, and end.",
)
def review(
    where: str,
    port: int,
    host: str,
    names: tuple[str, ...],
    password_file: Path | None,
    reviewer: str | None,
    browser: bool,
    export_corpus: Path | None,
) -> None:
    """Read articles, trace their claims, and accept or correct them, on a page in the browser."""
    from contextlib import closing

    from lichang.store.open import open_store

    password = _password(host, password_file)
    with closing(open_store(where, durable=True, create=False)) as store:
        if export_corpus is not None:
            _export(store, export_corpus)
        else:
            _serve(store, host, port, names, password, reviewer, browser)


def _password(host: str, file: Path | None) -> str | None:
    from ipaddress import ip_address

    try:
        is_local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_local = False
    password = file.read_text("utf-8").strip() if file else None
    if not is_local and not password:
        raise click.UsageError(
            f"{host} can be reached by others, and whoever reaches the page can decide on claims: put a "
            "password into a file and name it with --password-file. The connection is not encrypted; beyond a "
            "network that you trust, put a proxy with TLS before it."
        )
    return password


def _export(store: "Store", folder: Path) -> None:
    from lichang.review.corpus_export import export_folder

    with store.read() as connection:
        count = export_folder(connection, folder)
    click.echo(f"wrote {count} articles to {folder}; train with: lichang train camps --corpus {folder}")


def _serve(
    store: "Store",
    host: str,
    port: int,
    names: tuple[str, ...],
    password: str | None,
    reviewer: str | None,
    browser: bool,
) -> None:
    import getpass
    import secrets
    import socket
    import webbrowser

    try:
        import uvicorn

        from lichang.review.app import LOOPBACK, create_app
    except ModuleNotFoundError as error:
        raise click.ClickException(f"the page needs {error.name}: pip install 'lichang[review]'") from error

    # Named as TCP, which create_server leaves out: asyncio only then sends small answers without a wait of 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise click.ClickException(
            f"{host}:{port} cannot be listened on: {error.strerror}; choose another --port"
        ) from error
    listening.listen()
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    # On all addresses any of them may be asked for; names still have to be known ones.
    hosts = {*LOOPBACK, *names, "" if host in _ALL_ADDRESSES else host}
    app = create_app(
        store, token=token, hosts=hosts, port=port, reviewer=reviewer or getpass.getuser(), password=password
    )
    shown = f"[{host}]" if ":" in host else host
    link = f"http://{shown}:{port}/" + ("" if password else f"?token={token}")
    click.echo(f"{link}\nCtrl-C ends it.", err=True)
    sys.stderr.flush()
    if browser:
        webbrowser.open(link)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    server.run(sockets=[listening])
