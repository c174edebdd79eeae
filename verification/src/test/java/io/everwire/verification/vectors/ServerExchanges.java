package io.everwire.verification.vectors;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Scripted exchanges that a server must go through as they are written. */
final class ServerExchanges {
    private ServerExchanges() {}

    static Map<String, Object> document() {
        List<Object> scripts = Stream.of(opening(), resuming(), failing(), flow())
                .flatMap(List::stream)
                .<Object>map(Script::document)
                .toList();
        return Json.object("scripts", scripts);
    }

    private static ServerScript attached(String name) {
        return attached(new ServerScript(name));
    }

    private static ServerScript attached(ServerScript script) {
        return script.connect().client(1, "\0ack n=0");
    }

    private static List<ServerScript> opening() {
        return List.of(
                attached("a new session: hello, ack, DATA both ways, an ack after 200 ms")
                        .client(1, "one")
                        .send(1, "eins")
                        .handled(1, 1)
                        .waits(200),
                new ServerScript("DATA before the first ack is refused")
                        .connect()
                        .client(1, "one"),
                new ServerScript("another control message before the first ack is refused")
                        .connect()
                        .client(1, "\0ask"),
                new ServerScript("a new session whose client never says ack ends after 10 s and is forgotten")
                        .connect()
                        .send(1, "eins")
                        .waits(10_000)
                        .claim(1, 1, 0, 1, 1),
                new ServerScript("a client that cannot see pings is pinged in band")
                        .connectWithoutPings()
                        .client(1, "\0ack n=0")
                        .waits(15_000)
                        .client(1, "\0pong tx=0 n=0 t=15000"));
    }

    private static List<ServerScript> resuming() {
        return List.of(
                attached("both ends replay what the other has not received, and nothing else")
                        .send(1, "eins")
                        .send(1, "zwei")
                        .client(1, "one")
                        .lost(1)
                        .send(1, "drei")
                        .claim(1, 1, 1, 1, 3)
                        .client(2, "\0ack n=1")
                        .client(2, "two"),
                attached(
                                "a connection that nobody has noticed dead is taken over, and what still comes on it is not counted")
                        .client(1, "one")
                        .claim(1, 1, 0, 1, 3)
                        .client(1, "two")
                        .client(2, "\0ack n=0")
                        .client(2, "two"),
                attached("an older attempt that comes later changes nothing")
                        .claim(1, 2, 0, 1, 1)
                        .claim(1, 1, 0, 1, 1)
                        .client(2, "\0ack n=0")
                        .send(2, "eins"),
                attached("an offer is worth nothing once its attempt was used")
                        .claim(1, 1, 0, 1, 1)
                        .claim(1, 1, 0, 1, 1),
                attached("resumed ten times in a row before any loss was noticed")
                        .send(1, "eins")
                        .claim(1, 1, 1, 1, 1)
                        .claim(1, 2, 1, 1, 1)
                        .claim(1, 3, 1, 1, 1)
                        .claim(1, 4, 1, 1, 1)
                        .claim(1, 5, 1, 1, 1)
                        .claim(1, 6, 1, 1, 1)
                        .claim(1, 7, 1, 1, 1)
                        .claim(1, 8, 1, 1, 1)
                        .claim(1, 9, 1, 1, 1)
                        .claim(1, 10, 1, 1, 1),
                ServerScript.durable(
                                "rx is what is committed; what was received beyond it comes again and is not delivered twice")
                        .connect()
                        .client(1, "\0ack n=0")
                        .client(1, "one")
                        .client(1, "two")
                        .handled(1, 1)
                        .lost(1)
                        .claim(1, 1, 0, 1, 3)
                        .client(2, "\0ack n=0")
                        .client(2, "two")
                        .client(2, "three")
                        .handled(2, 3)
                        .waits(200),
                attached("on a resumed connection, too, the client begins with ack")
                        .claim(1, 1, 0, 1, 2)
                        .client(2, "one"));
    }

    private static List<ServerScript> failing() {
        return List.of(
                new ServerScript("an id that nobody was given").claimNobodys(),
                attached("a mac that is bad learns nothing and touches nothing, whatever its attempt")
                        .claimWithoutSecret(1, 1)
                        .claimWithoutSecret(1, 9_007_199_254_740_991L)
                        .client(1, "one")
                        .claim(1, 1, 0, 1, 2),
                attached("another principal learns nothing and touches nothing")
                        .claimAs("bob", 1, 1)
                        .client(1, "one"),
                attached("away for longer than the ttl")
                        .client(1, "one")
                        .lost(1)
                        .waits(119_999)
                        .waits(1)
                        .claim(1, 1, 0, 1, 2),
                attached("rx beyond what was sent").claim(1, 1, 1, 1, 1),
                attached("rx before what was acknowledged")
                        .send(1, "eins")
                        .client(1, "\0ack n=1")
                        .claim(1, 1, 0, 1, 1),
                attached("first beyond what was received: a message is missing").claim(1, 1, 0, 2, 2),
                attached("next before what was received: more has come than was sent")
                        .client(1, "one")
                        .claim(1, 1, 0, 1, 1),
                attached("ping counts what was sent; a difference loses the session")
                        .client(1, "\0ping tx=0 n=0 t=7")
                        .client(1, "\0ping tx=1 n=0 t=8")
                        .claim(1, 1, 0, 1, 2),
                attached("the client says bye: answered, over, and no tombstone")
                        .send(1, "eins")
                        .client(1, "\0bye code=1000 rx=1")
                        .claim(1, 1, 1, 1, 1));
    }

    private static List<ServerScript> flow() {
        return List.of(
                attached(new ServerScript("a full window holds back; once suspended it is an overrun, with a tombstone")
                                .clientsTake(2))
                        .client(1, "one")
                        .send(1, "eins")
                        .send(1, "zwei")
                        .send(1, "drei")
                        .lost(1)
                        .send(1, "drei")
                        .claim(1, 1, 0, 1, 2),
                attached(new ServerScript("more than the window allows is an overrun of the connection", 1_024, 2))
                        .client(1, "one")
                        .client(1, "two")
                        .client(1, "three"),
                attached("an ack of what was not sent is refused").client(1, "\0ack n=1"),
                attached("a malformed control message is refused, and the session stays")
                        .send(1, "eins")
                        .client(1, "\0ack n=01")
                        .claim(1, 1, 0, 1, 1),
                attached("move is for servers only").client(1, "\0move after=0 window=0"),
                attached("ask is answered at once")
                        .client(1, "one")
                        .handled(1, 1)
                        .client(1, "\0ask"));
    }
}
