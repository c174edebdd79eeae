"""An answering server on Python's websockets.

usage: websockets_server.py PORT PING_INTERVAL PING_TIMEOUT
"""

import asyncio
import sys

import websockets
from journal import tell


async def answer(connection):
    tell("open")
    try:
        async for message in connection:
            kind, seq = message.split(" ")[:2]
            if kind == "b":
                await connection.send(f"a {seq} ")
    except websockets.ConnectionClosed as closed:
        tell("closed", reason=str(closed))


async def main():
    port, interval, timeout = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    async with websockets.serve(answer, "0.0.0.0", port, ping_interval=interval, ping_timeout=timeout):
        tell("listening")
        await asyncio.Future()


asyncio.run(main())
