package io.everwire.verification.architecture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Java file as far as tidiness needs it: code apart from comments and strings, and where types and methods begin and end.
 * It matches braces and knows no more grammar than that.
 */
final class JavaSource {
    private static final Pattern TYPE = Pattern.compile("(?:^|[^\\w.])(?:class|interface|enum|record)\\s+(\\w+)");
    private static final Pattern ANNOTATION =
            Pattern.compile("@(?!interface\\b)[\\w.]+(?:\\s*\\([^()]*\\))?|\\([^()]*\\)(?=\\s*\\))");
    private static final Pattern CALLABLE = Pattern.compile("(\\w+)\\s*\\(");

    private final StringBuilder code = new StringBuilder();
    private final StringBuilder comments = new StringBuilder();
    private final List<String> types = new ArrayList<>();
    private final List<Method> methods = new ArrayList<>();

    /** A method, a constructor or an initializer; lines count from 1, and the last equals the first when it has no body. */
    record Method(String name, String header, int firstLine, int lastLine) {
        int lines() {
            return lastLine - firstLine + 1;
        }

        boolean hasAnnotation(String simpleName) {
            return Pattern.compile("@" + simpleName + "\\b").matcher(header).find();
        }
    }

    private enum Kind {
        TYPE,
        METHOD,
        OTHER
    }

    /** An open brace, and what the text before it was when the brace stands inside parentheses. */
    private record Block(Kind kind, @Nullable Method method, int headerStart, int parentheses) {}

    JavaSource(String text) {
        separate(text);
        match(code.toString());
    }

    /** Returns the text with comments and the insides of strings blanked; lines stay where they are. */
    String code() {
        return code.toString();
    }

    /** Returns the text with all but the comments blanked; lines stay where they are. */
    String comments() {
        return comments.toString();
    }

    List<String> types() {
        return List.copyOf(types);
    }

    List<Method> methods() {
        return List.copyOf(methods);
    }

    private void separate(String text) {
        int at = 0;
        while (at < text.length()) {
            int end;
            if (text.startsWith("//", at)) {
                end = endOf(text, "\n", at, 0);
                keep(text.substring(at, end), comments, code);
            } else if (text.startsWith("/*", at)) {
                end = endOf(text, "*/", at + 2, 2);
                keep(text.substring(at, end), comments, code);
            } else if (text.startsWith("\"\"\"", at)) {
                end = endOf(text, "\"\"\"", at + 3, 3);
                code.append('"').append(blank(text.substring(at + 1, end - 1))).append('"');
                comments.append(blank(text.substring(at, end)));
            } else if (text.charAt(at) == '"' || text.charAt(at) == '\'') {
                end = endOfQuoted(text, at);
                char quote = text.charAt(at);
                code.append(quote)
                        .append(blank(text.substring(at + 1, end - 1)))
                        .append(quote);
                comments.append(blank(text.substring(at, end)));
            } else {
                end = at + 1;
                keep(text.substring(at, end), code, comments);
            }
            at = end;
        }
    }

    private static void keep(String part, StringBuilder here, StringBuilder blankedThere) {
        here.append(part);
        blankedThere.append(blank(part));
    }

    private static String blank(String text) {
        return text.replaceAll("[^\\n]", " ");
    }

    private static int endOf(String text, String terminator, int from, int included) {
        int found = text.indexOf(terminator, from);
        return found < 0 ? text.length() : found + included;
    }

    private static int endOfQuoted(String text, int start) {
        int at = start + 1;
        while (at < text.length() && text.charAt(at) != text.charAt(start)) {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(at + 1, text.length());
    }

    private void match(String text) {
        Deque<Block> blocks = new ArrayDeque<>();
        int headerStart = 0;
        int parentheses = 0;
        for (int at = 0; at < text.length(); at++) {
            switch (text.charAt(at)) {
                case '(' -> parentheses++;
                case ')' -> parentheses--;
                case '{' -> {
                    blocks.push(open(text, headerStart, at, parentheses, blocks.peek()));
                    headerStart = at + 1;
                    parentheses = 0;
                }
                case '}' -> {
                    Block closed = blocks.pop();
                    Method method = closed.method();
                    if (method != null) {
                        methods.add(new Method(method.name(), method.header(), method.firstLine(), lineOf(text, at)));
                    }
                    parentheses = closed.parentheses();
                    headerStart = parentheses > 0 ? closed.headerStart() : at + 1;
                }
                case ';' -> {
                    if (parentheses == 0) {
                        addMethodWithoutBody(text, headerStart, at, blocks.peek());
                        headerStart = at + 1;
                    }
                }
                default -> {}
            }
        }
    }

    private Block open(String text, int headerStart, int brace, int parentheses, @Nullable Block outer) {
        String header = text.substring(headerStart, brace);
        String bare = withoutAnnotations(header);
        Matcher type = TYPE.matcher(bare);
        Method method = null;
        Kind kind = Kind.OTHER;
        if (parentheses == 0 && type.find()) {
            types.add(type.group(1));
            kind = Kind.TYPE;
        } else if (parentheses == 0 && outer != null && outer.kind() == Kind.TYPE && !bare.contains("=")) {
            kind = Kind.METHOD;
            method = methodAt(text, headerStart, brace, header, bare);
        }
        return new Block(kind, method, headerStart, parentheses);
    }

    private void addMethodWithoutBody(String text, int headerStart, int end, @Nullable Block outer) {
        String header = text.substring(headerStart, end);
        String bare = withoutAnnotations(header);
        boolean declares = outer != null && outer.kind() == Kind.TYPE && !bare.contains("=");
        if (declares && CALLABLE.matcher(bare).find()) {
            methods.add(methodAt(text, headerStart, end, header, bare));
        }
    }

    /** The name is the word before the first parenthesis, or of a compact constructor the last word. */
    private static Method methodAt(String text, int headerStart, int end, String header, String bare) {
        Matcher callable = CALLABLE.matcher(bare);
        String[] words = bare.trim().split("\\W+", -1);
        String name = callable.find() ? callable.group(1) : words[words.length - 1];
        int at = header.lastIndexOf(name + "(");
        int line = lineOf(text, at < 0 ? end : headerStart + at);
        return new Method(name, header, line, line);
    }

    private static String withoutAnnotations(String header) {
        String before;
        String after = header;
        do {
            before = after;
            after = ANNOTATION.matcher(before).replaceAll(" ");
        } while (!after.equals(before));
        return after;
    }

    private static int lineOf(String text, int offset) {
        return (int) text.substring(0, offset).chars().filter(c -> c == '\n').count() + 1;
    }
}
