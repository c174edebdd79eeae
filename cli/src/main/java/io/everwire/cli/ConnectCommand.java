package io.everwire.cli;

import io.everwire.Backoff;
import io.everwire.CloseCode;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A client on standard input and output, which survives every outage. */
@Command(
        name = "connect",
        description = {
            "Sends each line of stdin as a message and prints each message as a line of stdout; status goes to stderr.",
            "Comes back after every outage and keeps the lines that could not be sent. At the end of stdin it waits until"
                    + " every message is settled, closes with 1000, and exits 0 if all of them were confirmed."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire connect ws://127.0.0.1:9000/",
            "  seq 1 1000 | everwire connect ws://127.0.0.1:9000/ > echoed.txt",
            "  everwire connect ws://127.0.0.1:9000/ --expect-traffic 10s --backoff 5s",
            "  everwire connect ws://127.0.0.1:9000/ --header 'Authorization: Bearer …'",
            "  everwire connect wss://localhost:9443/ --trust authority.pem",
            "  everwire connect wss://example.com/chat --proxy http://localhost:3128",
            "  everwire connect ws://127.0.0.1:9000/ --sessions   no outage loses or doubles a line",
            "  everwire connect ws://127.0.0.1:9000/ --once       a failure ends it, exit 1"
        })
