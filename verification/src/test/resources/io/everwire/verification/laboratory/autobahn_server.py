"""The article's server: pings every 5 s and hangs up after 2 s without a pong. Answers beats.

usage: autobahn_server.py PORT
"""

import asyncio
import sys

from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol
from journal import tell


class Server(WebSocketServerProtocol):
    def onOpen(self):
        tell("open")

    def onMessage(self, payload, isBinary):
        kind, seq = payload.decode().split(" ")[:2]
        if kind == "b":
            self.sendMessage(f"a {seq} ".encode())

    def onClose(self, wasClean, code, reason):
        tell("closed", reason=str(reason))


async def main():
    factory = WebSocketServerFactory()
    factory.protocol = Server
    factory.setProtocolOptions(autoPingInterval=5, autoPingTimeout=2)
    server = await asyncio.get_running_loop().create_server(factory, "0.0.0.0", int(sys.argv[1]))
    tell("listening")
    await server.serve_forever()


asyncio.run(main())
