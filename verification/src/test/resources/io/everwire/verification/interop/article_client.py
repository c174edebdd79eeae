"""The client of the article "Automatic reconnection of Websockets in Autobahn": it counts on the server's pings, hangs up
after 10 s without one, and comes back for ever.

    article_client.py PORT

Beyond the article it sends a tick every 100 ms, so that data flows, and prints what happens. Three slips of the article
are mended: PING_INTERVAL had no value, connection_lost did not call what it overrides, and it cancelled a future that is
not there when the opening handshake has failed.
"""
import asyncio
import sys
import time

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol


class MyClientProtocol(WebSocketClientProtocol):
    PING_INTERVAL = 5
    keepalive_fut = None
    next_tick = None
    ticks = 0
    pings = 0

    def check_keepalive(self):
        last_interval = time.time() - self.last_ping_time

        if last_interval > 2 * self.PING_INTERVAL:
            print("hangs up")
            self.dropConnection(abort=True)
        else:
            self.schedule_keepalive()

    def schedule_keepalive(self):
        self.keepalive_fut = loop.call_later(self.PING_INTERVAL, self.check_keepalive)

    def onOpen(self):
        print("open")
        self.last_ping_time = time.time()
        self.schedule_keepalive()
        self.tick()

    def tick(self):
        self.sendMessage(b"tick")
        self.next_tick = loop.call_later(0.1, self.tick)

    def onMessage(self, payload, isBinary):
        self.ticks += 1

    def onPing(self, payload):
        self.pings += 1
        self.last_ping_time = time.time()
        self.sendPong(payload)

    def connection_lost(self, exc):
        for future in (self.keepalive_fut, self.next_tick):
            if future:
                future.cancel()
        print("closed after", self.ticks, "ticks and", self.pings, "pings")
        super().connection_lost(exc)
        loop.stop()


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
port = int(sys.argv[1])
factory = WebSocketClientFactory(f"ws://127.0.0.1:{port}/", loop=loop)
factory.protocol = MyClientProtocol

while True:
    fut = loop.create_connection(factory, "127.0.0.1", port)

    try:
        transport, protocol = loop.run_until_complete(asyncio.wait_for(fut, 5))
    except asyncio.TimeoutError:
        continue

    loop.run_forever()

    # a little timeout before trying again
    loop.run_until_complete(asyncio.sleep(5))
