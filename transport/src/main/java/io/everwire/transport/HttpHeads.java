package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.protocol.RequestHead;
import io.everwire.protocol.ResponseHead;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Shows Netty's HTTP heads to the rules of the opening handshake. */
final class HttpHeads {
    // RFC 9112 §2.3: "HTTP-version is case-sensitive"; §4: "status-code = 3DIGIT".
    private static final Pattern VERSION = Pattern.compile("HTTP/[0-9]\\.[0-9]");
    private static final Pattern STATUS = Pattern.compile("[0-9]{3}");

    private HttpHeads() {}

    /** Makes the decoder of a request: within the limits, and with a version that is HTTP's. */
    static HttpRequestDecoder requestDecoder(Limits limits) {
        return new HttpRequestDecoder(config(limits)) {
            @Override
            protected HttpMessage createMessage(String[] line) throws Exception {
                requireForm(VERSION, line[2]);
                return super.createMessage(line);
            }
        };
    }

    /** Makes the decoder of a response: within the limits, and with a version and a status that are HTTP's. */
    static HttpResponseDecoder responseDecoder(Limits limits) {
        return new HttpResponseDecoder(config(limits)) {
            @Override
            protected HttpMessage createMessage(String[] line) {
                requireForm(VERSION, line[0]);
                requireForm(STATUS, line[1]);
                return super.createMessage(line);
            }
        };
    }

    private static HttpDecoderConfig config(Limits limits) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.headerLineBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setMaxChunkSize(limits.headerLineBytes());
    }

    /** Netty reads leniently what another reader on the way may read otherwise, for example +101 as 101. */
    private static void requireForm(Pattern form, String text) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + Texts.printable(text) + "' is not of the form " + form);
        }
    }

    static RequestHead of(HttpRequest request) {
        return new RequestHead() {
            @Override
            public String method() {
                return request.method().name();
            }

            @Override
            public int majorVersion() {
                return request.protocolVersion().majorVersion();
            }

            @Override
            public int minorVersion() {
                return request.protocolVersion().minorVersion();
            }

            @Override
            public List<String> headers(String name) {
                return request.headers().getAll(name);
            }
        };
    }

    static ResponseHead of(HttpResponse response) {
        return new ResponseHead() {
            @Override
            public int status() {
                return response.status().code();
            }

            @Override
            public List<String> headers(String name) {
                return response.headers().getAll(name);
            }
        };
    }

    /** Returns the path of a request as it was sent, without the query. */
    static String pathOf(HttpRequest head) {
        String target = head.uri();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return path.isEmpty() ? "/" : path;
    }

    /** Tells whether a request is a GET or a HEAD that asks for no upgrade. */
    static boolean isPlain(HttpRequest head) {
        return (head.method().equals(HttpMethod.GET) || head.method().equals(HttpMethod.HEAD))
                && !head.headers().contains(HttpHeaderNames.UPGRADE);
    }

    /** Says what a request asks for; no subprotocol is agreed on. */
    static Handshake handshakeOf(Channel channel, HttpRequest head, InetSocketAddress client) {
        String target = head.uri();
        int query = target.indexOf('?');
        return new Handshake(
                pathOf(head),
                query < 0 ? "" : target.substring(query + 1),
                copy(head.headers()),
                client,
                null,
                (InetSocketAddress) channel.remoteAddress(),
                principalOf(channel.pipeline().get(SslHandler.class)),
                null);
    }

    /** Says what was agreed on with a client that is let in, of whose headers these are kept. */
    static Handshake agreedOf(
            Handshake asked, Map<String, List<String>> kept, Admission.Answer answer, @Nullable String extension) {
        return new Handshake(
                asked.path(),
                asked.query(),
                kept,
                asked.remoteAddress(),
                answer.subprotocol,
                asked.peerAddress(),
                answer.principal,
                extension);
    }

    private static @Nullable Principal principalOf(@Nullable SslHandler tls) {
        try {
            return tls == null ? null : tls.engine().getSession().getPeerPrincipal();
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** Copies headers into the form of {@link io.everwire.Handshake}: by lower-case name. */
    static Map<String, List<String>> copy(HttpHeaders headers) {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        for (Map.Entry<String, String> header : headers) {
            copy.computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), ignored -> new ArrayList<>(1))
                    .add(header.getValue());
        }
        return copy;
    }
}
