"""A client of the YAML language server, over standard input and output, as editors are."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "build" / "editor" / "node_modules"
PROGRAM = MODULES / "yaml-language-server" / "bin" / "yaml-language-server"
SECONDS = 60
"""How long an answer may take."""
SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        # Nothing but what the first line of a file names.
        "schemaStore": {"enable": False},
    }
}


class Server:
    """The running server: what an editor asks of it, file by file."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.stdin: IO[bytes] = process.stdin
        self.stdout: IO[bytes] = process.stdout
        self.messages: Queue[dict[str, Any]] = Queue()
        self.count = 0
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while head := self.stdout.readline():
            length = 0
            while head.strip():
                name, _colon, value = head.decode("ascii").partition(":")
                length = int(value) if name.lower() == "content-length" else length
                head = self.stdout.readline()
            self.messages.put(json.loads(self.stdout.read(length)))

    def _send(self, **message: Any) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.stdin.flush()

    def notify(self, method: str, **params: Any) -> None:
        """Tell the server something."""
        self._send(method=method, params=params)

    def request(self, method: str, **params: Any) -> Any:
        """What the server answers."""
        self.count += 1
        self._send(id=self.count, method=method, params=params)
        return self._wait(
            lambda message: message.get("id") == self.count and "method" not in message
        )["result"]

    def _wait(self, is_due: Any) -> dict[str, Any]:
        """The message that is due; what the server asks meanwhile is answered."""
        while True:
            try:
                message = self.messages.get(timeout=SECONDS)
            except Empty:
                raise TimeoutError from None
            if is_due(message):
                return message
            if "method" in message and "id" in message:
                self._send(id=message["id"], result=self._answer(message))

    @staticmethod
    def _answer(message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            return [SETTINGS.get(item.get("section")) for item in message["params"]["items"]]
        return None

    def open(self, path: Path, text: str | None = None) -> list[dict[str, Any]]:
        """Open a file, with another text than it has if one is given; what the server objects to."""
        uri = path.as_uri()
        shown = path.read_text("utf-8") if text is None else text
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": shown}
        self.notify("textDocument/didOpen", textDocument=document)
        published = self._wait(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == uri
            )
        )
        found: list[dict[str, Any]] = published["params"]["diagnostics"]
        return found

    def hover(self, path: Path, line: int, character: int) -> str:
        """What is shown where the mouse rests."""
        answer = self.request(
            "textDocument/hover",
            textDocument={"uri": path.as_uri()},
            position={"line": line, "character": character},
        )
        return str(answer["contents"]["value"]) if answer else ""

    def complete(self, path: Path, line: int, character: int) -> dict[str, str]:
        """What is offered at a place: its label and the text that is put in."""
        answer = self.request(
            "textDocument/completion",
            textDocument={"uri": path.as_uri()},
            position={"line": line, "character": character},
        )
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {
            item["label"]: item.get("textEdit", {}).get("newText", item.get("insertText", ""))
            for item in items
        }


@contextmanager
def start_server(folder: Path) -> Iterator[Server]:
    """The server for the files of a folder; it ends with the block."""
    with subprocess.Popen(
        [shutil.which("node") or "node", str(PROGRAM), "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        server = Server(process)
        server.request(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            capabilities={
                "workspace": {"configuration": True},
                "textDocument": {
                    "hover": {"contentFormat": ["markdown"]},
                    "completion": {"completionItem": {"snippetSupport": True}},
                    "publishDiagnostics": {},
                },
            },
        )
        server.notify("initialized")
        server.notify("workspace/didChangeConfiguration", settings=SETTINGS)
        try:
            yield server
        finally:
            process.kill()
