"""A real SFTP server on the loopback, for one folder."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import asyncssh


class SftpServer:
    """Serves ``folder`` as ``/`` to user ``gongkai`` with password ``geheim``.

    Attributes:
        port: it listens on; host_key: its public key, as a connection's Extra writes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = " ".join(key.export_public_key().decode().split()[:2])
        self._connections: list[asyncssh.SSHServerConnection] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._acceptor = self._run(self._listen(key))
        self.port = self._acceptor.get_port()

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self, key):
        folder = str(self.folder)

        connections = self._connections

        class Login(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                connections.append(conn)

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("gongkai", "geheim")

        return await asyncssh.create_server(
            Login,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=folder),
        )

    async def _close(self) -> None:
        self._acceptor.close()
        for connection in self._connections:
            connection.abort()
            await connection.wait_closed()
        await self._acceptor.wait_closed()
        await asyncio.sleep(0.1)  # transports close on the loop's next turns
