"""The server of the article "Automatic reconnection of Websockets in Autobahn": a ping every 5 s, 2 s for the answer.

    article_server.py PORT

Beyond the article it sends a tick every 100 ms, so that data flows, and prints what happens.
"""
import asyncio
import sys

from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol


class MyServerProtocol(WebSocketServerProtocol):
    ticks = 0

    def onOpen(self):
        print("open")
        self.tick()

    def tick(self):
        self.sendMessage(b"tick")
        self.next_tick = self.factory.loop.call_later(0.1, self.tick)

    def onMessage(self, payload, isBinary):
        self.ticks += 1

    def onClose(self, wasClean, code, reason):
        if hasattr(self, "next_tick"):
            self.next_tick.cancel()
        print("closed after", self.ticks, "ticks:", code, reason)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
factory = WebSocketServerFactory(loop=loop)
factory.protocol = MyServerProtocol
factory.setProtocolOptions(autoPingInterval=5, autoPingTimeout=2)
server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", int(sys.argv[1])))
print("listening", server.sockets[0].getsockname()[1])
loop.run_forever()
