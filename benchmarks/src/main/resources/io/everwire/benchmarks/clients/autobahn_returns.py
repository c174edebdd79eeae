"""The article's client: counts the server's pings, drops the connection after 10 s without one, and dials again, each time with
5 s for the connect; after a loss it first waits a fixed 5 s.

usage: autobahn_returns.py HOST PORT PATH BEAT_SECONDS
"""

import asyncio
import sys
import time

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from diary import tell

host, port, path, pause = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
number = 0


class Client(WebSocketClientProtocol):
    PING_INTERVAL = 5
    keepalive_fut = None
    beat_fut = None

    def check_keepalive(self):
        if time.time() - self.last_ping_time > 2 * self.PING_INTERVAL:
            self.dropConnection(abort=True)
        else:
            self.schedule_keepalive()

    def schedule_keepalive(self):
        self.keepalive_fut = loop.call_later(self.PING_INTERVAL, self.check_keepalive)

    def onOpen(self):
        tell("ready")
        self.last_ping_time = time.time()
        self.schedule_keepalive()
        self.beat()

    def beat(self):
        global number
        number += 1
        self.sendMessage(str(number).encode())
        self.beat_fut = loop.call_later(pause, self.beat)

    def onPing(self, payload):
        self.last_ping_time = time.time()
        self.sendPong(payload)

    def onMessage(self, payload, isBinary):
        tell("answered", payload.decode())

    def connection_lost(self, exc):
        super().connection_lost(exc)
        tell("lost", exc)
        for future in (self.keepalive_fut, self.beat_fut):
            if future is not None:
                future.cancel()
        loop.stop()


factory = WebSocketClientFactory(f"ws://{host}:{port}{path}")
factory.protocol = Client

while True:
    fut = loop.create_connection(factory, host, port)
    try:
        loop.run_until_complete(asyncio.wait_for(fut, 5))
    except asyncio.TimeoutError:
        continue
    except OSError:
        # The article's program would end here; that would not be a fair comparison.
        loop.run_until_complete(asyncio.sleep(5))
        continue

    loop.run_forever()

    # a little timeout before trying again
    loop.run_until_complete(asyncio.sleep(5))