final class ConnectCommand implements Callable<Integer> {
    private static final Duration LONG = Duration.ofDays(1);

    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "URL", description = "Where to connect to: ws://host[:port]/path or wss://…")
    private String url = "";

    @Option(
            names = "--ping-interval",
            paramLabel = "DURATION",
            defaultValue = "15s",
            converter = DurationConverter.class,
            description = "Ping a server that was silent for this long (default: ${DEFAULT-VALUE}).")
    private Duration pingInterval = Duration.ofSeconds(15);

    @Option(
            names = "--ping-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "A server that is silent for this long after a ping is dead (default: ${DEFAULT-VALUE}).")
    private Duration pingTimeout = Duration.ofSeconds(10);

    @Option(
            names = "--expect-traffic",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "A server that is silent for this long is dead, pinged or not (default: off).")
    private @Nullable Duration expectTraffic;

    @Option(
            names = "--connect-timeout",
            paramLabel = "DURATION",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "How long one attempt may take in all (default: ${DEFAULT-VALUE}).")
    private Duration connectTimeout = Duration.ofSeconds(5);

    @Option(
            names = "--backoff",
            paramLabel = "DURATION|auto",
            defaultValue = "auto",
            converter = BackoffConverter.class,
            description = "The delay between attempts: fixed, or by the kind of failure (default: ${DEFAULT-VALUE}).")
    private Backoff backoff = Backoff.AUTO;

    @Option(names = "--header", paramLabel = "NAME:VALUE", description = "A header of the request; repeatable.")
    private List<String> headers = List.of();

    @Mixin
    private WireOptions wire = new WireOptions();

    @ArgGroup
    private Kind kind = new Kind();

    @Option(
            names = "--sessions",
            description = "Keep the session over outages, with a server that does, too: no message is lost or doubled"
                    + " while the session lasts, and where it is lost you are told what arrived.")
    private boolean isKept;

    @Option(
            names = "--compression",
            description = "Offer the server to compress messages (permessage-deflate) (default: off).")
    private boolean isCompressed;

    @Option(names = "--once", description = "Never reconnect; exit 1 with the cause.")
    private boolean isOnce;

    @Option(
            names = "--linger",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "At the end of stdin, give up when no message was settled for this long"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration linger = Duration.ofSeconds(10);

    @Mixin
    private EventsOption events = new EventsOption();

    /** Text or binary, one of them. */
    static final class Kind {
        @Option(names = "--text", description = "Lines are text messages (the default).")
        private boolean isText;

        @Option(names = "--binary", description = "Lines are binary messages, byte for byte.")
        private boolean isBinary;

        boolean isBinary() {
            return isBinary && !isText;
        }
    }

    ConnectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        EverwireClient.Builder client = client();
        Sends sends = new Sends();
        try (LineWriter lines = ConnectLines.writer(terminal, events.isJson())) {
            ConnectLines log = events.isJson()
                    ? ConnectLines.json(lines, withoutQuery(url))
                    : ConnectLines.text(lines, terminal.paint(), withoutQuery(url), isKept);
            CompletableFuture<SessionEvent> connected = new CompletableFuture<>();
            Session session = client.open(new SessionListener() {
                @Override
                public void onEvent(Session told, SessionEvent event) {
                    if (event instanceof SessionEvent.Ready || event instanceof SessionEvent.Closed) {
                        connected.complete(event);
                    }
                    log.event(told, event);
                }
            });
            terminal.stop().whenAsked(session::close);
            StdinMessages.start(terminal.in(), kind.isBinary(), session, connected, sends, linger);
            long received = print(session);
            SessionEvent.Closed closed = session.closed().toCompletableFuture().join();
            Sends.Account account = sends.close();
            String mistake = mistakeOf(closed, account);
            log.ended(session, closed, account, received, mistake);
            return mistake == null ? ExitCode.FINE : ExitCode.FAILED;
        }
    }

    private EverwireClient.Builder client() {
        return Usage.check(spec, () -> {
            ConnectRequest request = ConnectRequest.to(url);
            for (String header : headers) {
                int colon = header.indexOf(':');
                if (colon < 1) {
                    throw new IllegalArgumentException(
                            "a header is written as 'Name: value', and one of them has no colon after a name");
                }
                request = request.withHeader(
                        header.substring(0, colon).strip(),
                        header.substring(colon + 1).strip());
            }
            if (isOnce && isKept) {
                throw new IllegalArgumentException(
                        "--once has only one connection, and --sessions is for those that follow; give one of them");
            }
            ReconnectPolicy reconnect = isOnce ? ReconnectPolicy.never() : ReconnectPolicy.DEFAULT;
            EverwireClient.Builder client = wire.applyTo(EverwireClient.to(request));
            if (isCompressed) {
                client.compression();
            }
            return (isKept ? client.sessions() : client)
                    .reconnect(reconnect
                            .withBackoff(backoff)
                            .withTimeouts(connectTimeout, ReconnectPolicy.DEFAULT.readyTimeout()))
                    .liveness(LivenessPolicy.DEFAULT
                            .withPing(pingInterval, pingTimeout)
                            .withExpectTraffic(expectTraffic));
        });
    }

    /** Prints messages until the session ends; a reader of stdout who is slow holds the server back, not the pings. */
    private long print(Session session) throws InterruptedException {
        PrintStream out = terminal.out();
        long received = 0;
        try {
            while (true) {
                Message message = session.receive(Duration.ZERO);
                // Flushes when nothing more is there to be printed, and now and then.
                if ((message == null || received % 256 == 0) && out.checkError()) {
                    session.close();
                    throw new CommandFailedException("stdout was closed by its reader; the session is closed");
                }
                if (message == null) {
                    message = session.receive(LONG);
                }
                if (message != null) {
                    received++;
                    write(out, message);
                }
            }
        } catch (SessionClosedException e) {
            out.flush();
            return received;
        }
    }

    private static void write(PrintStream out, Message message) {
        ByteBuffer payload = message.bytes();
        byte[] line = new byte[payload.remaining() + 1];
        payload.get(line, 0, line.length - 1);
        line[line.length - 1] = '\n';
        out.write(line, 0, line.length);
    }

    /** Says why the command has failed, null when it has not. */
    private static @Nullable String mistakeOf(SessionEvent.Closed closed, Sends.Account account) {
        boolean isMeant = closed.cause().kind() == Failure.Kind.CLOSED_BY_US
                || (closed.isClean() && closed.status().code() == CloseCode.NORMAL);
        if (isMeant && closed.epoch() == 0) {
            return "no connection was made" + (account.isAllConfirmed() ? "" : "; " + account.sentence());
        }
        if (isMeant) {
            return account.isAllConfirmed() ? null : account.sentence();
        }
        String why = Words.printable(closed.cause().message());
        return account.isAllConfirmed() ? why : why + "; " + account.sentence();
    }

    /** A query may hold a token, and lines of status end up in logs. */
    private static String withoutQuery(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }
}
