package io.everwire.verification.conversation;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One end of a connection, spoken by hand and blocking: what it does not do is not done. */
public final class RawPeer implements AutoCloseable {
    public static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    public static final String HEADERS = "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: " + KEY + "\r\nSec-WebSocket-Version: 13\r\n";
    public static final String REQUEST = "GET / HTTP/1.1\r\n" + HEADERS + "\r\n";

    private static final Pattern KEY_LINE =
            Pattern.compile("^Sec-WebSocket-Key:\\s*(\\S+)", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final boolean isClient;

    public RawPeer(Socket socket, boolean isClient) throws IOException {
        this.socket = socket;
        this.isClient = isClient;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(Patience.SECONDS));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Connects by TCP and says nothing. */
    public static RawPeer dial(int port) throws IOException {
        return dial(port, 0);
    }

    /** Connects by TCP with a receive buffer so small that the other end soon cannot write; 0 for the usual one. */
    public static RawPeer dial(int port, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new RawPeer(socket, true);
    }

    /** Connects and upgrades. */
    public static RawPeer open(int port) throws IOException {
        RawPeer peer = dial(port);
        peer.write(REQUEST);
        String head = peer.readHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            peer.close();
            throw new IOException("no upgrade: " + head);
        }
        return peer;
    }

    /** As a server: reads the request and answers it rightly; returns the request. */
    public String upgrade() throws IOException {
        String request = readHead();
        write(answerTo(request) + "\r\n");
        return request;
    }

    /** The right answer to a request, without the empty line that ends it. */
    public static String answerTo(String request) {
        Matcher key = KEY_LINE.matcher(request);
        String sent = key.find() ? key.group(1) : "none";
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(sent) + "\r\n";
    }

    public static String accept(String key) {
        try {
            byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new LinkageError("every Java runtime has SHA-1", e);
        }
    }

    public void write(String ascii) throws IOException {
        write(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void write(Frame... frames) throws IOException {
        write(bytes(frames));
    }

    /** The frames as this end has to write them. */
    public byte[] bytes(Frame... frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            bytes.write(frame.bytes(isClient));
        }
        return bytes.toByteArray();
    }

    /** Reads an HTTP head with the empty line that ends it; what came when the stream ended before. */
    public String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                head.append((char) next);
                if (next == '\n' && head.indexOf("\r\n\r\n", head.length() - 4) >= 0) {
                    break;
                }
            }
        } catch (SocketException e) {
            return head.toString();
        }
        return head.toString();
    }

    /** Reads everything up to the end of the stream or a reset. */
    public String readAll() throws IOException {
        StringBuilder all = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.append((char) next);
            }
        } catch (SocketException e) {
            return all.toString();
        }
        return all.toString();
    }

    /** Reads the next frame, null at the end of the stream. */
    public @Nullable Frame readOrEnd() throws IOException {
        return Frame.read(in);
    }

    public Frame read() throws IOException {
        Frame frame = readOrEnd();
        if (frame == null) {
            throw new AssertionError("the stream ended where a frame was expected");
        }
        return frame;
    }

    /** Reads the next frame with this opcode, answering pings on the way and ignoring everything else. */
    public Frame read(int opcode) throws IOException {
        long begin = System.nanoTime();
        for (Frame frame = read(); ; frame = read()) {
            if (System.nanoTime() - begin > Patience.LIMIT.toNanos()) {
                throw new AssertionError("no frame " + opcode + " came, the last one was " + frame);
            }
            if (frame.opcode() == opcode) {
                return frame;
            }
            if (frame.opcode() == Frame.PING) {
                write(Frame.pongTo(frame));
            }
        }
    }

    /** The socket beneath, for what only it can tell. */
    Socket socket() {
        return socket;
    }

    /** Closes with a reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
