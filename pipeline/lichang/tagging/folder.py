"""Model folders: where they lie, what they hold, and the hash by which records name them."""

import hashlib
import io
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from lichang.errors import ModelError

PACKAGE = Path(__file__).parents[1]


def models_dir() -> Path:
    """The folder of default models: inside an installed package, or `models/` of a checkout."""
    installed = PACKAGE / "models"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "models"


class Folder:
    """A model directory: README.md (card), config.json, and the weights that its config lists."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def config(self) -> dict[str, Any]:
        """What config.json says; raises ModelError where it cannot be read."""
        try:
            config = json.loads((self.path / "config.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{self.path} is no model folder: its config.json cannot be read ({error}); "
                "reinstall lichang, or name a folder that `lichang train` wrote"
            ) from error
        if not isinstance(config, dict) or not isinstance(config.get("weights"), str):
            raise ModelError(f"{self.path}/config.json names no weights file; run `lichang train` again")
        return config

    @cached_property
    def weights(self) -> Path:
        """The weights file, checked against the hash in the config; raises ModelError."""
        file: Path = self.path / self.config["weights"]
        try:
            found = digest(file)
        except OSError as error:
            raise ModelError(
                f"the weights {file} cannot be read ({error.strerror}); reinstall lichang or run `lichang train`"
            ) from error
        if found != self.config.get("sha256"):
            raise ModelError(
                f"the weights {file} are damaged: sha256 {found[:12]}…, expected "
                f"{str(self.config.get('sha256'))[:12]}…; reinstall lichang or run `lichang train` again"
            )
        return file

    @property
    def version(self) -> str:
        """The first 12 hex digits of the weights' sha256; names the weights in a record's provenance."""
        return str(self.config.get("sha256", ""))[:12]

    def load_skops(self) -> dict[str, Any]:
        """What `save_skops` wrote: nested dicts of numbers and arrays; raises ModelError.

        Read without skops, whose import walks all of scikit-learn and takes longer than the rest of a start.
        """
        from zipfile import BadZipFile, ZipFile

        file = self.weights
        try:
            with ZipFile(file) as archive:
                model: dict[str, Any] = _read_node(json.loads(archive.read("schema.json")), archive)
        except (BadZipFile, KeyError, ValueError) as error:
            raise ModelError(f"{file} cannot be loaded: {error}; run `lichang train` again") from error
        return model

    def check_features(self, version: int) -> None:
        """Raise ModelError where the weights were fitted to rows of another version of `tagging.features`."""
        if self.config.get("features") != version:
            raise ModelError(
                f"the weights in {self.path} were trained by another version of lichang and do not fit this one; "
                "reinstall lichang or run `lichang train camps` again"
            )

    def save_skops(self, model: dict[str, Any], config: dict[str, Any]) -> None:
        """Write nested dicts of numbers and arrays, and the config, which gains the weights' name and hash."""
        from zipfile import ZIP_DEFLATED

        import skops.io

        self.path.mkdir(parents=True, exist_ok=True)
        file = self.path / "model.skops"
        skops.io.dump(model, file, compression=ZIP_DEFLATED, compresslevel=9)
        self.write_config(config | {"weights": file.name, "sha256": digest(file)})

    def write_config(self, config: dict[str, Any]) -> None:
        """Write config.json, sorted, so that a retrained model shows a readable diff."""
        text = json.dumps(config, ensure_ascii=False, indent=2, sort_keys=True)
        (self.path / "config.json").write_text(text + "\n", "utf-8")


def _read_node(node: dict[str, Any], archive: Any) -> Any:
    """One node of skops' schema: a dict, a number, or an array in a file of its own."""
    import numpy as np

    match node:
        case {"__loader__": "DictNode", "content": content}:
            return {name: _read_node(inner, archive) for name, inner in content.items()}
        case {"__loader__": "NdArrayNode", "type": "numpy", "file": file}:
            with archive.open(file) as stream:
                return np.load(io.BytesIO(stream.read()), allow_pickle=False)
        case {"__loader__": "JsonNode", "content": content}:
            return json.loads(content)
    raise ValueError(f"a {node.get('__class__')} was not expected")


def digest(file: Path) -> str:
    """The sha256 of a file, as hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
