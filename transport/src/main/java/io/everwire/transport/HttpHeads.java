package io.everwire.transport;

import io.everwire.protocol.RequestHead;
import io.everwire.protocol.ResponseHead;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Shows Netty's HTTP heads to the rules of the opening handshake. */
final class HttpHeads {
    private HttpHeads() {}

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
