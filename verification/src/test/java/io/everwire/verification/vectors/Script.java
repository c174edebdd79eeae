package io.everwire.verification.vectors;

import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import io.everwire.session.resume.ResumeEngine;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.TextFraming;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one end is given and what it must do then, written down while a production engine does it on virtual time. */
abstract class Script {
    private static final long MILLI = 1_000_000;

    private final String name;
    private final List<Object> steps = new ArrayList<>();
    private long now;

    Script(String name) {
        this.name = name;
    }

    final Map<String, Object> document() {
        return Json.object("name", name, "steps", steps);
    }

    final void in(String what, @Nullable Object... keysAndValues) {
        steps.add(with("in", what, keysAndValues));
    }

    final void out(String what, @Nullable Object... keysAndValues) {
        steps.add(with("out", what, keysAndValues));
    }

    private static Map<String, Object> with(String direction, String what, @Nullable Object... keysAndValues) {
        Map<String, Object> step = Json.object(direction, what);
        step.putAll(Json.object(keysAndValues));
        return step;
    }

    final long now() {
        return now;
    }

    final void pass(long millis) {
        now += millis * MILLI;
    }

    /** Gives a text message to an engine that has had its opening. */
    final void hear(ResumeEngine<String> engine, long connection, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        TextFraming.Kind kind =
                TextFraming.kindOf(bytes.length, bytes.length > 0 ? bytes[0] : 1, bytes.length > 1 ? bytes[1] : 1);
        if (kind == TextFraming.Kind.CONTROL) {
            try {
                engine.handleControl(connection, ControlCodec.parse(bytes), now);
            } catch (MalformedControlException e) {
                engine.handleMalformed(connection, "malformed", now);
            }
            return;
        }
        String data = kind == TextFraming.Kind.ESCAPED ? text.substring(1) : text;
        if (engine.handleData(connection, data.getBytes(StandardCharsets.UTF_8).length, now)) {
            out("deliver", "number", engine.received(), "text", data);
        }
    }

    /** Lets the application send, if there is room. */
    final void send(ResumeEngine<String> engine, String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (engine.hasRoom(bytes)) {
            engine.accept(text, bytes, now);
        } else {
            out("hold");
        }
    }

    /** Writes DATA to a connection as long as there is some. */
    final void writeData(ResumeEngine<String> engine, @Nullable Object... keysAndValues) {
        for (String text = engine.pollData(engine.connection());
                text != null;
                text = engine.pollData(engine.connection())) {
            List<Object> fields = new ArrayList<>(java.util.Arrays.asList(keysAndValues));
            boolean needsEscape = !text.isEmpty() && TextFraming.needsEscape((byte) text.charAt(0));
            fields.add("text");
            fields.add(needsEscape ? "\0" + text : text);
            out("message", fields.toArray());
        }
    }

    /** Writes down what both ends may be told to do. */
    final void write(ResumeOutput output, String connectionKey) {
        if (output instanceof ResumeOutput.Write write) {
            out("message", connectionKey, write.connection(), "text", Fields.text(write.control()));
        } else if (output instanceof ResumeOutput.Drop drop) {
            out("close", connectionKey, drop.connection(), "code", drop.status().code());
        } else if (output instanceof ResumeOutput.Begun begun) {
            out("begun", connectionKey, begun.connection());
        } else if (output instanceof ResumeOutput.Resumed resumed) {
            out(
                    "resumed",
                    connectionKey,
                    resumed.connection(),
                    "replayedIn",
                    resumed.replayedIn(),
                    "replayedOut",
                    resumed.replayedOut());
        } else if (output instanceof ResumeOutput.Lost lost) {
            Map<String, Object> fields = Fields.of(lost.loss());
            List<Object> flat = new ArrayList<>();
            fields.forEach((key, value) -> {
                flat.add(key);
                flat.add(value);
            });
            out("lost", flat.toArray());
        } else if (output instanceof ResumeOutput.Ended ended) {
            out("ended", "code", ended.code(), "reason", ended.reason());
        } else if (output instanceof ResumeOutput.Moved moved) {
            out("move", "after", moved.afterMillis(), "window", moved.windowMillis(), "url", moved.url());
        }
    }

    /** Reads the control message that a server sends first; null when it is none. */
    static @Nullable Control controlIn(String text) {
        try {
            return text.startsWith("\0") ? ControlCodec.parse(text.getBytes(StandardCharsets.UTF_8)) : null;
        } catch (MalformedControlException e) {
            return null;
        }
    }
}
