package io.everwire.verification.vectors;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Scripted exchanges that a client must go through as they are written. */
final class ClientExchanges {
    private ClientExchanges() {}

    static Map<String, Object> document() {
        List<Object> scripts = Stream.of(opening(), resuming(), losing(), disagreeing(), flow(), refusing(), ending())
                .flatMap(List::stream)
                .<Object>map(Script::document)
                .toList();
        return Json.object("scripts", scripts);
    }

    private static ClientScript attached(String name) {
        return attached(new ClientScript(name));
    }

    private static ClientScript attached(ClientScript script) {
        return script.connect().opened().hello("new", "rx=0 tx=0");
    }

    private static List<ClientScript> opening() {
        return List.of(
                attached("a new session: hello, ack, DATA both ways, an ack after 200 ms")
                        .send("one")
                        .server("eins")
                        .handled(1)
                        .waits(199)
                        .waits(1)
                        .server("\0ack n=1"),
                new ClientScript("the connection is lost before hello: nothing was promised, and nothing is claimed")
                        .connect()
                        .opened()
                        .lost()
                        .connect()
                        .opened()
                        .hello("new", "rx=0"),
                new ClientScript("a server that selects no everwire.v1 is plain")
                        .connect()
                        .openedWithout("chat"),
                new ClientScript(
                                "a server that only copies the first subprotocol is plain: its first message is no hello")
                        .connect()
                        .opened()
                        .server("hi")
                        .server("\0ack n=1"),
                new ClientScript("a hello with another nonce is no hello")
                        .connect()
                        .opened()
                        .server(ClientScript.hello("new", 99, "rx=0")),
                new ClientScript("a malformed hello is no hello")
                        .connect()
                        .opened()
                        .server(ClientScript.hello("new", 1, "rx=00")),
                new ClientScript("a server that says nothing for 2 s is plain")
                        .connect()
                        .opened()
                        .waits(1_999)
                        .waits(1),
                attached("while resuming, a server without hello is a failed attempt, and the session stays")
                        .send("one")
                        .lost()
                        .connect()
                        .opened()
                        .server("hi")
                        .connect()
                        .opened()
                        .waits(2_000)
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                attached("a hello without tx resumes as well")
                        .send("one")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0"),
                attached("DATA in the same segment as hello is behind it").server("at once"));
    }

