package io.everwire.verification.endurance;

import io.everwire.faults.AcceptThenClose;
import io.everwire.faults.Blackhole;
import io.everwire.faults.CutAfter;
import io.everwire.faults.Delay;
import io.everwire.faults.Fault;
import io.everwire.faults.FaultPlan;
import io.everwire.faults.Heal;
import io.everwire.faults.MuteUpgrade;
import io.everwire.faults.Rate;
import io.everwire.faults.Refuse;
import io.everwire.faults.Reset;
import io.everwire.faults.Slice;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Deals outages by a seed: each kind once, in random order and with random strength, before any comes again. */
final class FaultDeck {
    private static final int KINDS = 11;

    private final Random random;
    private final Duration longest;
    private final ArrayDeque<Integer> kinds = new ArrayDeque<>();

    FaultDeck(long seed, Duration longest) {
        random = new Random(seed);
        this.longest = longest;
    }

    /** Returns one outage, which begins at once and ends with a heal. */
    FaultPlan next() {
        if (kinds.isEmpty()) {
            List<Integer> all =
                    new ArrayList<>(IntStream.range(0, KINDS).boxed().toList());
            Collections.shuffle(all, random);
            kinds.addAll(all);
        }
        List<FaultPlan.Step> steps = new ArrayList<>();
        for (Fault fault : faults(kinds.removeFirst())) {
            steps.add(new FaultPlan.Step(Duration.ZERO, fault));
        }
        long most = longest.toMillis();
        steps.add(new FaultPlan.Step(Duration.ofMillis(most / 5 + random.nextLong(most - most / 5)), new Heal()));
        return new FaultPlan(steps);
    }

    private List<Fault> faults(int kind) {
        return switch (kind) {
            case 0 -> List.of(Blackhole.BOTH);
            case 1 -> List.of(Blackhole.UP);
            case 2 -> List.of(Blackhole.DOWN);
            case 3 -> List.of(new Reset());
            case 4 -> List.of(new Refuse(), new Reset());
            case 5 -> List.of(new AcceptThenClose(), new Reset());
            case 6 -> List.of(new MuteUpgrade(), new Reset());
            case 7 -> List.of(new Delay(millis(10, 400), millis(1, 10)));
            case 8 -> List.of(new Rate(8_000 + random.nextInt(1_000_000)));
            case 9 -> List.of(new Slice(1 + random.nextInt(100)), new Delay(millis(1, 50), millis(0, 1)));
            default -> List.of(new CutAfter(1 + random.nextInt(50_000)));
        };
    }

    private Duration millis(int least, int most) {
        return Duration.ofMillis(least + random.nextInt(most - least));
    }
}
