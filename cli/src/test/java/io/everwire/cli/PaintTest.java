package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaintTest {
    @Test
    void colorsWhereTheyAreWanted() {
        assertThat(new Paint(true).red("dead")).isEqualTo("\u001b[31mdead\u001b[0m");
    }

    @Test
    void leavesTextAloneWhereTheyAreNot() {
        assertThat(Paint.NONE.red("dead")).isEqualTo("dead");
    }
}
