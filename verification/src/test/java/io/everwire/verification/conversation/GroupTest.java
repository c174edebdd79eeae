package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The same for many: encoded once, and a slow member misses what the others get. */
class GroupTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final Group group = new Group();
    private final List<Session> joined = new CopyOnWriteArrayList<>();
    private final RecordingListener server = new RecordingListener() {
        @Override
        public void onEvent(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Ready) {
                group.add(session);
                joined.add(session);
            }
            super.onEvent(session, event);
        }
    };

    @Test
    void sendsSmallAndLargeMessagesToEveryMemberInOrder() {
        EverwireServer up = opened.serve(server);
        List<RecordingListener> members = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RecordingListener member = new RecordingListener();
            opened.connect(up, member);
            member.await(SessionEvent.Ready.class);
            members.add(member);
        }
        Patience.until("all are members", () -> group.size() == 20);
        List<Message> news = List.of(
                Message.text("short"),
                Message.text("ä".repeat(40_000)),
                Message.binary(new byte[200_000]),
                Message.binary(),
                Message.text(""),
                Message.binary(new byte[16 << 10]),
                Message.binary(new byte[(16 << 10) + 1]),
                Message.text("last"));

        for (Message message : news) {
            assertThat(group.broadcast(message)).isEqualTo(20);
        }

        for (RecordingListener member : members) {
            for (Message message : news) {
                assertThat(member.next()).isEqualTo(message);
            }
        }
    }

    /** More than one task takes along, on each event loop. */
    @Test
    void keepsTheOrderOfWhatIsSentToAllAndToOne() {
        EverwireServer up = opened.serve(server);
        List<RecordingListener> members = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            RecordingListener member = new RecordingListener();
            opened.connect(EverwireClient.to(Opened.url(up.port())).hostBudget(1_000, 1_000), member);
            members.add(member);
        }
        Patience.until("all are members", () -> joined.size() == members.size());

        assertThat(group.broadcast("first")).isEqualTo(members.size());
        joined.forEach(session -> session.send("second"));
        assertThat(group.broadcast("third")).isEqualTo(members.size());

        for (RecordingListener member : members) {
            assertThat(List.of(member.next(), member.next(), member.next()))
                    .containsExactly(Message.text("first"), Message.text("second"), Message.text("third"));
        }
    }

    @DisplayName("BP-03: a member that never reads")
    @Test
    void letsASlowMemberMissWhatTheOthersGet() throws Exception {
        EverwireServer up = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withQueue(100_000, 100))
                .listen("/", server));
        try (RawPeer slow = RawPeer.dial(up.port(), 1_024)) {
            slow.write(RawPeer.REQUEST);
            server.await(SessionEvent.Ready.class);
            Session slowSession = server.session();
            RecordingListener quick = new RecordingListener();
            opened.connect(up, quick);
            Patience.until("both are members", () -> group.size() == 2);

            int both = 0;
            int sent = 0;
            for (int taken = 2; taken == 2; sent++) {
                taken = group.broadcast(Message.binary(new byte[50_000]));
                both += taken == 2 ? 1 : 0;
                quick.next();
            }
            assertThat(slowSession.rejectedSends()).isEqualTo(sent - both).isEqualTo(1);
            for (int i = 0; i < 100; i++) {
                assertThat(group.broadcast("for who listens")).isGreaterThanOrEqualTo(1);
                assertThat(quick.next().text()).isEqualTo("for who listens");
            }
        }
        Patience.until("who leaves is no member", () -> group.size() == 1);
    }

    @Test
    void forgetsWhoLeavesAndTakesNobodyWhoIsGone() throws Exception {
        EverwireServer up = opened.serve(server);
        Session gone;
        try (RawPeer peer = RawPeer.open(up.port())) {
            server.await(SessionEvent.Ready.class);
            gone = server.session();
            assertThat(group.size()).isEqualTo(1);
            peer.write(Frame.close(1000, ""));
            peer.readAll();
        }
        Patience.of(gone.closed());
        Patience.until("it left by itself", () -> group.size() == 0);

        group.add(gone);

        assertThat(group.size()).isZero();
        assertThat(group.broadcast("nobody")).isZero();
        group.remove(gone);
    }
}
