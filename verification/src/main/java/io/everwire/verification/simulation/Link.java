package io.everwire.verification.simulation;

import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.TextFraming;
import org.jspecify.annotations.Nullable;

/** One connection through the faulty network: two pipes, and an end at each side that may be open or not. */
final class Link {
    /** The longest pause that the network makes on its own, in microseconds. */
    private static final int SLOWEST_MICROS = 60_000;

    final World world;
    final Caller caller;
    final Node node;
    final long attempt;
    final Pipe up;
    final Pipe down;
    /** Who the server's authenticator says that it is. */
    String principal = "";

    private final int latencyMicros;
    /** How many bytes may be on their way before the sender finds the connection not writable. */
    private final int roomBytes;

    boolean isClientOpen = true;
    boolean isServerOpen = true;
    boolean isCut;
    /** Whether the client has read the 101, and the hello. */
    boolean isUpgraded;

    boolean hasHello;
    /** Whether the request was read by the server. */
    boolean isRequested;
    /** The session that the server has put on this connection, under which number. */
    @Nullable ServerEnd resident;

    long connection;

    // What checkers remember of it.

    boolean hasBegun;
    boolean hasGreeted;
    /** Which number comes next, 0 for any. */
    long nextUp;

    long nextDown;
    boolean isClaimedAfterLoss;

    Link(World world, Caller caller, Node node, long attempt) {
        this.world = world;
        this.caller = caller;
        this.node = node;
        this.attempt = attempt;
        up = new Pipe(world.bytes());
        down = new Pipe(world.bytes());
        Chance chance = world.chance;
        latencyMicros = chance.oneIn(8) ? chance.between(1_000, SLOWEST_MICROS) : chance.between(20, 2_000);
        roomBytes = chance.oneIn(4) ? chance.between(64, 1_024) : 1 << 16;
    }

    // ---- writing ----

    void write(Pipe pipe, Control control) {
        pipe.write(Pipe.TEXT, 0, ControlCodec.encode(control), 0);
    }

    void write(Pipe pipe, Parcel parcel) {
        Body body = parcel.body;
        boolean isEscaped = body.isText && body.bytes.length > 0 && TextFraming.needsEscape(body.bytes[0]);
        pipe.write(body.isText ? Pipe.TEXT : Pipe.BINARY, parcel.id, body.bytes, isEscaped ? 1 : 0);
    }

    boolean isWritable(Pipe pipe) {
        return pipe.written - pipe.delivered < roomBytes;
    }

    /** Sends what was written on its way, sometimes in two parts. */
    void flush(Pipe pipe) {
        int fresh = pipe.written - pipe.flushed;
        boolean isFinish = pipe.isFinished && !pipe.isFinishSent;
        if (fresh == 0 && !isFinish) {
            return;
        }
        if (fresh > 1 && world.chance.oneIn(10)) {
            schedule(pipe, pipe.flushed + world.chance.between(1, fresh - 1), false);
        }
        schedule(pipe, pipe.written, isFinish);
        pipe.isFinishSent = pipe.isFinished;
        pipe.flushed = pipe.written;
    }

    private void schedule(Pipe pipe, int upTo, boolean isFinish) {
        Chance chance = world.chance;
        long delay = (latencyMicros + chance.below(latencyMicros / 2 + 1)) * 1_000L;
        if (chance.oneIn(40)) {
            delay += chance.micros(100, SLOWEST_MICROS);
        }
        pipe.latest = Math.max(pipe.latest, world.agenda.now() + delay);
        world.agenda.at(pipe.latest, new Arrival(pipe, upTo, isFinish));
    }

    /** Bytes that reach an end. A node that stands still reads them when it goes on. */
    private final class Arrival implements Step {
        private final Pipe pipe;
        private final int upTo;
        private final boolean isFinish;

        Arrival(Pipe pipe, int upTo, boolean isFinish) {
            this.pipe = pipe;
            this.upTo = upTo;
            this.isFinish = isFinish;
        }

        @Override
        public void run() {
            if (pipe == up && node.isAsleep()) {
                world.agenda.at(node.awakeAt(), this);
                return;
            }
            int arrived = Math.min(upTo, pipe.limit);
            boolean isBlocked = !isWritable(pipe);
            pipe.delivered = Math.max(pipe.delivered, arrived);
            if (pipe == up) {
                node.receive(Link.this);
            } else {
                caller.receive(Link.this);
            }
            if (arrived < upTo) {
                cut();
            } else if (isFinish && !pipe.isMuted) {
                finish(pipe);
            } else if (isBlocked && isWritable(pipe)) {
                handleWritable(pipe);
            }
        }
    }

    private void handleWritable(Pipe pipe) {
        ServerEnd server = resident;
        if (pipe == up) {
            caller.handleWritable();
        } else if (server != null && !node.isAsleep()) {
            server.run(() -> {});
        }
    }

    private void finish(Pipe pipe) {
        if (pipe == up) {
            node.handleGone(this);
        } else {
            caller.handleGone(this, ClientEnd.ABNORMAL);
        }
    }

    // ---- closing ----

    /** The client closes: a close frame, the end of its bytes, and it reads no more. */
    void closeByClient(int code) {
        if (isClientOpen) {
            isClientOpen = false;
            up.write(Pipe.CLOSE, code, World.NOTHING, 0);
            up.isFinished = true;
            flush(up);
        }
    }

    /** The server closes: a close frame, the end of its bytes, and it reads no more. */
    void closeByServer(int code) {
        if (isServerOpen) {
            isServerOpen = false;
            down.write(Pipe.CLOSE, code, World.NOTHING, 0);
            down.isFinished = true;
            flush(down);
        }
    }

    // ---- faults ----

    /** The connection breaks: some of the bytes on their way still arrive, and each end notices in its own time. */
    void cut() {
        if (isCut) {
            return;
        }
        isCut = true;
        lose(up);
        lose(down);
        Chance chance = world.chance;
        world.agenda.after(
                chance.micros(0, chance.oneIn(3) ? 3_000_000 : 20_000),
                () -> caller.handleGone(this, ClientEnd.ABNORMAL));
        node.after(chance.micros(0, chance.oneIn(3) ? 6_000_000 : 20_000), () -> node.handleGone(this));
    }

    private void lose(Pipe pipe) {
        pipe.limit = Math.min(pipe.limit, world.chance.between(pipe.delivered, Math.max(pipe.delivered, pipe.flushed)));
        pipe.isMuted = true;
    }

    /** One or both directions go silent; nobody is told. The ends notice by the silence, late. */
    void mute(boolean isUp, boolean isDown) {
        if (isUp) {
            lose(up);
        }
        if (isDown) {
            lose(down);
        }
        isCut = true;
        Chance chance = world.chance;
        world.agenda.after(chance.millis(300, 8_000), () -> caller.handleGone(this, ClientEnd.ABNORMAL));
        node.after(chance.millis(300, 15_000), () -> node.handleGone(this));
    }

    /** Lets the connection break when this many more bytes were written in one direction. */
    void cutAfter(Pipe pipe, int bytes) {
        pipe.limit = Math.min(pipe.limit, pipe.written + bytes);
    }
}
