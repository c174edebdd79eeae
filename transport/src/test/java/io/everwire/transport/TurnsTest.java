package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns(4);

    @Test
    void hasReadAllAfterATurnThatHadRoom() {
        turns.handleTurn(0);
        BooleanSupplier isRead = turns.isRead(1_000);
        assertThat(isRead.getAsBoolean()).as("before any turn").isFalse();
        turns.handleTurn(4);
        turns.handleTurn(5);
        assertThat(isRead.getAsBoolean()).as("after full turns").isFalse();
        turns.handleTurn(0);
        assertThat(isRead.getAsBoolean())
                .as("after a turn that perhaps did not ask the kernel")
                .isFalse();
        turns.handleTurn(3);
        assertThat(isRead.getAsBoolean()).isTrue();
        turns.handleTurn(4);
        assertThat(isRead.getAsBoolean()).as("it stays so").isTrue();
    }

    @Test
    void hasReadAllWhenEveryConnectionHadItsTurnHoweverBusyTheLoop() {
        turns.handleTurn(4);
        BooleanSupplier isRead = turns.isRead(10);
        turns.handleTurn(4);
        turns.handleTurn(4);
        assertThat(isRead.getAsBoolean()).isFalse();
        turns.handleTurn(4);
        assertThat(isRead.getAsBoolean()).isTrue();
    }
}
