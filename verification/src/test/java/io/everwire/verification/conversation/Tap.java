package io.everwire.verification.conversation;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A relay on the way to a server that keeps what passed, of each connection and direction. */
public final class Tap implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final List<Recording> recordings = new CopyOnWriteArrayList<>();

    /** What passed on one connection. */
    public static final class Recording {
        private final Socket client;
        private final Socket server;
        private volatile boolean isAbandoned;
        private final ByteArrayOutputStream up = new ByteArrayOutputStream();
        private final ByteArrayOutputStream down = new ByteArrayOutputStream();

        private Recording(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        /** What the client has sent by now. */
        public Stream up() {
            return new Stream(bytes(up));
        }

        /** What the server has sent by now. */
        public Stream down() {
            return new Stream(bytes(down));
        }

        private static byte[] bytes(ByteArrayOutputStream stream) {
            synchronized (stream) {
                return stream.toByteArray();
            }
        }
    }

    /**
     * A frame and where it lies.
     *
     * @param start of its header
     * @param payloadStart behind its header
     * @param end behind its payload
     */
    public record Span(Frame frame, int start, int payloadStart, int end) {
        /** Tells whether this is a control message of a resumable session. */
        public boolean isControl() {
            byte[] payload = frame.payload();
            return frame.opcode() == Frame.TEXT
                    && payload.length > 0
                    && payload[0] == 0
                    && (payload.length == 1 || payload[1] != 0);
        }

        /** Tells whether this is a message of the application, or the beginning of one. */
        public boolean isData() {
            return frame.opcode() <= Frame.BINARY && !isControl();
        }
    }

    /** One direction: an HTTP head, and the whole frames behind it. */
    public static final class Stream {
        private final byte[] bytes;

        public Stream(byte[] bytes) {
            this.bytes = bytes;
        }

        /** Returns where the HTTP head ends, -1 when it has not. */
        public int headEnd() {
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
            return at < 0 ? -1 : at + 4;
        }

        public List<Span> spans() {
            List<Span> spans = new ArrayList<>();
            int start = headEnd();
            if (start < 0) {
                return spans;
            }
            InputStream rest = new ByteArrayInputStream(bytes, start, bytes.length - start);
            try (DataInputStream in = new DataInputStream(rest)) {
                for (Frame frame = Frame.read(in); frame != null; frame = Frame.read(in)) {
                    int length = frame.payload().length;
                    boolean isMasked = (bytes[start + 1] & 0x80) != 0;
                    int header = 2 + (length < 126 ? 0 : length < 1 << 16 ? 2 : 8) + (isMasked ? 4 : 0);
                    spans.add(new Span(frame, start, start + header, start + header + length));
                    start += header + length;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return spans;
        }

        /** Returns the messages of the application among the frames. */
        public List<Span> data() {
            return spans().stream().filter(Span::isData).toList();
        }
    }

    /** Listens on a free port and stands for a server on this machine. */
    public Tap(int target) throws IOException {
        this.target = target;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** What passed on each connection, in the order in which they came. */
    public List<Recording> recordings() {
        return recordings;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Recording recording = new Recording(client, server);
                recordings.add(recording);
                start(() -> relay(recording, client, server, recording.up));
                start(() -> relay(recording, server, client, recording.down));
            }
        } catch (IOException e) {
            // The tap was closed.
            return;
        }
    }

    private static void relay(Recording recording, Socket from, Socket to, ByteArrayOutputStream kept) {
        byte[] bytes = new byte[16 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                synchronized (kept) {
                    kept.write(bytes, 0, read);
                }
                out.write(bytes, 0, read);
            }
        } catch (IOException e) {
            // One of the ends has hung up; the other is told below, unless it must not notice.
        }
        if (!recording.isAbandoned) {
            close(from);
            close(to);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "tap");
        thread.setDaemon(true);
        thread.start();
    }

    /** Cuts what passes here: both ends are told. */
    public void cut() {
        for (Recording recording : recordings) {
            close(recording.client);
            close(recording.server);
        }
    }

    /** Cuts what passes here, and the server does not notice: its connections stay open. */
    public void cutUnnoticedByServer() {
        for (Recording recording : recordings) {
            recording.isAbandoned = true;
            close(recording.client);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
