package io.everwire.verification.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files say what the code does. {@code -Deverwire.vectors.write=true} writes them anew. */
class VectorsTest {
    private static final Path DIRECTORY = Path.of("docs/vectors/everwire.v1");

    private static final Map<String, Supplier<Map<String, Object>>> DOCUMENTS = Map.of(
            "control.json", ControlVectors::document,
            "framing.json", FramingVectors::document,
            "offers.json", OfferVectors::document,
            "handshakes.json", HandshakeVectors::document,
            "client-exchanges.json", ClientExchanges::document,
            "server-exchanges.json", ServerExchanges::document);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "control.json",
                "framing.json",
                "offers.json",
                "handshakes.json",
                "client-exchanges.json",
                "server-exchanges.json"
            })
    void sayWhatTheCodeDoes(String name) throws IOException {
        String text = Json.write(Objects.requireNonNull(DOCUMENTS.get(name)).get());
        if (Boolean.getBoolean("everwire.vectors.write")) {
            Files.writeString(Repository.root().resolve(DIRECTORY).resolve(name), text);
        }

        assertThat(Repository.read(DIRECTORY.resolve(name)))
                .as("%s; if the protocol was meant to change, run with -Deverwire.vectors.write=true", name)
                .isEqualTo(text);
    }
}
