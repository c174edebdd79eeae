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

    private String text(boolean isRatio) {
        return new Report(new Pretended(isRatio), results, List.of(Pretended.CELL)).text();
    }

    @Test
    void comparesWithTheBestBaselineOfTheSameRound() {
        assertThat(text(true))
                .contains("### pretended main: pretended messages")
                .contains("| a row | 0.80 (0.60–1.00) | 0.90 (0.80–1.00) | 0.95 (0.90–1.00) | – |");
    }

    @Test
    void tellsFiguresAndDifferencesWhereRatiosMeanNothing() {
        assertThat(text(false))
                .contains("| a row | 650 (300–1,000) | 650 (500–800) | 700 (500–900) | – |")
                .contains("| Everwire " + Contestants.EVERWIRE.version() + " | -50 | 1.2 |");
    }

    @Test
    void tellsMediansInTheUnitsOfTheColumns() {
        assertThat(text(true)).contains("| Everwire " + Contestants.EVERWIRE.version() + " | 0.95 (0.90–1.00) | 1.2 |");
    }

    @Test
    void tellsWhyThereAreNoFigures() {
        assertThat(text(true)).contains("| Jetty " + Contestants.JETTY.version() + " | it hung up |");
    }

    @Test
    void marksWhereTheLoadWasAtItsLimitAndTheServerWasNot() throws IOException {
        assertThat(text(true)).doesNotContain("†");
        results.add(Measurement.of(
                Pretended.CELL.name(), "raw Netty", 3, Map.of("perSecond", 1.0, "serverBusy", 0.8, "loadBusy", 1.0)));
        results.add(Measurement.of(
                Pretended.CELL.name(), "raw Netty", 4, Map.of("perSecond", 1.0, "serverBusy", 0.8, "loadBusy", 1.0)));
        results.add(Measurement.of(
                Pretended.CELL.name(), "raw Netty", 5, Map.of("perSecond", 1.0, "serverBusy", 0.8, "loadBusy", 1.0)));
        assertThat(text(true)).contains("raw Netty " + Contestants.RAW_NETTY.version() + " † |");
    }

    @Test
    void warnsWhenOthersHadTheMachine() throws IOException {
        assertThat(text(true)).doesNotContain("Disturbed");
        results.add(Measurement.of(
                Pretended.CELL.name(), "Everwire", 3, Map.of("perSecond", 1.0, "othersBusy", 0.04, "stolen", 0.02)));
        assertThat(text(true)).contains("**Disturbed:** during 1 of 8 measurements");
    }

    @Test
    void drawsWhatAnXmlReaderReads() throws Exception {
        String svg = Plot.svg(new Pretended(true), results, "main", List.of(Pretended.CELL));
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        // The background, and a bar for each that has figures.
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 3);
        assertThat(svg).contains(">Everwire</text>").contains(">0.95</text>");
    }
}
