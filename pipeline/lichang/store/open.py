"""Open a store, make its tables or bring them up to date, and hand out transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from lichang.errors import LichangError

HEAD = "0004"  # the migration that this code is written for
LOCK_WAIT = 60  # seconds that a writer waits for another; a write lasts milliseconds
POSTGRES_OLDEST = 15
_MIGRATIONS = Path(__file__).parent / "migrations"


class StoreError(LichangError):
    """A store cannot be opened or is not what it should be."""


class Store:
    """An open store; `read` and `write` hand out its transactions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite store, None on a server."""
        return Path(str(self.engine.url.database)) if self.sqlite else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store and keeps no writer waiting."""
        with self.engine.connect() as connection:
            if not self.sqlite:  # where every statement would otherwise see what is newest
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed when the block ends and rolled back when it raises."""
        with self.engine.connect() as connection:
            connection.execution_options(lichang_write=True)  # of this connection, in place
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give back the connections; the store can be opened again."""
        self.engine.dispose()


def open_store(where: str, *, durable: bool = False, create: bool = True) -> Store:
    """Open the store at a path or URL, bringing its tables up to date.

    `durable` makes every commit wait for the disk: for decisions of people, which nothing could
    make again. Without it a power cut (not a killed process) may take back the last commits of a
    run; the ledger goes back with them, so the next run does that work again. Raises `StoreError`
    where the store cannot be reached, is newer than this code, or is missing and not `create`.
    """
    url = store_url(where)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if not path.exists() and not create:
            raise StoreError(f"{where}: no such store; `lichang ingest … --store {where}` makes one")
        if not path.parent.is_dir():
            raise StoreError(f"{where}: the folder {path.parent} does not exist; make it first")
    store = Store(_engine(url, durable))
    try:
        _upgrade(store)
    except DBAPIError as error:
        store.close()
        raise StoreError(f"{where}: cannot open this store: {error.orig}") from error
    except BaseException:
        store.close()
        raise
    return store


def store_url(where: str) -> URL:
    """The database URL that a path or URL names.

    >>> store_url("lichang.db").render_as_string()
    'sqlite:///lichang.db'
    >>> store_url("postgresql+psycopg://anna@db/lichang").host
    'db'
    >>> store_url("mysql://anna@db/lichang")
    Traceback (most recent call last):
    lichang.store.open.StoreError: mysql: not a store; give a path, or postgresql+psycopg://user@host/database
    """
    if "://" not in where:
        return URL.create("sqlite", database=where)
    try:
        url = make_url(where)
    except SQLAlchemyError as error:
        raise StoreError(
            f"{where}: not a database URL; write postgresql+psycopg://user@host/database"
        ) from error
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg") or not url.database:
        raise StoreError(
            f"{url.drivername}: not a store; give a path, or postgresql+psycopg://user@host/database"
        )
    return url


def _engine(url: URL, durable: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True)
        if durable:  # the server's default, unless its administrator relaxed it
            event.listen(engine, "connect", _set_durable)
        return engine
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # sqlite3 is not to begin transactions behind our back
        for pragma in (
            "journal_mode = WAL",  # readers and the writer do not wait for one another
            f"synchronous = {'FULL' if durable else 'NORMAL'}",
            "foreign_keys = ON",
            "wal_autocheckpoint = 8192",  # pages: what changes often is copied into the file less often
            "cache_size = -65536",  # KiB: the inner pages of every index of 100,000 articles
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait for another writer: SQLite
        # fails it at once as locked. One that takes the write lock at its start queues.
        writes = connection.get_execution_options().get("lichang_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _set_durable(connection: Any, _: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    connection.commit()


def _upgrade(store: Store) -> None:
    """Run the migrations that the store has not seen; a store that is up to date costs one query."""
    with store.read() as connection:
        if not store.sqlite:
            _check_server(connection)
        found = _revision(connection)
    if found == HEAD:
        return
    with store.write() as connection:
        if not store.sqlite:  # two that open a new store at once: one makes the tables
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('lichang migrate'))"))
        found = _revision(connection)
        if found != HEAD:
            _migrate(connection, found)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _migrate(connection: Connection, found: str | None) -> None:
    # Alembic takes a quarter of a second to import, which a store that is up to date need not pay.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        if found is not None:
            ScriptDirectory.from_config(config).get_revision(found)
    except CommandError as error:
        raise StoreError(
            f"{connection.engine.url}: made by a newer lichang (revision {found}, this one knows {HEAD}); "
            "upgrade lichang"
        ) from error
    command.upgrade(config, HEAD)


def _check_server(connection: Connection) -> None:
    version = int((connection.dialect.server_version_info or (0,))[0])
    if version < POSTGRES_OLDEST:
        raise StoreError(f"PostgreSQL {version} is too old; lichang needs {POSTGRES_OLDEST} or later")
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise StoreError(
            f"the database's encoding is {encoding}; make one WITH ENCODING 'UTF8' TEMPLATE template0"
        )
