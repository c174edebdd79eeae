package io.everwire.store.file;

import static io.everwire.store.file.Calls.NOW;
import static io.everwire.store.file.Calls.SID;
import static io.everwire.store.file.Calls.TTL;
import static io.everwire.store.file.Calls.append;
import static io.everwire.store.file.Calls.begin;
import static io.everwire.store.file.Calls.claim;
import static io.everwire.store.file.Calls.image;
import static io.everwire.store.file.Calls.read;
import static io.everwire.store.file.Calls.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.LossReason;
import io.everwire.StartException;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal whose end is missing tells what was done before; one that was changed in the middle is left alone. */
class JournalDamageTest {
    private static final SessionId OTHER = new SessionId(7, 2);

    @TempDir
    Path root;

    private Path directory;
    private byte[] journal;
    /** How long the journal was when a step was done, and what was to be seen then. */
    private final List<Step> steps = new ArrayList<>();

    private record Step(int bytes, String view) {}

    @BeforeEach
    void writeJournal() throws IOException {
        directory = root.resolve("store");
        try (FileStore store = FileStore.open(directory)) {
            step(() -> {});
            step(() -> begin(store, SID));
            step(() -> append(store, SID, 1, 1, "a"));
            step(() -> append(store, SID, 1, 2, "b", "", "d"));
            step(() -> begin(store, OTHER));
            step(() -> result(store.commit(SID, 1, 5, 2)));
            step(() -> result(store.renew(OTHER, 1, NOW + 1, TTL)));
            step(() -> claim(store, SID, 3));
            step(() -> append(store, OTHER, 1, 1, "x"));
            step(() -> result(store.end(OTHER, 1, new Tombstone(LossReason.ENDED, 9, NOW))));
            step(() -> append(store, SID, 2, 5, "e"));
            journal = Files.readAllBytes(image(directory, root.resolve("image")).resolve("journal"));
        }
    }

    private void step(Runnable action) {
        action.run();
        Path copy = image(directory, root.resolve("step-" + steps.size()));
        try {
            steps.add(new Step((int) Files.size(copy.resolve("journal")), view(copy)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Opens a directory and tells all there is to see, as text, by claims that come first or last. */
    private static String view(Path copy) {
        StringBuilder view = new StringBuilder();
        try (FileStore store = FileStore.open(copy)) {
            for (SessionId sid : List.of(SID, OTHER)) {
                Claim claim = claim(store, sid, 100);
                view.append(claim).append('\n');
                if (claim instanceof Claim.Claimed claimed) {
                    Positions positions = claimed.positions();
                    view.append(read(store, sid, claimed.epoch(), positions.acknowledged() + 1))
                            .append('\n');
                }
            }
        }
        return view.toString();
    }

    @Test
    void tellsEveryCompletedStepWhereverItIsCutOff() throws IOException {
        int first = steps.get(0).bytes();
        Path copy = image(root.resolve("image"), root.resolve("cut"));
        for (int bytes = first; bytes <= journal.length; bytes++) {
            int length = bytes;
            Files.write(copy.resolve("journal"), Arrays.copyOf(journal, length));
            Step last = steps.stream()
                    .filter(step -> step.bytes() <= length)
                    .reduce((one, two) -> two)
                    .orElseThrow();

            assertThat(view(copy)).as("cut off after %d bytes", length).isEqualTo(last.view());
        }
    }

    @Test
    void tellsEveryCompletedStepWhateverStandsInThePlaceOfTheLast() throws IOException {
        Path copy = image(root.resolve("image"), root.resolve("torn"));
        int last = steps.get(steps.size() - 2).bytes();
        for (int from = last; from < journal.length; from++) {
            byte[] torn = journal.clone();
            Arrays.fill(torn, from, torn.length, (byte) 0);
            Files.write(copy.resolve("journal"), torn);

            assertThat(view(copy)).isEqualTo(steps.get(steps.size() - 2).view());
        }
    }

    @Test
    void isLeftAloneWhenAByteInTheMiddleWasChanged() throws IOException {
        Path copy = image(root.resolve("image"), root.resolve("changed"));
        Path file = copy.resolve("journal");
        for (int at = 0; at < steps.get(steps.size() - 2).bytes(); at++) {
            byte[] changed = journal.clone();
            changed[at] ^= 0x10;
            Files.write(file, changed);

            assertThatThrownBy(() -> FileStore.open(copy))
                    .as("byte %d", at)
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(file.toRealPath().toString())
                    .hasMessageContaining("move it away and begin anew");
            assertThat(Files.readAllBytes(file)).isEqualTo(changed);
        }
    }

    @Test
    void isLeftAloneWhenItIsNoJournal() throws IOException {
        Path copy = image(root.resolve("image"), root.resolve("strange"));
        for (String content : List.of("", "too short", "these are more than enough bytes for a header")) {
            Files.writeString(copy.resolve("journal"), content);

            assertThatThrownBy(() -> FileStore.open(copy))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("is no journal of sessions");
            assertThat(copy.resolve("journal")).hasContent(content);
        }
    }

    @Test
    void isLeftAloneWhenALaterVersionWroteIt() throws IOException {
        Path copy = image(root.resolve("image"), root.resolve("later"));
        ByteBuffer header = ByteBuffer.wrap(journal.clone());
        header.putInt(8, 2);
        header.putInt(
                20, Frame.checksum(header.getLong(12), 2, header.duplicate().limit(20)));
        Files.write(copy.resolve("journal"), header.array());

        assertThatThrownBy(() -> FileStore.open(copy))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("has version 2 of the format, and only 1 is known here");
    }

    @Test
    void isNotMistakenForTheRestOfAnUnfinishedOne() throws IOException {
        Path copy = image(root.resolve("image"), root.resolve("leftover"));
        Files.writeString(copy.resolve("journal.new"), "half of a");
        Files.writeString(copy.resolve("key.new"), "half of a");

        assertThat(view(copy)).isEqualTo(steps.get(steps.size() - 1).view());
    }

    @Test
    void isNotFooledByAMessageThatLooksLikeAFrame() throws IOException {
        Path copy = image(root.resolve("image"), root.resolve("fooled"));
        Frame frame = new Frame();
        Records.writeClosed(frame);
        byte[] forged = new byte[100];
        frame.seal(0x1234_5678_9abc_def0L).get(forged, 0, Frame.HEADER_BYTES + 1);
        byte[] torn = Arrays.copyOf(journal, journal.length + 50 + forged.length);
        System.arraycopy(forged, 0, torn, journal.length + 50, forged.length);
        Files.write(copy.resolve("journal"), torn);

        assertThat(view(copy)).isEqualTo(steps.get(steps.size() - 1).view());
    }
}
