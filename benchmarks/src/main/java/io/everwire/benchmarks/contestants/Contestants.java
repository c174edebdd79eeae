package io.everwire.benchmarks.contestants;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Everyone who can be measured, in the order of the tables. */
public final class Contestants {
    private static final Properties VERSIONS = versions();

    public static final Contestant RAW_NETTY = Contestant.raw("raw Netty", version("netty"), "RawNetty");
    public static final Contestant RAW_NETTY_IO_URING =
            Contestant.raw("raw Netty io_uring", version("netty"), "RawNetty", "-Dbench.transport=io_uring");
    public static final Contestant RAW_NIO = Contestant.raw("raw NIO", "", "RawNio");
    public static final Contestant BARE_NETTY = Contestant.raw("bare Netty", version("netty"), "BareNetty");
    public static final Contestant BARE_WRITER = Contestant.raw("bare writer", version("netty"), "Crowd");
    public static final Contestant EVERWIRE = Contestant.webSocket("Everwire", version("everwire"), "Everwire");
    public static final Contestant EVERWIRE_NIO =
            Contestant.webSocket("Everwire NIO", version("everwire"), "Everwire", "-Deverwire.transport=nio");
    public static final Contestant EVERWIRE_SESSIONS =
            Contestant.webSocket("Everwire sessions", version("everwire"), "Everwire", "-Dbench.sessions=true");
    public static final Contestant EVERWIRE_DEFLATE =
            Contestant.webSocket("Everwire deflate", version("everwire"), "Everwire", "-Dbench.deflate=true");
    /** Everwire with thousands of idle connections beside the busy ones; whoever measures it has to connect them. */
    public static final Contestant EVERWIRE_CROWDED =
            Contestant.webSocket("Everwire crowded", version("everwire"), "Everwire");

    /** Everwire's sessions on connections that have no descriptors. */
    public static final Contestant EVERWIRE_SYNTHETIC = new Contestant(
            "Everwire synthetic", version("everwire"), "io.everwire.transport.SyntheticSessions", false, List.of());

    public static final Contestant NETTY_EPOLL =
            Contestant.webSocket("Netty epoll", version("netty"), "NettyCodec", "-Dbench.transport=epoll");
    public static final Contestant NETTY_IO_URING =
            Contestant.webSocket("Netty io_uring", version("netty"), "NettyCodec", "-Dbench.transport=io_uring");
    public static final Contestant VERTX = Contestant.webSocket("Vert.x", version("vertx"), "VertxServer");
    public static final Contestant UNDERTOW = Contestant.webSocket("Undertow", version("undertow"), "UndertowServer");
    public static final Contestant JAVA_WEBSOCKET =
            Contestant.webSocket("Java-WebSocket", version("java-websocket"), "JavaWebSocketServer");
    public static final Contestant JETTY = Contestant.webSocket("Jetty", version("jetty"), "JettyServer");
    public static final Contestant HELIDON = Contestant.webSocket("Helidon", version("helidon"), "HelidonServer");
    public static final Contestant TOMCAT = Contestant.webSocket("Tomcat", version("tomcat"), "TomcatServer");
    public static final Contestant TYRUS = Contestant.webSocket("Tyrus", version("tyrus"), "TyrusServer");

    /** Everwire's client with pings of 5 s and 2 s, as the server in the article has them. */
    public static final Contestant EVERWIRE_CLIENT =
            Contestant.client("Everwire client", version("everwire"), "EverwireReturns", "-Dbench.pings=5000,2000");

    public static final Contestant EVERWIRE_CLIENT_SHIPPED =
            Contestant.client("Everwire client as shipped", version("everwire"), "EverwireReturns");
    public static final Contestant TYRUS_CLIENT = Contestant.client("Tyrus client", version("tyrus"), "TyrusReturns");
    public static final Contestant AUTOBAHN_ARTICLE =
            Contestant.client("AutobahnPython article", "", "Clients", "autobahn_returns.py");
    public static final Contestant AUTOBAHN_TWISTED =
            Contestant.client("AutobahnPython Twisted", "", "Clients", "twisted_returns.py", "5", "2");
    public static final Contestant WEBSOCKETS =
            Contestant.client("websockets", "", "Clients", "websockets_returns.py", "5", "2");
    public static final Contestant WEBSOCKETS_SHIPPED =
            Contestant.client("websockets as shipped", "", "Clients", "websockets_returns.py", "20", "20");

    /** Clients that are programs in Python. */
    public static final List<Contestant> PYTHON_CLIENTS =
            List.of(AUTOBAHN_ARTICLE, AUTOBAHN_TWISTED, WEBSOCKETS, WEBSOCKETS_SHIPPED);

    /** Clients that run in a JVM. */
    public static final List<Contestant> JAVA_CLIENTS = List.of(EVERWIRE_CLIENT, EVERWIRE_CLIENT_SHIPPED, TYRUS_CLIENT);

    /** Other people's WebSocket servers. */
    public static final List<Contestant> RIVALS =
            List.of(NETTY_EPOLL, NETTY_IO_URING, VERTX, UNDERTOW, JAVA_WEBSOCKET, JETTY, HELIDON, TOMCAT, TYRUS);

    /** What a WebSocket server is held against: it echoes bytes. */
    public static final List<Contestant> RAW = List.of(RAW_NETTY, RAW_NIO);

    /** Everwire and Netty by other ways into the kernel, which are compared and no baseline. */
    public static final List<Contestant> TRANSPORTS = List.of(EVERWIRE_NIO, RAW_NETTY_IO_URING);

    private static final List<Contestant> OTHERS = List.of(
            BARE_NETTY,
            BARE_WRITER,
            EVERWIRE,
            EVERWIRE_SESSIONS,
            EVERWIRE_DEFLATE,
            EVERWIRE_CROWDED,
            EVERWIRE_SYNTHETIC);

    private Contestants() {}

    /** Finds one by its key. */
    public static Optional<Contestant> byKey(String key) {
        return List.of(RAW, OTHERS, TRANSPORTS, RIVALS, JAVA_CLIENTS, PYTHON_CLIENTS).stream()
                .flatMap(List::stream)
                .filter(contestant -> contestant.key().equals(key))
                .findFirst();
    }

    private static String version(String library) {
        return VERSIONS.getProperty(library, "");
    }

    private static Properties versions() {
        Properties versions = new Properties();
        try (InputStream stream = Contestants.class.getResourceAsStream("versions.properties")) {
            if (stream != null) {
                versions.load(stream);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return versions;
    }
}
