package io.everwire.verification.laboratory;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that dials a server many times, says nothing, and holds what it has until its standard input ends or says something.
 * Arguments: the host, the port, how many.
 */
final class Hoarder {
    private Hoarder() {}

    public static void main(String[] arguments) throws IOException {
        List<SocketChannel> held = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            SocketChannel channel = SocketChannel.open();
            // A full queue lets a connect wait for ever; it holds its place all the same.
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
            held.add(channel);
        }
        System.out.println(
                "{\"event\":\"hoarding\",\"held\":" + held.size() + ",\"t\":" + System.currentTimeMillis() + "}");
        int told = System.in.read();
        System.exit(told < 0 ? 1 : 0);
    }

    /** Starts a hoarder on the client's machine. */
    static Program start(Laboratory laboratory, int count) {
        Program hoarder = laboratory.start(
                Laboratory.Machine.CLI,
                "hoarder",
                List.of(
                        Agent.java(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        ClassPath.ofJars(),
                        Hoarder.class.getName(),
                        Laboratory.SERVER_ADDRESS,
                        String.valueOf(Laboratory.PORT),
                        String.valueOf(count)));
        hoarder.await("hoarding", Duration.ofSeconds(30), event -> event.is("hoarding"));
        return hoarder;
    }
}
