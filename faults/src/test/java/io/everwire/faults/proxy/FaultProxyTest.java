package io.everwire.faults.proxy;

import static io.everwire.faults.proxy.Endpoints.assertPasses;
import static io.everwire.faults.proxy.Endpoints.receive;
import static io.everwire.faults.proxy.Endpoints.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.faults.Blackhole;
import io.everwire.faults.Refuse;
import io.everwire.faults.Reset;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {

    private Endpoints endpoints;
    private FaultProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        endpoints = new Endpoints();
        proxy = endpoints.proxy();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
        endpoints.close();
    }

    @Test
    void carriesBytesBothWaysAndPassesHalfCloseThrough() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "question");
        client.shutdownOutput();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        assertPasses(server, client, "answer");
        server.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void blackholeHoldsBytesUntilTcpWouldSendThemAgain() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "before");
        proxy.apply(Blackhole.BOTH);
        send(client, "during");
        server.setSoTimeout(300);
        assertThatThrownBy(() -> receive(server, 1)).isInstanceOf(SocketTimeoutException.class);
        server.setSoTimeout(Endpoints.LIMIT_MILLIS);
        proxy.heal();
        assertThat(receive(server, 6)).isEqualTo("during");
        assertPasses(server, client, "after");
    }

    @Test
    void blackholeLeavesTheSynOfANewConnectionUnanswered() throws IOException {
        proxy.apply(Blackhole.BOTH);
        assertThatThrownBy(() -> endpoints.connect(proxy, 500)).isInstanceOf(SocketTimeoutException.class);
        proxy.heal();
        Socket client = endpoints.connect(proxy);
        assertPasses(client, endpoints.accept(), "hello");
    }

    @Test
    void resetAbortsOpenConnectionsAndLeavesNewOnesAlone() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        assertPasses(client, server, "x");
        proxy.apply(new Reset());
        assertThatThrownBy(() -> receive(client, 1)).hasMessageContaining("reset");
        assertThatThrownBy(() -> receive(server, 1)).hasMessageContaining("reset");
        Socket next = endpoints.connect(proxy);
        assertPasses(next, endpoints.accept(), "y");
    }

    @Test
    void refuseRefusesNewConnectionsAndLeavesOpenOnesAlone() throws IOException {
        Socket client = endpoints.connect(proxy);
        Socket server = endpoints.accept();
        proxy.apply(new Refuse());
        assertThatThrownBy(() -> endpoints.connect(proxy)).isInstanceOf(ConnectException.class);
        assertPasses(client, server, "still here");
        proxy.heal();
        Socket next = endpoints.connect(proxy);
        assertPasses(next, endpoints.accept(), "y");
    }
}
