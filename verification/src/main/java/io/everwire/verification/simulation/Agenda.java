package io.everwire.verification.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What will happen in a world, by virtual time; steps of the same instant happen in the order in which they were put here. */
final class Agenda {
    private long[] times = new long[256];
    private long[] orders = new long[256];
    private @Nullable Step[] steps = new Step[256];
    private int size;
    private long order;
    private long now;
    private long happened;

    long now() {
        return now;
    }

    /** How many steps have happened. */
    long happened() {
        return happened;
    }

    void after(long nanos, Step step) {
        at(now + nanos, step);
    }

    void at(long time, Step step) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            orders = Arrays.copyOf(orders, 2 * size);
            steps = Arrays.copyOf(steps, 2 * size);
        }
        long due = Math.max(time, now);
        int hole = size++;
        long mine = order++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (times[parent] <= due) {
                break;
            }
            move(parent, hole);
            hole = parent;
        }
        times[hole] = due;
        orders[hole] = mine;
        steps[hole] = step;
    }

    /** Lets the next step happen, unless it is due after this time; then the time is that one. */
    boolean runOne(long until) {
        if (size == 0 || times[0] > until) {
            now = Math.max(now, until);
            return false;
        }
        now = times[0];
        Step step = steps[0];
        removeFirst();
        happened++;
        if (step != null) {
            step.run();
        }
        return true;
    }

    private void removeFirst() {
        size--;
        long time = times[size];
        long mine = orders[size];
        Step step = steps[size];
        steps[size] = null;
        if (size == 0) {
            return;
        }
        int hole = 0;
        while (true) {
            int child = 2 * hole + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(child + 1, child)) {
                child++;
            }
            if (times[child] > time || (times[child] == time && orders[child] > mine)) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        times[hole] = time;
        orders[hole] = mine;
        steps[hole] = step;
    }

    private boolean isBefore(int one, int other) {
        return times[one] < times[other] || (times[one] == times[other] && orders[one] < orders[other]);
    }

    private void move(int from, int to) {
        times[to] = times[from];
        orders[to] = orders[from];
        steps[to] = steps[from];
    }
}
