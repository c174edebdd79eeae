package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.session.resume.Offer;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What requests have in common: thousands of clients send the same headers, and each of their sessions keeps them. A table of what was
 * seen last makes them share one copy.
 *
 * <p>What may be a credential is kept for its own session only, and is never in the table.
 *
 * <p><b>Thread safety.</b> Used on one event loop only.
 */
final class KnownHeaders {
    /** Powers of two. Whatever has the place of something else takes it. */
    private static final int VALUES = 256;

    private static final int SETS = 64;
    /** A longer value is seldom that of many. */
    private static final int LONGEST = 256;

    private static final int MOST_HEADERS = 32;

    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "proxy-authorization");
    /** RFC 6455 §4.2.2: it is answered with its proof, once, and means nothing afterwards. */
    private static final String KEY = HttpHeaderNames.SEC_WEBSOCKET_KEY.toString();

    private static final String SUBPROTOCOLS = HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.toString();

    private final @Nullable String[] names = new String[VALUES];
    private final @Nullable List<?>[] values = new List<?>[VALUES];
    private final @Nullable Map<?, ?>[] sets = new Map<?, ?>[SETS];
    private final Agreed.@Nullable Common[] handshakes = new Agreed.Common[SETS];

    /**
     * Returns what a session keeps of the headers of its request: all but the key, and of the subprotocols those of the application. What
     * claims a session is signed, and worth something until it was used.
     *
     * @param headers by lower-case name
     * @param offered the subprotocols among them
     */
    Map<String, List<String>> kept(Map<String, List<String>> headers, List<String> offered) {
        boolean isOfMany = headers.size() <= MOST_HEADERS;
        Map<String, List<String>> kept = new HashMap<>();
        for (Map.Entry<String, List<String>> header : headers.entrySet()) {
            String name = known(header.getKey());
            List<String> all = header.getValue();
            if (name.equals(SUBPROTOCOLS) && all.stream().anyMatch(line -> line.contains(Offer.SUBPROTOCOL))) {
                List<String> theirs = Offer.application(offered);
                all = theirs.isEmpty() ? List.of() : List.of(String.join(", ", theirs));
            }
            if (CREDENTIALS.contains(name)) {
                kept.put(name, List.copyOf(all));
                isOfMany = false;
            } else if (!name.equals(KEY) && !all.isEmpty()) {
                List<String> value = known(all);
                isOfMany &= isShort(value);
                kept.put(name, value);
            }
        }
        Map<String, List<String>> whole = Map.copyOf(kept);
        return isOfMany ? known(whole) : whole;
    }

    /** Returns what a connection keeps of its handshake, whose headers are {@link #kept} here. */
    @SuppressWarnings("ReferenceEquality") // Only what is in the table is what others have.
    Agreed agreed(Handshake handshake, Channel channel) {
        Map<String, List<String>> headers = handshake.headers();
        Agreed.Common common = Agreed.Common.of(handshake, channel);
        if (common == null || sets[place(headers, SETS)] != headers) {
            return new Agreed.Own(handshake);
        }
        int place = place(common, SETS);
        Agreed.Common there = handshakes[place];
        if (there != null && common.equals(there)) {
            return there;
        }
        handshakes[place] = common;
        return common;
    }

    /** Returns this string, or one that is equal and was there before. */
    String known(String text) {
        if (text.length() > LONGEST) {
            return text;
        }
        int place = place(text, VALUES);
        String there = names[place];
        if (there != null && text.equals(there)) {
            return there;
        }
        names[place] = text;
        return text;
    }

    @SuppressWarnings("unchecked") // There are only lists of strings.
    private List<String> known(List<String> all) {
        List<String> fresh = List.copyOf(all);
        if (!isShort(fresh)) {
            return fresh;
        }
        int place = place(fresh, VALUES);
        List<?> there = values[place];
        if (there != null && fresh.equals(there)) {
            return (List<String>) there;
        }
        values[place] = fresh;
        return fresh;
    }

    @SuppressWarnings("unchecked") // There are only maps of headers.
    private Map<String, List<String>> known(Map<String, List<String>> whole) {
        int place = place(whole, SETS);
        Map<?, ?> there = sets[place];
        if (there != null && whole.equals(there)) {
            return (Map<String, List<String>>) there;
        }
        sets[place] = whole;
        return whole;
    }

    private static boolean isShort(List<String> all) {
        int length = 0;
        for (String value : all) {
            length += value.length();
        }
        return length <= LONGEST;
    }

    private static int place(Object key, int places) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & places - 1;
    }
}
