package io.everwire.session;

import io.everwire.StormPolicy;
import io.everwire.session.StormControl.Lateness;
import io.everwire.session.StormControl.Slot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One storm control, every input it can be given, and a checker that watches its promises. */
final class StormWorld implements Explorer.World {
    static final int PER_SECOND = 4;
    static final StormPolicy POLICY =
            StormPolicy.DEFAULT.withHandshakesPerSecond(PER_SECOND).withHorizon(Duration.ofSeconds(5));

    private static final List<String> INPUTS = List.of(
            "newcomer",
            "newcomer met late",
            "the oldest slot's owner",
            "the newest slot's owner",
            "forged ticket",
            "TLS met late",
            "completed",
            "50 ms",
            "600 ms",
            "11 s");
    private static final Lateness LATE = new Lateness(10 * Nanos.SECOND, 0, 0);
    private static final long PERIOD = Nanos.SECOND / PER_SECOND;

    private final Subject subject;
    private long now = Long.MAX_VALUE - 2 * Nanos.SECOND;
    private final List<Promise> promises = new ArrayList<>();
    private final List<Long> admissions = new ArrayList<>();
    private long lastSlotNanos = now;
    private boolean wasEverLate;
    private long everLateNanos;
    private boolean isLateOnly;
    private long firstLateNanos;
    private long lastMeasuredNanos = now;

    private record Promise(String ticket, long slotNanos) {}

    /** The control as the checker sees it; broken ones override what they break. */
    static class Subject {
        final StormControl control;

        Subject(StormPolicy policy, long now) {
            control = new StormControl(policy, new byte[StormControl.KEY_BYTES], () -> 0.5, now);
        }

        @Nullable Slot handleRequest(@Nullable String ticket, Lateness lateness, long now) {
            return control.handleRequest(ticket, lateness, now);
        }
    }

    /** Makes what is to be checked. */
    interface Maker {
        Subject make(StormPolicy policy, long now);
    }

    StormWorld(Maker maker, int... prologue) {
        subject = maker.make(POLICY, now);
        for (int input : prologue) {
            give(input);
        }
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Fingerprint fingerprint() {
        return Fingerprint.of(now, subject, this);
    }

    @Override
    public void give(int input) {
        switch (input) {
            case 0 -> newcomer(Lateness.NONE);
            case 1 -> newcomer(LATE);
            case 2, 3 -> owner(input == 2 ? 0 : promises.size() - 1);
            case 4 -> forged();
            case 5 -> {
                measured(true);
                boolean mayHangUp = now - everLateNanos >= Strain.LASTING;
                require(!subject.control.refusesUnheard(true, LATE, now) || mayHangUp, "hung up without strain");
            }
            case 6 -> subject.control.handleCompleted(now);
            case 7 -> now += 50 * Nanos.MILLI;
            case 8 -> now += 600 * Nanos.MILLI;
            default -> now += 11 * Nanos.SECOND;
        }
    }

    private void newcomer(Lateness lateness) {
        boolean isAlone = !wasEverLate && lateness.equals(Lateness.NONE) && held() >= 2;
        measured(lateness.equals(LATE));
        Slot slot = subject.handleRequest(null, lateness, now);
        require(slot == null || !isAlone, "a newcomer was sent away though there is room, and no strain");
        require(slot != null || !(lateness.equals(LATE) && isStrained()), "a newcomer was let in under strain");
        settle(slot, null);
    }

    private void owner(int index) {
        if (index < 0 || index >= promises.size()) {
            return;
        }
        Promise promise = promises.get(index);
        boolean isDue = promise.slotNanos() - now <= StormControl.EARLY
                && now - promise.slotNanos() <= StormControl.LONGEST_LATE;
        boolean mustEnter = isDue && !wasEverLate && held() >= 1;
        measured(false);
        Slot slot = subject.handleRequest(promise.ticket(), Lateness.NONE, now);
        require(slot == null || !mustEnter, "the owner of a slot was sent away when it was due");
        require(slot != null || now - promise.slotNanos() >= -StormControl.EARLY, "a slot was used before it was due");
        if (slot == null) {
            promises.remove(index);
        }
        settle(slot, promise);
    }

    private void forged() {
        long before = subject.control.counts().admittedByTicket();
        measured(false);
        Slot slot = subject.handleRequest("AAAAAAAAAAAAAAAAAAAAAA", Lateness.NONE, now);
        require(subject.control.counts().admittedByTicket() == before, "a forged ticket was believed");
        settle(slot, null);
    }

    private void settle(@Nullable Slot slot, @Nullable Promise shown) {
        if (slot == null) {
            admissions.add(now);
            for (int i = 0; i < admissions.size(); i++) {
                long flowed = (now - admissions.get(i)) / PERIOD + 1;
                require(admissions.size() - i <= PER_SECOND + flowed, "more were let in than the bucket holds");
            }
            return;
        }
        String ticket = slot.ticket();
        long delay = Nanos.of(slot.delay());
        if (shown != null && shown.ticket().equals(ticket)) {
            require(delay == shown.slotNanos() - now, "a slot was told again and is another");
            return;
        }
        require(delay >= StormControl.SHORTEST_WAIT && delay <= 5 * Nanos.SECOND, "a delay of " + delay + " ns");
        if (ticket != null) {
            long gap = now + delay - lastSlotNanos;
            require(promises.isEmpty() || gap >= PERIOD, "two slots are " + gap + " ns apart");
            lastSlotNanos = now + delay;
            promises.add(new Promise(ticket, lastSlotNanos));
        }
    }

    /** What the bucket holds at least, by a reckoning of the checker's own. */
    private double held() {
        double held = PER_SECOND;
        long at = admissions.isEmpty() ? now : admissions.get(0);
        for (long admission : admissions) {
            held = Math.min(PER_SECOND, held + (admission - at) / (double) PERIOD) - 1;
            at = admission;
        }
        return Math.min(PER_SECOND, held + (now - at) / (double) PERIOD) - 1e-6;
    }

    private void measured(boolean isLate) {
        everLateNanos = isLate && !wasEverLate ? now : everLateNanos;
        wasEverLate |= isLate;
        boolean isFresh = !isLateOnly || now - lastMeasuredNanos > Nanos.SECOND;
        firstLateNanos = isFresh ? now : firstLateNanos;
        isLateOnly = isLate;
        lastMeasuredNanos = now;
    }

    private boolean isStrained() {
        return isLateOnly && now - firstLateNanos >= Strain.LASTING;
    }

    private static void require(boolean isKept, String broken) {
        if (!isKept) {
            throw new AssertionError(broken);
        }
    }
}