    private static List<ClientScript> resuming() {
        return List.of(
                attached("both ends replay what the other has not received, and nothing else")
                        .send("one")
                        .send("two")
                        .send("three")
                        .server("eins")
                        .server("zwei")
                        .handled(1)
                        .lost()
                        .send("four")
                        .connect()
                        .opened()
                        .hello("resumed", "rx=2 tx=4")
                        .server("drei")
                        .server("vier")
                        .send("five"),
                attached("resumed twice without traffic: nothing is repeated")
                        .send("one")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=1 tx=0")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=1 tx=0"),
                attached("a session in which nothing was ever sent resumes")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                tenHellosLost(),
                attached("what comes late on the old connection is not counted")
                        .connect()
                        .server(1, "late")
                        .server(1, "\0ack n=0")
                        .opened()
                        .server(1, "later")
                        .hello("resumed", "rx=0 tx=2")
                        .server(1, "latest")
                        .server("late")
                        .server("later"),
                attached(
                                "an ack that was lost is told by rx, and a message that was received but not handled is not asked again")
                        .send("one")
                        .send("two")
                        .server("eins")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=2 tx=1")
                        .handled(1)
                        .waits(200));
    }

    private static ClientScript tenHellosLost() {
        ClientScript script = attached(
                        "hello is lost ten times on the way; the secret stays valid and the attempts grow")
                .send("one")
                .lost();
        for (int i = 0; i < 10; i++) {
            script.connect().opened().lost();
        }
        return script.connect().opened().hello("resumed", "rx=1 tx=0");
    }

    private static List<ClientScript> losing() {
        return List.of(
                attached("lost with a watermark: two arrived, one did not, one was held")
                        .send("one")
                        .send("two")
                        .send("three")
                        .server("\0ack n=1")
                        .lost()
                        .send("four")
                        .connect()
                        .opened()
                        .hello("fresh", "rx=0 tx=0 reason=expired peer-rx=2")
                        .send("first of the new session"),
                attached("lost without a watermark: what was written is in doubt")
                        .send("one")
                        .send("two")
                        .server("\0ack n=1")
                        .lost()
                        .connect()
                        .opened()
                        .hello("fresh", "rx=0 tx=0 reason=unknown"),
                attached("a watermark beyond what was sent is no watermark")
                        .send("one")
                        .lost()
                        .connect()
                        .opened()
                        .hello("fresh", "rx=0 tx=0 reason=restarted peer-rx=7"),
                attached("a server that does not speak the protocol any more does not keep the session either")
                        .send("one")
                        .lost()
                        .connect()
                        .openedWithout("chat")
                        .server("hi")
                        .lost()
                        .connect());
    }

    private static List<ClientScript> disagreeing() {
        return List.of(
                attached("rx beyond what was sent: the two ends do not agree")
                        .send("one")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=2 tx=0")
                        .connect(),
                attached("rx before what was acknowledged: the two ends do not agree")
                        .send("one")
                        .server("\0ack n=1")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                attached("tx before what was received: the two ends do not agree")
                        .server("eins")
                        .lost()
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                attached("ping counts what was sent; a difference loses the session")
                        .server("eins")
                        .server("\0ping tx=1 n=0 t=5")
                        .server("\0ping tx=3 n=0 t=6")
                        .connect(),
                attached("two protocol closes without progress: the same replay would meet the same fate")
                        .send("one")
                        .closed(1009)
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0")
                        .closed(1009)
                        .connect());
    }

    private static List<ClientScript> flow() {
        String quarter = "x".repeat(192);
        return List.of(
                attached("texts that begin with U+0000 are escaped, empty messages count")
                        .send("\0ack n=1")
                        .send("")
                        .send("\0")
                        .server("\0\0")
                        .server("")
                        .server("\0\0ack n=2")
                        .server("\0ack n=3"),
                attached(new ClientScript("a quarter of the own window is acknowledged at once", 1_024, 1_024))
                        .server(quarter)
                        .handled(1)
                        .server("x")
                        .handled(2)
                        .waits(200),
                new ClientScript("three quarters of the peer's window: ask; full: hold; ack: go on")
                        .connect()
                        .opened()
                        .server(ClientScript.hello("new", 1, "rx=0 tx=0").replace("messages=1024", "messages=4"))
                        .send("one")
                        .send("two")
                        .send("three")
                        .send("four")
                        .send("five")
                        .server("\0ack n=2")
                        .send("five"),
                attached(new ClientScript("more than the window allows is an overrun", 1_024, 2))
                        .server("eins")
                        .server("zwei")
                        .server("drei")
                        .connect(),
                attached("ask is answered at once, ping with its time")
                        .server("eins")
                        .server("\0ask")
                        .handled(1)
                        .server("\0ask")
                        .server("\0ping tx=1 n=0 t=1700000000000"),
                new ClientScript(
                                "what a resume says to be received stays charged to the window until it is acknowledged")
                        .connect()
                        .opened()
                        .server(twoMessages(ClientScript.hello("new", 1, "rx=0 tx=0")))
                        .send("one")
                        .send("two")
                        .lost()
                        .connect()
                        .opened()
                        .server(twoMessages(ClientScript.hello("resumed", 2, "rx=2 tx=0")))
                        .send("three")
                        .server("\0ack n=2")
                        .send("three"));
    }

    private static List<ClientScript> refusing() {
        return List.of(
                attached("an ack of what was not sent is refused, and the session is not lost by it")
                        .send("one")
                        .server("\0ack n=2")
                        .connect()
                        .opened()
                        .hello("resumed", "rx=1 tx=0"),
                attached("an ack that goes back is refused")
                        .send("one")
                        .server("\0ack n=1")
                        .server("\0ack n=0"),
                attached("an unknown verb is refused").server("\0nack n=1"),
                attached("a second hello is refused").server(ClientScript.hello("new", 1, "rx=0 tx=0")));
    }

    private static String twoMessages(String hello) {
        return hello.replace("messages=1024", "messages=2");
    }

    private static List<ClientScript> ending() {
        return List.of(
                attached("the server says bye: answered, and over")
                        .send("one")
                        .server("\0bye code=1000 rx=1 reason=good%20night"),
                attached("the client says bye").server("eins").handled(1).bye(1_000),
                attached("a close without bye suspends, 1000 included")
                        .closed(1_000)
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                attached("taken over: the client stops").send("one").closed(4_408),
                attached("4408 of an older connection is the client's own doing")
                        .connect()
                        .closed(1, 4_408)
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                attached("not welcome any more: the client stops").closed(4_401),
                attached("ended meanwhile: the next offer claims nothing")
                        .closed(4_410)
                        .connect(),
                attached("4409, 4429 and 4503 suspend")
                        .closed(4_409)
                        .connect()
                        .opened()
                        .closed(4_429)
                        .connect()
                        .opened()
                        .closed(4_503)
                        .connect()
                        .opened()
                        .hello("resumed", "rx=0 tx=0"),
                attached("move is told to whoever dials")
                        .server("\0move after=100 window=5000 url=wss://b.example/feed"));
    }
}
