package io.everwire.faults.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.everwire.faults.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultControlTest {

    private Endpoints endpoints;
    private FaultProxy proxy;
    private FaultControl control;

    @BeforeEach
    void start() throws IOException {
        endpoints = new Endpoints();
        proxy = FaultProxy.listen(0).to("127.0.0.1", endpoints.port()).seed(42).start();
        control = FaultControl.listen(proxy, 0);
    }

    @AfterEach
    void stop() {
        control.close();
        proxy.close();
        endpoints.close();
    }

    @Test
    void showsTheStateAsJson() throws Exception {
        proxy.apply(Fault.parse("delay 200ms jitter 50ms"));
        Answer response = get("/");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.head()).contains("content-type: application/json");
        assertThat(response.body()).isEqualTo("""
                        {"port":%d,"seed":42,"connectionsOpen":0,"connectionsTotal":0,"bytesUp":0,"bytesDown":0,\
                        "faults":["delay 200ms jitter 50ms"]}
                        """.formatted(proxy.port()));
    }

    @Test
    void appliesAFaultBeforeItAnswersAndHeals() throws Exception {
        Answer refused = post("/fault", "refuse\n");
        assertThat(refused.status()).isEqualTo(200);
        assertThat(refused.body()).contains("\"faults\":[\"refuse\"]");
        assertThatThrownBy(() -> endpoints.connect(proxy)).isInstanceOf(ConnectException.class);
        Answer healed = post("/heal", "");
        assertThat(healed.status()).isEqualTo(200);
        assertThat(healed.body()).contains("\"faults\":[]");
        Endpoints.assertPasses(endpoints.connect(proxy), endpoints.accept(), "hello");
    }

    @Test
    void startsAPlanWhenTheBodyHasTimes() throws Exception {
        assertThat(post("/fault", "+10ms rate 64kbit").status()).isEqualTo(202);
        await().untilAsserted(() -> assertThat(proxy.state().faults()).containsExactly(Fault.parse("rate 64kbit")));
    }

    @Test
    void answersWrongRequestsWithASentence() throws Exception {
        assertAnswer(post("/fault", "blakhole"), 400, "\"blakhole\" is not a fault; the known ones are blackhole,");
        assertAnswer(post("/fault", "+2s"), 400, "line 1: there is no fault here;");
        assertAnswer(post("/fault", ""), 400, "there is no fault here;");
        assertAnswer(get("/fault"), 405, "/fault wants POST");
        assertAnswer(post("/", ""), 405, "/ wants GET");
        assertAnswer(get("/favicon.ico"), 404, "there is nothing here; try GET /, POST /fault or POST /heal");
        assertThat(post("/fault", "#".repeat(17 * 1024)).status()).isEqualTo(413);
        assertThat(proxy.state().faults()).isEmpty();
    }

    @Test
    void doesNotObeyWebPages() throws Exception {
        Answer answer = send("POST", "/heal", "Origin: https://example.org\r\n", "");
        assertAnswer(answer, 403, "web pages may not control this proxy");
    }

    @Test
    void saysWhenItsPortIsTaken() {
        assertThatThrownBy(() -> FaultControl.listen(proxy, endpoints.port()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("port %d on 127.0.0.1 is taken;".formatted(endpoints.port()));
    }

    @Test
    void endsWithTheProxy() {
        proxy.close();
        assertThatThrownBy(() -> get("/")).isInstanceOf(ConnectException.class);
        control.close();
    }

    private Answer get(String path) throws IOException {
        return send("GET", path, "", "");
    }

    private Answer post(String path, String body) throws IOException {
        return send("POST", path, "", body);
    }

    private Answer send(String method, String path, String header, String body) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), control.port())) {
            client.setSoTimeout(Endpoints.LIMIT_MILLIS);
            String head = "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n"
                    .formatted(method, path, body.length(), header);
            Endpoints.send(client, head + body);
            return Answer.parse(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void assertAnswer(Answer response, int status, String sentence) {
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.body()).startsWith(sentence);
    }

    private record Answer(int status, String head, String body) {
        static Answer parse(String response) {
            String[] parts = response.split("\r\n\r\n", 2);
            return new Answer(Integer.parseInt(parts[0].split(" ", 3)[1]), parts[0], parts[1]);
        }
    }
}
