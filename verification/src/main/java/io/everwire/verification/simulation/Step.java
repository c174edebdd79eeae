package io.everwire.verification.simulation;

/** What happens at one instant of a world. */
@FunctionalInterface
interface Step {
    void run();
}
