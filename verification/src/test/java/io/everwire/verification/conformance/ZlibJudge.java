package io.everwire.verification.conformance;

import io.everwire.verification.Repository;
import io.everwire.verification.Requirement;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** The real zlib, in a Python of its own: unlike the JDK's inflater it knows windows of less than 32 KiB, and refuses what exceeds one. */
final class ZlibJudge implements AutoCloseable {
    private final Process process;
    private final DataOutputStream to;
    private final BufferedReader from;

    private ZlibJudge(Process process) {
        this.process = process;
        to = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        from = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts one, or skips the test where there is no Python. */
    static ZlibJudge start() {
        for (String python : List.of("/usr/bin/python3", "python3")) {
            ZlibJudge judge = start(python);
            if (judge != null) {
                return judge;
            }
        }
        Requirement.orSkip(false, "Python, whose zlib judges compressed streams,", "apt-get install python3");
        throw new AssertionError("the test is skipped");
    }

    private static @Nullable ZlibJudge start(String python) {
        try {
            return new ZlibJudge(new ProcessBuilder(python, "-c", Repository.resource(ZlibJudge.class, "zlib_judge.py"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            return null; // It is not installed there.
        }
    }

    /** Begins a stream. */
    void begin(int windowBits, boolean keepsContext) throws IOException {
        to.writeByte('S');
        to.writeByte(windowBits);
        to.writeByte(keepsContext ? 1 : 0);
    }

    /** Hands over the payload of a compressed message and what it stands for. */
    void judge(byte[] compressed, byte[] message) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(message);
        to.writeByte('M');
        to.writeInt(message.length);
        to.writeInt((int) crc.getValue());
        to.writeInt(compressed.length);
        to.write(compressed);
    }

    /** Ends the stream and returns the verdict: {@code ok} and the number of messages, or a sentence. */
    String verdict() throws IOException {
        to.writeByte('E');
        to.flush();
        return String.valueOf(from.readLine());
    }

    @Override
    public void close() throws IOException {
        to.close();
        process.destroy();
    }
}
