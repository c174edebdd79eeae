"""Echoes and obeys orders on Python's websockets, as a server or as a client.

    websockets_peer.py serve PORT [CERTIFICATES KEY]
    websockets_peer.py dial URL [AUTHORITY]

Prints "listening PORT", and "closed CODE REASON" at the end of each connection.
"""
import asyncio
import ssl
import sys

import websockets
from websockets.exceptions import ConnectionClosed

PARTS = ["fra\u20ac", "gmen\U0001f600", "ted"]


async def obey(connection, message):
    order = message if isinstance(message, str) else ""
    if order.startswith("!ping "):
        payload = order[len("!ping "):]
        pong = await connection.ping(payload)
        await pong
        await connection.send("pong " + payload)
    elif order.startswith("!close "):
        _, code, reason = order.split(" ", 2)
        await connection.close(int(code), reason)
    elif order == "!fragments":
        await connection.send(PARTS)
    elif order == "!subprotocol":
        await connection.send("subprotocol " + str(connection.subprotocol))
    else:
        await connection.send(message)


async def converse(connection):
    try:
        async for message in connection:
            await obey(connection, message)
    except ConnectionClosed:
        pass  # told below
    print("closed", connection.close_code, connection.close_reason)


async def serve(port, *identity):
    tls = None
    if identity:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*identity)
    async with websockets.serve(converse, "127.0.0.1", port, ssl=tls, subprotocols=["chat.v2"]) as server:
        print("listening", server.sockets[0].getsockname()[1])
        await asyncio.Future()


async def dial(url, authority=None):
    tls = ssl.create_default_context(cafile=authority) if authority else None
    async with websockets.connect(url, ssl=tls, subprotocols=["chat.v9", "chat.v2"]) as connection:
        await converse(connection)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[2]), *sys.argv[3:]) if sys.argv[1] == "serve" else dial(*sys.argv[2:]))
