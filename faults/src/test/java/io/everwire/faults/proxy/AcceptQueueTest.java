package io.everwire.faults.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux is known to drop a SYN when the accept queue is full")
class AcceptQueueTest {

    @Test
    void tellsRealClientsFromItsOwnFillers() throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open();
                Socket early = new Socket();
                Socket late = new Socket()) {
            listening.configureBlocking(false);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AcceptQueue.BACKLOG);
            InetSocketAddress address = (InetSocketAddress) listening.getLocalAddress();
            AcceptQueue queue = new AcceptQueue();
            early.connect(address);
            assertThat(queue.fill(address)).isTrue();
            assertThatThrownBy(() -> late.connect(address, Endpoints.QUIET_MILLIS))
                    .isInstanceOf(SocketTimeoutException.class);

            List<SocketChannel> real = new ArrayList<>();
            queue.drain(listening, real::add);

            assertThat(real).hasSize(1);
            assertThat(real.get(0).getRemoteAddress()).isEqualTo(early.getLocalSocketAddress());
            real.get(0).close();
        }
    }

    @Test
    void leavesWhoeverCameAfterTheLastFillerToTheUsualWay() throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open();
                Socket after = new Socket()) {
            listening.configureBlocking(false);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AcceptQueue.BACKLOG);
            AcceptQueue queue = new AcceptQueue(3);
            queue.fill((InetSocketAddress) listening.getLocalAddress());
            after.connect(listening.getLocalAddress());

            List<SocketChannel> real = new ArrayList<>();
            queue.drain(listening, real::add);

            assertThat(real).isEmpty();
            try (SocketChannel accepted = listening.accept()) {
                assertThat(accepted.getRemoteAddress()).isEqualTo(after.getLocalSocketAddress());
            }
        }
    }

    @Test
    void saysWhenTheKernelCannotBeMadeDeaf() throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.configureBlocking(false);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AcceptQueue.BACKLOG);
            AcceptQueue queue = new AcceptQueue(3);
            assertThat(queue.fill((InetSocketAddress) listening.getLocalAddress()))
                    .isFalse();
            queue.close();
        }
    }
}
