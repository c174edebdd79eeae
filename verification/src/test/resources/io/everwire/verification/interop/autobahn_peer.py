"""Echoes and obeys orders on AutobahnPython with asyncio, as a server or as a client.

    autobahn_peer.py serve PORT
    autobahn_peer.py dial URL

Prints "listening PORT", and "closed CODE REASON" at the end of each connection.
"""
import asyncio
import sys
from urllib.parse import urlsplit

from autobahn.asyncio.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)

PARTS = ["fra\u20ac", "gmen\U0001f600", "ted"]


class Obedient:
    def onMessage(self, payload, isBinary):
        order = "" if isBinary else payload.decode("utf-8")
        if order.startswith("!ping "):
            self.sendPing(order[len("!ping "):].encode("utf-8"))
        elif order.startswith("!close "):
            _, code, reason = order.split(" ", 2)
            self.sendClose(int(code), reason)
        elif order == "!fragments":
            self.beginMessage(isBinary=False)
            for part in PARTS:
                self.sendMessageFrame(part.encode("utf-8"))
            self.endMessage()
        elif order == "!subprotocol":
            self.sendMessage(f"subprotocol {self.websocket_protocol_in_use}".encode("utf-8"))
        else:
            self.sendMessage(payload, isBinary)

    def onPong(self, payload):
        self.sendMessage(b"pong " + payload)

    def onClose(self, wasClean, code, reason):
        # A peer's close frame is told apart from Autobahn's own words for an end without one.
        print("closed", self.remoteCloseCode or 1006, self.remoteCloseReason or "")
        self.over()

    def over(self):
        pass


class Server(Obedient, WebSocketServerProtocol):
    def onConnect(self, request):
        return "chat.v2" if "chat.v2" in request.protocols else None


class Client(Obedient, WebSocketClientProtocol):
    def over(self):
        asyncio.get_running_loop().stop()


def patient(factory):
    # By default Autobahn gives the answer to its close 1 s, which a busy machine may not keep.
    factory.setProtocolOptions(closeHandshakeTimeout=20)
    return factory


def main(role, target):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    if role == "serve":
        factory = patient(WebSocketServerFactory(loop=loop))
        factory.protocol = Server
        server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", int(target)))
        print("listening", server.sockets[0].getsockname()[1])
    else:
        factory = patient(WebSocketClientFactory(target, protocols=["chat.v9", "chat.v2"], loop=loop))
        factory.protocol = Client
        address = urlsplit(target)
        loop.run_until_complete(loop.create_connection(factory, address.hostname, address.port))
    loop.run_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
