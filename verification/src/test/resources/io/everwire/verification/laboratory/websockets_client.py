"""A client on Python's websockets that comes back as its documentation says: `async for connection in connect(…)`. Beats while
it is connected.

usage: websockets_client.py HOST PORT BEAT_SECONDS PING_INTERVAL PING_TIMEOUT
"""

import asyncio
import sys

import websockets
from journal import tell

seq = 0


async def beat(connection, pause):
    global seq
    while True:
        seq += 1
        await connection.send(f"b {seq} ")
        await asyncio.sleep(pause)


async def main():
    host, port, pause, interval, timeout = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:])
    uri = f"ws://{host}:{port}/"
    async for connection in websockets.connect(uri, ping_interval=interval, ping_timeout=timeout):
        tell("ready")
        beating = asyncio.create_task(beat(connection, pause))
        try:
            async for message in connection:
                tell("answered", seq=int(message.split(" ")[1]))
        except websockets.ConnectionClosed as closed:
            tell("lost", reason=str(closed))
        finally:
            beating.cancel()


asyncio.run(main())
