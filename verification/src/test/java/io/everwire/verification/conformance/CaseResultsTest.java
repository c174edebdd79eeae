package io.everwire.verification.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.verification.Repository;
import org.junit.jupiter.api.Test;

class CaseResultsTest {
    private static final String GOLDEN = "1.1.1 OK OK\n6.4.1 OK OK\n6.4.10 OK OK\n7.1.6 INFORMATIONAL INFORMATIONAL\n";

    private static String index(String behavior, String behaviorClose) {
        return """
                {
                   "server": {
                      "1.1.1": {
                         "behavior": "OK",
                         "behaviorClose": "OK",
                         "duration": 4,
                         "remoteCloseCode": 1000,
                         "reportfile": "server_case_1_1_1.json"
                      },
                      "6.4.1": {
                         "behavior": "%s",
                         "behaviorClose": "%s",
                         "duration": 2006,
                         "remoteCloseCode": null,
                         "reportfile": "server_case_6_4_1.json"
                      },
                      "6.4.10": {
                         "behavior": "OK",
                         "behaviorClose": "OK"
                      },
                      "7.1.6": {
                         "behavior": "INFORMATIONAL",
                         "behaviorClose": "INFORMATIONAL"
                      }
                   }
                }
                """.formatted(behavior, behaviorClose);
    }

    private static CaseResults golden() {
        return CaseResults.ofGolden(GOLDEN);
    }

    @Test
    void hasNoDifferencesWhenEveryRowIsAsExpected() {
        assertThat(CaseResults.ofIndex(index("OK", "OK")).differencesFrom(golden()))
                .isEmpty();
    }

    @Test
    void differsWhenARowIsNonStrict() {
        assertThat(CaseResults.ofIndex(index("NON-STRICT", "OK")).differencesFrom(golden()))
                .containsExactly("case 6.4.1: expected OK OK, found NON-STRICT OK");
    }

    @Test
    void differsWhenOnlyTheCloseIsWrong() {
        assertThat(CaseResults.ofIndex(index("OK", "WRONG CODE")).differencesFrom(golden()))
                .containsExactly("case 6.4.1: expected OK OK, found OK WRONG CODE");
    }

    @Test
    void differsWhenARowIsInformationalInsteadOfOk() {
        assertThat(CaseResults.ofIndex(index("INFORMATIONAL", "OK")).differencesFrom(golden()))
                .hasSize(1);
    }

    @Test
    void differsWhenACaseWasNotRun() {
        assertThat(CaseResults.ofIndex("{}").differencesFrom(golden()))
                .hasSize(4)
                .first()
                .isEqualTo("case 1.1.1: expected OK OK, found null");
    }

    @Test
    void differsWhenACaseIsNotExpected() {
        assertThat(CaseResults.ofIndex(index("OK", "OK")).differencesFrom(CaseResults.ofGolden("1.1.1 OK OK\n")))
                .hasSize(3)
                .contains("case 6.4.1: expected null, found OK OK");
    }

    @Test
    void joinsPartsThatShareNoCase() {
        CaseResults part = CaseResults.ofGolden("10.1.1 OK OK\n");

        assertThat(golden().and(part).rows().keySet()).containsExactly("1.1.1", "6.4.1", "6.4.10", "7.1.6", "10.1.1");
        assertThatThrownBy(() -> golden().and(golden())).hasMessage("case 1.1.1 was run twice");
    }

    @Test
    void expectsAll301CasesAndToleratesThreeThatNobodyCanPass() {
        CaseResults expected = CaseResults.ofGolden(Repository.resource(CaseResults.class, "autobahn-expected.txt"));

        assertThat(expected.rows()).hasSize(301);
        assertThat(expected.rows().keySet()).contains("1.1.1", "9.1.1", "9.8.6", "10.1.1");
        assertThat(expected.rows().entrySet())
                .filteredOn(row -> !row.getValue().toString().equals("OK OK"))
                .extracting(Object::toString)
                .containsExactly(
                        "7.1.6=INFORMATIONAL INFORMATIONAL",
                        "7.13.1=INFORMATIONAL INFORMATIONAL",
                        "7.13.2=INFORMATIONAL INFORMATIONAL");
    }
}
