package io.everwire.verification.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.everwire.protocol.DeflateAgreement;
import io.everwire.protocol.PermessageDeflate;
import io.everwire.protocol.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The 216 cases of groups 12 and 13 of the Autobahn suite, rebuilt from their published parameters on data of our own, each in both roles:
 * a message goes from our client to our server and back, and the real zlib reads both streams at the windows that were agreed on.
 */
@Execution(ExecutionMode.CONCURRENT)
class CompressionCasesTest {
    private static final int MESSAGES = Boolean.getBoolean("everwire.full") ? 1_000 : 50;
    /** zlib's default in full; otherwise its fastest, which refers back as far. */
    private static final int LEVEL = Boolean.getBoolean("everwire.full") ? 6 : 1;

    /** Message size and size of its fragments, 0 for one frame. */
    private static final int[][] SIZES = {
        {16, 0},
        {64, 0},
        {256, 0},
        {1_024, 0},
        {4_096, 0},
        {8_192, 0},
        {16_384, 0},
        {32_768, 0},
        {65_536, 0},
        {131_072, 0},
        {8_192, 256},
        {16_384, 256},
        {32_768, 256},
        {65_536, 256},
        {131_072, 256},
        {131_072, 1_024},
        {131_072, 4_096},
        {131_072, 32_768}
    };

    /** What each end of the groups 13.1 to 13.7 asks of the other: whether it may keep its context, and its window; 0 for nothing. */
    private static final List<CompressionPolicy> ASKED = List.of(
            asking(true, 0), asking(false, 0), asking(true, 9), asking(true, 15), asking(false, 9), asking(false, 15));

    private static CompressionPolicy asking(boolean keepsPeerContext, int peerBits) {
        return CompressionPolicy.DEFAULT
                .withLevel(LEVEL)
                .withThresholdBytes(1)
                .withContext(true, keepsPeerContext)
                .withWindowBits(15, peerBits == 0 ? 15 : peerBits);
    }

    /** Those that wait for the next case: a Python of its own for each would take longer to start than to judge. */
    private static final Queue<ZlibJudge> JUDGES = new ConcurrentLinkedQueue<>();

    record Case(String id, Corpus corpus, int bytes, int fragment, List<String> offers, CompressionPolicy server) {
        @Override
        public String toString() {
            return id + ": " + MESSAGES + " messages of " + bytes + " bytes of " + corpus
                    + (fragment == 0 ? "" : " in frames of " + fragment) + ", " + offers;
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        int group = 1;
        for (Corpus corpus : Corpus.values()) {
            add(cases, "12." + group, corpus, asking(true, 0), List.of(offer(asking(true, 0))));
            group++;
        }
        for (int i = 0; i < ASKED.size(); i++) {
            add(cases, "13." + (i + 1), Corpus.JSON, ASKED.get(i), List.of(offer(ASKED.get(i))));
        }
        add(
                cases,
                "13.7",
                Corpus.JSON,
                asking(false, 9),
                List.of(offer(asking(false, 9)), offer(asking(false, 0)), offer(asking(true, 0))));
        return cases;
    }

    private static void add(
            List<Case> cases, String group, Corpus corpus, CompressionPolicy server, List<String> offers) {
        for (int i = 0; i < SIZES.length; i++) {
            cases.add(new Case(group + "." + (i + 1), corpus, SIZES[i][0], SIZES[i][1], offers, server));
        }
    }

    /** Without the fallback that our client adds: the cases have their own. */
    private static String offer(CompressionPolicy policy) {
        return PermessageDeflate.offer(policy).replaceFirst(",.*", "");
    }

    @Test
    void thereAreTwoHundredAndSixteen() {
        assertThat(cases()).hasSize(216);
        assertThat(cases().stream().map(Case::id).distinct()).hasSize(216);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void echoesEveryMessageAndRealZlibReadsBothStreams(Case played) throws Exception {
        String response = PermessageDeflate.answer(played.offers, played.server);
        assertThat(response).isNotNull();
        DeflateAgreement agreed = PermessageDeflate.agreement(String.valueOf(response));
        Limits limits = Limits.DEFAULT.withFragments(1 << 10);
        CompressionPolicy policy = asking(true, 0);
        ZlibJudge ofClient = judge();
        ZlibJudge ofServer = judge();
        try (CodecEnd client = new CodecEnd(Role.CLIENT, policy, agreed, limits, played.fragment, ofClient);
                CodecEnd server = new CodecEnd(Role.SERVER, policy, agreed, limits, played.fragment, ofServer)) {
            for (int i = 0; i < MESSAGES; i++) {
                byte[] message = played.corpus.slice((long) i * played.bytes, played.bytes);
                assertThat(server.read(client.write(message, !played.corpus.isBinary)))
                        .isEqualTo(message);
                assertThat(client.read(server.write(message, !played.corpus.isBinary)))
                        .isEqualTo(message);
            }
            assertThat(ofClient.verdict()).as("client's stream").isEqualTo("ok " + client.compressed());
            assertThat(ofServer.verdict()).as("server's stream").isEqualTo("ok " + server.compressed());
            // Of what can be compressed nearly all was, so that the judge had something to judge.
            boolean isDense = played.corpus == Corpus.PAPER || played.bytes < 256 || agreed.serverWindowBits() < 15;
            assertThat(client.compressed()).isEqualTo(server.compressed()).isBetween(isDense ? 0 : MESSAGES, MESSAGES);
        }
        JUDGES.add(ofClient);
        JUDGES.add(ofServer);
    }

    private static ZlibJudge judge() {
        ZlibJudge free = JUDGES.poll();
        return free == null ? ZlibJudge.start() : free;
    }

    @AfterAll
    static void sendsTheJudgesHome() throws IOException {
        for (ZlibJudge judge = JUDGES.poll(); judge != null; judge = JUDGES.poll()) {
            judge.close();
        }
    }

    @Test
    void theJudgeRefusesWhatExceedsItsWindow() throws Exception {
        byte[] message = Corpus.JSON.slice(0, 131_072);
        DeflateAgreement agreed = new DeflateAgreement(true, true, 15, 15);
        for (int bits : new int[] {9, 12, 15}) {
            try (ZlibJudge judge = ZlibJudge.start();
                    CodecEnd end = new CodecEnd(Role.SERVER, asking(true, 0), agreed, Limits.DEFAULT, 0, judge, bits)) {
                end.write(message, true).release();
                assertThat(judge.verdict())
                        .isEqualTo(
                                bits == 15
                                        ? "ok 1"
                                        : "message 1: Error -3 while decompressing data: invalid distance too far back");
            }
        }
    }
}
