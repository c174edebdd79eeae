package io.everwire.transport;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HTTP heads as bytes, and a slow judgement of them in two degrees: a head that the strict degree accepts must be let in, one
 * that the lenient degree refuses must not be. Between them lies what HTTP lets a reader decide.
 */
final class Heads {
    private static final Pattern REQUEST = Pattern.compile("GET [!-~]+ HTTP/1\\.1");
    private static final Pattern LENIENT_REQUEST = Pattern.compile("GET\\s.*HTTP/[0-9]\\.[0-9]\\s*", Pattern.DOTALL);
    private static final Pattern RESPONSE = Pattern.compile("HTTP/1\\.1 101( [ -~]*)?");
    private static final Pattern LENIENT_RESPONSE =
            Pattern.compile("HTTP/[0-9]\\.[0-9]\\s+101(\\s.*)?", Pattern.DOTALL);
    private static final Pattern LINE = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([ -~\\t]*)");
    private static final Pattern LENIENT_LINE = Pattern.compile("([^:\\s]*)[^:]*(?::(.*))?", Pattern.DOTALL);
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final int LINE_BYTES = 8_192;
    private static final int ALL_BYTES = 16_384;
    private static final int LINES = 64;

    private final List<String[]> headers = new ArrayList<>();
    private boolean isWellFormed;

    private Heads() {}

    /** Reads a head strictly: what is not exactly as HTTP writes it is not well formed. */
    private static Heads strict(byte[] bytes, Pattern first) {
        Heads head = new Heads();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || end > ALL_BYTES - 512) {
            return head;
        }
        String[] lines = text.substring(0, end).split("\r\n", -1);
        head.isWellFormed = first.matcher(lines[0]).matches() && lines.length - 1 <= LINES;
        for (String line : Arrays.asList(lines).subList(1, lines.length)) {
            head.add(line, LINE);
            head.isWellFormed &= line.length() < LINE_BYTES - 2;
        }
        head.isWellFormed &= lines[0].length() < LINE_BYTES - 2;
        return head;
    }

    /** Reads a head as leniently as any reader may: any line end, folded lines, blanks anywhere, any character. */
    private static Heads lenient(byte[] bytes, Pattern first) {
        Heads head = new Heads();
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replaceFirst("^[\\x00-\\x20\\x7f-\\xff]+", "");
        Matcher end = Pattern.compile("\r?\n\r?\n").matcher(text);
        if (!end.find()) {
            return head;
        }
        String unfolded = text.substring(0, end.start()).replaceAll("\r?\n[ \\t]+", " ");
        String[] lines = unfolded.split("\r?\n", -1);
        head.isWellFormed = first.matcher(lines[0]).matches() && lines.length - 1 <= LINES;
        for (String line : Arrays.asList(lines).subList(1, lines.length)) {
            head.add(line, LENIENT_LINE);
        }
        return head;
    }

    private void add(String line, Pattern pattern) {
        Matcher header = pattern.matcher(line);
        isWellFormed &= header.matches();
        if (isWellFormed) {
            String value = header.group(2) == null ? "" : header.group(2).trim();
            headers.add(new String[] {header.group(1).trim().toLowerCase(Locale.ROOT), value});
        }
    }

    static boolean mustLetIn(byte[] request) {
        return strict(request, REQUEST).asksRightly();
    }

    static boolean mayLetIn(byte[] request) {
        return lenient(request, LENIENT_REQUEST).asksRightly();
    }

    static boolean mustOpen(byte[] response, String accept, List<String> offered) {
        Heads head = strict(response, RESPONSE);
        boolean hasBody = !head.values("content-length").isEmpty()
                || !head.values("transfer-encoding").isEmpty();
        return !hasBody && head.answersRightly(accept, offered);
    }

    static boolean mayOpen(byte[] response, String accept, List<String> offered) {
        return lenient(response, LENIENT_RESPONSE).answersRightly(accept, offered);
    }

    private List<String> values(String name) {
        return headers.stream()
                .filter(header -> header[0].equals(name))
                .map(header -> header[1])
                .toList();
    }

    private List<String> elements(String name) {
        List<String> elements = new ArrayList<>();
        for (String value : values(name)) {
            for (String element : value.split(",", -1)) {
                elements.add(element.trim());
            }
        }
        return elements;
    }

    private boolean hasToken(String name, String token) {
        return elements(name).stream().anyMatch(token::equalsIgnoreCase);
    }

    private boolean asksRightly() {
        List<String> protocols = elements("sec-websocket-protocol");
        return isWellFormed
                && values("host").size() == 1
                && values("transfer-encoding").isEmpty()
                && values("content-length").stream().allMatch("0"::equals)
                && values("content-length").size() <= 1
                && hasToken("upgrade", "websocket")
                && hasToken("connection", "upgrade")
                && values("sec-websocket-version").equals(List.of("13"))
                && values("sec-websocket-key").size() == 1
                && isKey(values("sec-websocket-key").get(0))
                && protocols.stream()
                        .allMatch(protocol -> TOKEN.matcher(protocol).matches())
                && protocols.stream().distinct().count() == protocols.size();
    }

    private static boolean isKey(String text) {
        try {
            return text.length() == 24 && Base64.getDecoder().decode(text).length == 16;
        } catch (IllegalArgumentException e) {
            // Not base64, so no key.
            return false;
        }
    }

    private boolean answersRightly(String accept, List<String> offered) {
        List<String> protocols = values("sec-websocket-protocol");
        List<String> upgrades = values("upgrade");
        return isWellFormed
                && upgrades.size() == 1
                && upgrades.get(0).equalsIgnoreCase("websocket")
                && hasToken("connection", "upgrade")
                && values("sec-websocket-accept").equals(List.of(accept))
                && values("sec-websocket-extensions").stream().allMatch(String::isEmpty)
                && (protocols.isEmpty() || (protocols.size() == 1 && offered.contains(protocols.get(0))));
    }
}
