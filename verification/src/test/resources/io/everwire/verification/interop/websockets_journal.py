"""An echo server on Python's websockets that keeps a journal of what its endpoint has read and answered.

    websockets_journal.py JOURNAL

Prints "listening PORT". The journal, flushed line by line, holds "message CONNECTION LENGTH FIRST-WORD" for each message that was
read completely, and "pong CONNECTION" for each ping that is answered now, in the order of the connection's bytes.
"""
import asyncio
import sys

from websockets.exceptions import ConnectionClosed
from websockets.legacy.server import WebSocketServerProtocol, serve


class Journal(WebSocketServerProtocol):
    journal = open(sys.argv[1], "a", encoding="utf-8")
    connections = 0

    def note(self, *words):
        if not hasattr(self, "number"):
            Journal.connections += 1
            self.number = Journal.connections
        print(words[0], self.number, *words[1:], file=Journal.journal, flush=True)

    async def read_message(self):
        message = await super().read_message()
        if message is not None:
            self.note("message", len(message), message.split(" ", 1)[0])
        return message

    async def pong(self, data=b""):
        self.note("pong")
        await super().pong(data)


async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass  # the journal holds what was read before


async def main():
    async with serve(echo, "127.0.0.1", 0, create_protocol=Journal, ping_interval=None) as server:
        print("listening", server.sockets[0].getsockname()[1])
        await asyncio.Future()


asyncio.run(main())
