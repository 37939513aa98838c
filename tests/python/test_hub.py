# SPDX-License-Identifier: Apache-2.0
"""Loading a model by name from a hub."""

from __future__ import annotations

import hashlib
import pathlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator, List

import pytest
import tiny
from bertune import FetchProgress, Predictor, Trainer, UsageError, models, pull


@pytest.fixture
def hub(checkpoint: str) -> Iterator[str]:
    """The address of a hub that has the checkpoint as some/model."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self, send_body: bool) -> None:
            file = pathlib.Path(checkpoint) / pathlib.PurePosixPath(self.path).name
            if not (self.path.startswith("/some/model/resolve/") and file.is_file()):
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = file.read_bytes()
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            self.send_response(200)
            self.send_header("ETag", f'"{blob}"')
            self.send_header("X-Repo-Commit", "0123456789abcdef0123456789abcdef01234567")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if send_body:
                self.wfile.write(content)

        def do_HEAD(self) -> None:
            self.answer(send_body=False)

        def do_GET(self) -> None:
            self.answer(send_body=True)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_model_is_fetched_by_name_without_a_terminal(
    hub: str, checkpoint: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    monkeypatch.setenv("BERTUNE_CACHE", str(tmp_path / "cache"))
    fetched = Predictor("some/model").predict("a b c d e f - b")
    assert fetched == Predictor(checkpoint).predict("a b c d e f - b")


def test_pull_returns_the_folder_that_models_lists(
    hub: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    monkeypatch.setenv("BERTUNE_CACHE", str(tmp_path / "cache"))
    assert all(model["folder"] is None for model in models())
    folder = pull("some/model")
    assert folder == str(tmp_path / "cache" / "models" / "some" / "model")
    (model,) = [model for model in models() if model["folder"] is not None]
    assert (model["name"], model["folder"], model["is_alias"]) == ("some/model", folder, False)
    assert pull(folder) == folder
    with pytest.raises(UsageError, match="qa_bert_base_uncase"):
        pull("qa_bert_base_uncase")


def test_on_fetch_is_told_of_every_byte(
    hub: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub)
    monkeypatch.setenv("BERTUNE_CACHE", str(tmp_path / "cache"))
    told: List[FetchProgress] = []
    trainer = Trainer(**tiny.options(tmp_path, model="some/model", epochs=1))
    trainer.train(on_fetch=told.append, console=False)
    assert list(told[-1]) == ["model", "file", "bytes", "total", "received"]
    assert {progress["model"] for progress in told} == {"some/model"}
    assert told[-1]["bytes"] == told[-1]["total"] >= told[-1]["received"] > 0
    counts = [progress["bytes"] for progress in told]
    assert counts == sorted(counts)

    def refuse(progress: FetchProgress) -> None:
        raise LookupError(progress["file"])

    monkeypatch.setenv("BERTUNE_CACHE", str(tmp_path / "other"))
    with pytest.raises(LookupError):
        trainer.train(on_fetch=refuse, console=False)
