package io.everwire.verification.laboratory;

import io.everwire.verification.Requirement;
import io.everwire.verification.laboratory.Laboratory.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What passes a machine's wire, seen by tcpdump. */
final class Capture {
    private static final int SYN = 2;

    private final Program tcpdump;
    private final Path file;

    /**
     * A segment of TCP over IPv4.
     *
     * @param isFromClient whether the client has sent it
     * @param port the client's, which names the connection
     * @param sequence the number of its first byte in the direction's stream, modulo 2^32
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Segment(long micros, boolean isFromClient, int port, boolean isSyn, int sequence, byte[] payload) {
        boolean begins(String text) {
            byte[] start = text.getBytes(StandardCharsets.US_ASCII);
            return payload.length >= start.length && new String(payload, StandardCharsets.ISO_8859_1).startsWith(text);
        }
    }

    private Capture(Program tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /** Skips the test where there is no tcpdump. */
    static void check() {
        Requirement.orSkip(
                Tool.attempt(List.of("tcpdump", "--version")).isFine(), "tcpdump", "apt-get install tcpdump");
    }

    static Capture start(Laboratory laboratory, Machine machine, Path directory) {
        Path file = directory.resolve(machine + ".pcap").toAbsolutePath();
        Program tcpdump = laboratory.start(
                machine,
                "tcpdump-" + machine,
                List.of(
                        "tcpdump",
                        "-i",
                        "wire",
                        "-Z",
                        "root",
                        "--immediate-mode",
                        "-U",
                        "-w",
                        file.toString(),
                        "tcp port " + Laboratory.PORT));
        tcpdump.await(
                "tcpdump listens", Duration.ofSeconds(20), event -> event.line().contains("listening on"));
        return new Capture(tcpdump, file);
    }

    /** Ends the capture and returns its segments in their order on the wire. */
    List<Segment> stop() {
        tcpdump.interrupt();
        try {
            return read(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads libpcap's format with microseconds, in the byte order of this machine, of an Ethernet. */
    private static List<Segment> read(ByteBuffer pcap) {
        pcap.order(ByteOrder.nativeOrder());
        if (pcap.getInt(0) != 0xa1b2c3d4 || pcap.getInt(20) != 1) {
            throw new IllegalStateException("tcpdump wrote a format that is not known here");
        }
        List<Segment> segments = new ArrayList<>();
        pcap.position(24);
        while (pcap.remaining() >= 16) {
            long micros = (pcap.getInt() & 0xffff_ffffL) * 1_000_000 + pcap.getInt();
            int length = pcap.getInt();
            pcap.getInt();
            segments.add(segment(micros, pcap.slice(pcap.position(), length)));
            pcap.position(pcap.position() + length);
        }
        return segments;
    }

    private static Segment segment(long micros, ByteBuffer ethernet) {
        int ip = 14;
        int tcp = ip + (ethernet.get(ip) & 0x0f) * 4;
        int end = ip + (ethernet.getShort(ip + 2) & 0xffff);
        int payload = tcp + (ethernet.get(tcp + 12) >> 4 & 0x0f) * 4;
        int source = ethernet.getShort(tcp) & 0xffff;
        int target = ethernet.getShort(tcp + 2) & 0xffff;
        byte[] bytes = new byte[end - payload];
        ethernet.get(payload, bytes);
        boolean isFromClient = target == Laboratory.PORT;
        return new Segment(
                micros,
                isFromClient,
                isFromClient ? source : target,
                (ethernet.get(tcp + 13) & SYN) != 0,
                ethernet.getInt(tcp + 4),
                bytes);
    }

    /** Puts the payloads of one direction of one connection together; what is sent again is taken once. */
    static byte[] stream(List<Segment> segments) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        int next = 0;
        boolean isBegun = false;
        for (Segment segment : segments) {
            if (segment.payload.length > 0) {
                next = isBegun ? next : segment.sequence;
                isBegun = true;
                int known = next - segment.sequence;
                if (known >= 0 && known < segment.payload.length) {
                    stream.write(segment.payload, known, segment.payload.length - known);
                    next = segment.sequence + segment.payload.length;
                }
            }
        }
        return stream.toByteArray();
    }
}
