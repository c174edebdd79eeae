package io.everwire.faults;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Reads one fault from its words. */
final class FaultParser {

    private static final String KNOWN = "blackhole, blackhole-up, blackhole-down, reset, refuse, accept-then-close, "
            + "mute-upgrade, delay, rate, slice, cut-after, heal";

    private final Queue<String> words;

    FaultParser(String text) {
        this.words = text.isBlank()
                ? new ArrayDeque<>()
                : new ArrayDeque<>(List.of(text.strip().split("\\s+")));
    }

    Fault fault() {
        String word = words.poll();
        if (word == null) {
            throw new IllegalArgumentException("there is no fault here; the known ones are " + KNOWN);
        }
        Fault fault = fault(word);
        if (!words.isEmpty()) {
            throw new IllegalArgumentException("\"%s\" is one word too many after \"%s\"; write \"%s\""
                    .formatted(words.element(), fault, usage(word)));
        }
        return fault;
    }

    private Fault fault(String word) {
        return switch (word) {
            case "blackhole" -> Blackhole.BOTH;
            case "blackhole-up" -> Blackhole.UP;
            case "blackhole-down" -> Blackhole.DOWN;
            case "reset" -> new Reset();
            case "refuse" -> new Refuse();
            case "accept-then-close" -> new AcceptThenClose();
            case "mute-upgrade" -> new MuteUpgrade();
            case "delay" -> delay();
            case "rate" -> new Rate(Quantity.bitsPerSecond(argument("rate")));
            case "slice" -> slice();
            case "cut-after" -> cutAfter();
            case "heal" -> new Heal();
            default ->
                throw new IllegalArgumentException(
                        "\"%s\" is not a fault; the known ones are %s".formatted(word, KNOWN));
        };
    }

    private Delay delay() {
        Duration delay = Quantity.duration(argument("delay"));
        String word = words.poll();
        if (word == null) {
            return new Delay(delay, Duration.ZERO);
        }
        if (!word.equals("jitter")) {
            throw new IllegalArgumentException("\"%s\" is unknown after a delay; only jitter may follow, as in \"%s\""
                    .formatted(word, usage("delay")));
        }
        return new Delay(delay, Quantity.duration(argument("delay")));
    }

    private Slice slice() {
        long bytes = Quantity.bytes(argument("slice"));
        return new Slice((int) Math.min(bytes, Integer.MAX_VALUE));
    }

    private CutAfter cutAfter() {
        long bytes = Quantity.bytes(argument("cut-after"));
        Direction counted = null;
        if ("up".equals(words.peek()) || "down".equals(words.peek())) {
            counted = words.remove().equals("up") ? Direction.UP : Direction.DOWN;
        }
        boolean isSilent = "silent".equals(words.peek());
        if (isSilent) {
            words.remove();
        }
        return new CutAfter(bytes, counted, isSilent);
    }

    private String argument(String word) {
        String argument = words.poll();
        if (argument == null) {
            throw new IllegalArgumentException("%s needs an argument; write \"%s\"".formatted(word, usage(word)));
        }
        return argument;
    }

    /** What a correct line looks like. */
    private static String usage(String word) {
        return switch (word) {
            case "delay" -> "delay 200ms jitter 50ms";
            case "rate" -> "rate 64kbit";
            case "slice" -> "slice 1";
            case "cut-after" -> "cut-after 1000 down silent";
            default -> word;
        };
    }
}
