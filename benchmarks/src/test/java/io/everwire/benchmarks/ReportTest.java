package io.everwire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ReportTest {
    @TempDir
    private Path directory = Path.of("");

    private Results results = Pretended.results(directory);

    @BeforeEach
    void measure() throws IOException {
        results = Pretended.results(directory);
        // The machine is twice as slow in the second round, and the other baseline is the faster one.
        results.add(Pretended.measurement(Contestants.RAW_NETTY, 1, 1_000));
        results.add(Pretended.measurement(Contestants.RAW_NIO, 1, 800));
        results.add(Pretended.measurement(Contestants.EVERWIRE, 1, 900));
        results.add(Pretended.measurement(Contestants.RAW_NETTY, 2, 300));
        results.add(Pretended.measurement(Contestants.RAW_NIO, 2, 500));
        results.add(Pretended.measurement(Contestants.EVERWIRE, 2, 500));
        results.add(Measurement.failed(Pretended.CELL.name(), "Jetty", 1, "it hung up"));
    }

    private String text(Suite.Kind kind) {
        return new Report(new Pretended(kind), results, List.of(Pretended.CELL)).text();
    }

    @Test
    void comparesWithTheBestBaselineOfTheSameRound() {
        assertThat(text(Suite.Kind.RATE))
                .contains("### pretended main: pretended messages")
                .contains("| a row | 0.80 (0.60–1.00) | 0.90 (0.80–1.00) | 0.95 (0.90–1.00) | – |");
    }

    @Test
    void comparesCostsWithTheCheapestBaselineOfTheSameRound() {
        assertThat(text(Suite.Kind.COST))
                .contains("| a row | 1.13 (1.00–1.25) | 1.33 (1.00–1.67) | 1.40 (1.13–1.67) | – |");
    }

    @Test
    void tellsFiguresAndDifferencesWhereRatiosMeanNothing() {
        assertThat(text(Suite.Kind.AMOUNT))
                .contains("| a row | 650 (300–1,000) | 650 (500–800) | 700 (500–900) | – |")
                .contains("| Everwire " + Contestants.EVERWIRE.version() + " | +150 | 1.2 |");
    }

    @Test
    void tellsRatiosOfCpuAndMediansInTheUnitsOfTheColumns() {
        assertThat(text(Suite.Kind.RATE))
                .contains("| Everwire " + Contestants.EVERWIRE.version() + " | 0.95 (0.90–1.00) | 0.80 | 1.2 |");
    }

    @Test
    void tellsWhyThereAreNoFigures() {
        assertThat(text(Suite.Kind.RATE)).contains("| Jetty " + Contestants.JETTY.version() + " | it hung up |");
    }

    @Test
    void marksWhereTheLoadWasAtItsLimitAndTheServerWasNot() throws IOException {
        assertThat(text(Suite.Kind.RATE)).doesNotContain("†");
        results.add(Measurement.of(
                Pretended.CELL.name(), "raw Netty", 3, Map.of("perSecond", 1.0, "serverBusy", 0.8, "loadBusy", 1.0)));
        results.add(Measurement.of(
                Pretended.CELL.name(), "raw Netty", 4, Map.of("perSecond", 1.0, "serverBusy", 0.8, "loadBusy", 1.0)));
        results.add(Measurement.of(
                Pretended.CELL.name(), "raw Netty", 5, Map.of("perSecond", 1.0, "serverBusy", 0.8, "loadBusy", 1.0)));
        assertThat(text(Suite.Kind.RATE)).contains("raw Netty " + Contestants.RAW_NETTY.version() + " † |");
    }

    @Test
    void warnsWhenOthersHadTheMachine() throws IOException {
        assertThat(text(Suite.Kind.RATE)).doesNotContain("Disturbed");
        results.add(Measurement.of(
                Pretended.CELL.name(), "Everwire", 3, Map.of("perSecond", 1.0, "othersBusy", 0.04, "stolen", 0.02)));
        assertThat(text(Suite.Kind.RATE)).contains("**Disturbed:** during 1 of 8 measurements");
    }

    @Test
    void warnsWhenTheSecondHalfWasFaster() throws IOException {
        assertThat(text(Suite.Kind.RATE)).doesNotContain("Not warm");
        results.add(Measurement.of(Pretended.CELL.name(), "Everwire", 3, Map.of("perSecond", 1.0, "drift", 1.2)));
        results.add(Measurement.of(Pretended.CELL.name(), "Everwire", 4, Map.of("perSecond", 1.0, "drift", 0.9)));
        assertThat(text(Suite.Kind.RATE)).contains("**Not warm:** in 1 of 9 measurements");
    }

    @Test
    void drawsWhatAnXmlReaderReads() throws Exception {
        String svg = Plot.svg(new Pretended(Suite.Kind.RATE), results, "main", List.of(Pretended.CELL));
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        // The background, and a bar for each that has figures.
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 3);
        assertThat(svg).contains(">Everwire</text>").contains(">0.95</text>");
    }
}
