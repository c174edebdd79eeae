"""AutobahnPython on Twisted, which comes back by Twisted's ReconnectingClientFactory, with its own delays, and pings by itself.

usage: twisted_returns.py HOST PORT PATH BEAT_SECONDS PING_INTERVAL PING_TIMEOUT
"""

import sys

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from diary import tell
from twisted.internet import reactor
from twisted.internet.protocol import ReconnectingClientFactory

host, port, path, pause = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
number = 0


class Client(WebSocketClientProtocol):
    beating = None

    def onOpen(self):
        self.factory.resetDelay()
        tell("ready")
        self.beat()

    def beat(self):
        global number
        number += 1
        self.sendMessage(str(number).encode())
        self.beating = reactor.callLater(pause, self.beat)

    def onMessage(self, payload, isBinary):
        tell("answered", payload.decode())

    def onClose(self, wasClean, code, reason):
        if self.beating is not None and self.beating.active():
            self.beating.cancel()
        tell("lost", reason)


class Factory(WebSocketClientFactory, ReconnectingClientFactory):
    protocol = Client

    def clientConnectionFailed(self, connector, reason):
        self.retry(connector)

    def clientConnectionLost(self, connector, reason):
        self.retry(connector)


factory = Factory(f"ws://{host}:{port}{path}")
factory.setProtocolOptions(autoPingInterval=float(sys.argv[5]), autoPingTimeout=float(sys.argv[6]))
reactor.connectTCP(host, port, factory)
reactor.run()
