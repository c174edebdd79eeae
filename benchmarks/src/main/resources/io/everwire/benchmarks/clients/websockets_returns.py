"""A client on Python's websockets that comes back as its documentation says: `async for connection in connect(...)`.

usage: websockets_returns.py HOST PORT PATH BEAT_SECONDS PING_INTERVAL PING_TIMEOUT
"""

import asyncio
import sys

import websockets
from diary import tell

number = 0


async def beat(connection, pause):
    global number
    while True:
        number += 1
        await connection.send(str(number))
        await asyncio.sleep(pause)


async def main():
    host, port, path, pause = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    interval, timeout = float(sys.argv[5]), float(sys.argv[6])
    uri = f"ws://{host}:{port}{path}"
    async for connection in websockets.connect(uri, ping_interval=interval, ping_timeout=timeout):
        tell("ready")
        beating = asyncio.create_task(beat(connection, pause))
        try:
            async for message in connection:
                tell("answered", message)
            tell("lost", "closed")
        except websockets.ConnectionClosed as closed:
            tell("lost", closed)
        finally:
            beating.cancel()


asyncio.run(main())
