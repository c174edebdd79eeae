package io.everwire.verification.interop;

import io.everwire.CloseStatus;
import io.everwire.verification.conversation.Patience;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Another implementation of RFC 6455, as a client or as a server: it sends messages back and obeys {@link Orders}. */
abstract class Peer {
    private final String name;
    private final Wire wire;
    private final Set<Skill> missing;
    private final BlockingQueue<CloseStatus> ends = new LinkedBlockingQueue<>();

    /** What not every implementation lets its application do. */
    enum Skill {
        /** Send a ping and hear of its pong. */
        PING,
        /** Send one message in several frames. */
        FRAGMENT,
        /** End a connection without a closing handshake: a process can be killed, a library in this JVM may know no such call. */
        DIE
    }

    Peer(String name, Wire wire, Skill... missing) {
        this.name = name;
        this.wire = wire;
        this.missing = EnumSet.noneOf(Skill.class);
        this.missing.addAll(Set.of(missing));
    }

    /** Skips the test when this machine does not have the peer. */
    abstract void require();

    /** Returns its version as it says itself. */
    abstract String version();

    /** Ends everything that was started. */
    abstract void kill() throws Exception;

    final Wire wire() {
        return wire;
    }

    final boolean can(Skill skill) {
        return !missing.contains(skill);
    }

    /** Notes how a connection ended in the peer's eyes; 1006 when there was no close frame. */
    final void sawEnd(int code, @Nullable String reason) {
        ends.add(new CloseStatus(code < 1000 ? 1006 : code, reason == null ? "" : reason));
    }

    /** Waits for the next end of a connection in the peer's eyes. */
    final CloseStatus nextEnd() throws InterruptedException {
        CloseStatus end = ends.poll(Patience.SECONDS, TimeUnit.SECONDS);
        if (end == null) {
            throw new AssertionError(name + " never told that its connection has ended");
        }
        return end;
    }

    final void forgetEnds() {
        ends.clear();
    }

    @Override
    public final String toString() {
        return wire == Wire.WS ? name : name + ", TLS";
    }

    /** Returns the version in the name of the jar that a class was loaded from. */
    static String jarVersion(Class<?> type) {
        String jar = type.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceFirst(".*?-(\\d[^/]*)\\.jar$", "$1");
    }
}
