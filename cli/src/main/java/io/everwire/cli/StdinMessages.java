package io.everwire.cli;

import io.everwire.Message;
import io.everwire.SendRejectedException;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the lines of an input. It reads on a daemon thread, because nothing can interrupt a read of stdin; and it stops reading
 * while the session's queue is full, so that no line is ever dropped.
 */
final class StdinMessages implements Runnable {
    private static final Duration LONG = Duration.ofDays(1);

    private final BufferedReader lines;
    private final Charset charset;
    private final boolean isBinary;
    private final Session session;
    private final Future<?> connected;
    private final Sends sends;
    private final Duration linger;

    private StdinMessages(
            InputStream in, boolean isBinary, Session session, Future<?> connected, Sends sends, Duration linger) {
        this.connected = connected;
        // Latin 1 gives each byte a character and back: a binary line stays what it was.
        charset = isBinary ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
        lines = new BufferedReader(new InputStreamReader(in, charset));
        this.isBinary = isBinary;
        this.session = session;
        this.sends = sends;
        this.linger = linger;
    }

    /** Starts the thread. At the end of the input the session is closed, as soon as every send has settled. */
    static void start(
            InputStream in, boolean isBinary, Session session, Future<?> connected, Sends sends, Duration linger) {
        Thread thread =
                new Thread(new StdinMessages(in, isBinary, session, connected, sends, linger), "everwire-stdin");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            for (String line = read(); line != null; line = read()) {
                send(isBinary ? Message.binary(line.getBytes(charset)) : Message.text(line));
            }
            awaitConnected();
            sends.awaitSettled(linger);
            session.close();
        } catch (SessionClosedException e) {
            // The session ended first, and the command says why.
        } catch (InterruptedException e) {
            session.close();
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the session was connected once, or has ended: a server that is not there is not a success. */
    private void awaitConnected() throws InterruptedException {
        try {
            connected.get(linger.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Long enough: the command says that there was no connection.
        }
    }

    private @Nullable String read() {
        try {
            return lines.readLine();
        } catch (IOException e) {
            return null; // Who can no longer be read has said everything.
        }
    }

    private void send(Message message) throws InterruptedException {
        while (true) {
            try {
                sends.add(session.awaitSend(message, LONG));
                return;
            } catch (SendRejectedException e) {
                // No room for a whole day: the outage goes on, and so do we.
            }
        }
    }
}
