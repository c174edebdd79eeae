package io.everwire.verification.architecture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of style that a machine can judge. Each takes a file and returns its findings as sentences. */
final class Tidy {
    private static final int LONGEST_FILE = 500;
    private static final int LONGEST_METHOD = 60;

    /** Words that end no type's name, and what to say instead. */
    private static final Map<String, String> BANNED_ENDS = Map.of(
            "Manager", "say what it does to what it has",
            "Util", "put the method where its data is",
            "Utils", "put the method where its data is",
            "Helper", "say what it is",
            "Context", "say what it holds",
            "Data", "say what the data is",
            "Packet", "say frame, fragment or message",
            "Socket", "say transport or connection",
            "Process", "say what it does");

    /** Program text that may not stand anywhere, and what to do instead. */
    private static final Map<String, String> BANNED_CODE = Map.of(
            "\\bThread\\s*\\.\\s*sleep\\b", "wait for an event, or let virtual time pass",
            "@Disabled\\b", "repair the test or delete it");

    private static final Pattern PRINTING = Pattern.compile("\\bSystem\\s*\\.\\s*(out|err)\\b");
    private static final Pattern LEFTOVER = Pattern.compile("\\b(TODO|FIXME)\\b(?!\\(#\\d+\\))");
    private static final Pattern TEST =
            Pattern.compile("@(Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\\b");
    private static final Pattern SENTENCE = Pattern.compile("[a-z][a-z0-9]*(?:[A-Z0-9][a-z0-9]*)+");
    private static final Pattern LINK =
            Pattern.compile("\\]\\(<?([^)>\\s]+)>?[^)]*\\)|^\\[[^\\]]+\\]:\\s+(\\S+)", Pattern.MULTILINE);
    private static final Pattern WIRE =
            Pattern.compile("\"(Sec-WebSocket-|258EAFA5|everwire\\.v)", Pattern.CASE_INSENSITIVE);
    private static final String UNDESCRIBED = "To be described by its first class.";

    private Tidy() {}

    /** One file of the repository, its path relative to the root. */
    record TextFile(Path path, String text, JavaSource java) {
        /** Parses the text once for all checks; of a file that is no Java, nothing is parsed. */
        TextFile(Path path, String text) {
            this(path, text, new JavaSource(path.toString().endsWith(".java") ? text : ""));
        }

        boolean isJava() {
            return path.toString().endsWith(".java");
        }

        boolean isMarkdown() {
            return path.toString().endsWith(".md");
        }

        boolean isIn(String directory) {
            return path.startsWith(directory);
        }

        boolean isMainCode() {
            return isJava() && slashed(path).contains("/src/main/java/");
        }

        String at(int line, String sentence) {
            return slashed(path) + ":" + line + ": " + sentence;
        }
    }

    static List<String> longFiles(TextFile file) {
        long lines = file.text().lines().count();
        return file.isJava() && lines > LONGEST_FILE
                ? List.of(file.at(
                        1, "has " + lines + " lines; cut it along its responsibilities, at most " + LONGEST_FILE))
                : List.of();
    }

    static List<String> longMethods(TextFile file) {
        return methods(file)
                .filter(method -> method.lines() > LONGEST_METHOD)
                .map(method -> file.at(
                        method.firstLine(),
                        method.name() + " has " + method.lines()
                                + " lines; let the parent decide and leaves compute, at most " + LONGEST_METHOD))
                .toList();
    }

    static List<String> leftovers(TextFile file) {
        return found(
                file, LEFTOVER, file.isJava() ? file.java().comments() : file.text(), "name the issue, or finish it");
    }

    static List<String> bannedTypeNames(TextFile file) {
        if (!file.isJava()) {
            return List.of();
        }
        List<String> findings = new ArrayList<>();
        for (String type : file.java().types()) {
            BANNED_ENDS.forEach((word, instead) -> {
                if (type.endsWith(word) && !type.endsWith("WebSocket")) {
                    findings.add(file.at(1, type + " ends in " + word + "; " + instead));
                }
            });
        }
        return findings;
    }

    /** An accessor is called like what it returns; what overrides another library's method cannot choose. */
    static List<String> getters(TextFile file) {
        return methods(file)
                .filter(method -> file.isMainCode())
                .filter(method -> method.name().matches("get[A-Z].*") && !method.hasAnnotation("Override"))
                .map(method ->
                        file.at(method.firstLine(), method.name() + " starts with get; name it after what it returns"))
                .toList();
    }

    static List<String> bannedCode(TextFile file) {
        if (!file.isJava()) {
            return List.of();
        }
        String code = file.java().code();
        List<String> findings = new ArrayList<>();
        BANNED_CODE.forEach(
                (pattern, instead) -> findings.addAll(found(file, Pattern.compile(pattern), code, instead)));
        // The command line speaks to a person; an example shows what happens; an exhaustive test prints how much it
        // tried.
        boolean mayPrint = file.isIn("cli") || file.isIn("examples") || !file.isMainCode();
        if (!mayPrint) {
            findings.addAll(found(file, PRINTING, code, "log it, or return it"));
        }
        return findings;
    }

    /** Client and server hold no rule of RFC 6455 or of everwire.v1; its words are where the rules are. */
    static List<String> wordsOfTheWire(TextFile file) {
        boolean applies = file.isMainCode() && (file.isIn("client") || file.isIn("server"));
        return applies
                ? found(file, WIRE, file.text(), "this rule is written once, below client and server")
                : List.of();
    }

    static List<String> testNames(TextFile file) {
        return methods(file)
                .filter(method -> TEST.matcher(method.header()).find())
                .filter(method -> !isSentence(method.name()))
                .map(method -> file.at(
                        method.firstLine(),
                        method.name() + " is no sentence; write what holds, like closesWhenPeerIsSilent"))
                .toList();
    }

    /** A section of an RFC may be named with its point written as an underscore: {@code section5_7}. */
    private static boolean isSentence(String name) {
        String words = name.replaceAll("(?<=\\d)_(?=\\d)", "");
        return SENTENCE.matcher(words).matches() && !words.startsWith("test");
    }

    static List<String> whitespace(TextFile file) {
        List<String> findings = new ArrayList<>();
        findings.addAll(found(file, Pattern.compile("\\t"), file.text(), "a tab; use spaces"));
        findings.addAll(found(
                file,
                Pattern.compile("[ \\r]+$", Pattern.MULTILINE | Pattern.UNIX_LINES),
                file.text(),
                "white space ends the line"));
        if (!file.text().isEmpty() && !file.text().endsWith("\n")) {
            findings.add(file.at(1, "the last line has no end"));
        }
        return findings;
    }

    static List<String> titles(TextFile file) {
        if (!file.isMarkdown()) {
            return List.of();
        }
        long titles = withoutFences(file.text())
                .lines()
                .filter(line -> line.startsWith("# "))
                .count();
        return titles == 1 ? List.of() : List.of(file.at(1, "has " + titles + " titles; a document has one"));
    }

    /** Links to other sites are not followed. */
    static List<String> deadLinks(TextFile file, Predicate<Path> exists) {
        if (!file.isMarkdown()) {
            return List.of();
        }
        List<String> findings = new ArrayList<>();
        Path parent = file.path().getParent();
        String text = withoutFences(file.text());
        Matcher link = LINK.matcher(text);
        while (link.find()) {
            String target = (link.group(1) != null ? link.group(1) : link.group(2)).replaceFirst("#.*", "");
            Path path = parent == null ? Path.of(target) : parent.resolve(target);
            if (!target.isEmpty() && !target.matches("[a-z]+:.*") && !exists.test(path.normalize())) {
                findings.add(file.at(lineOf(text, link.start()), "the link to " + target + " leads nowhere"));
            }
        }
        return findings;
    }

    /** Each package says what it is and that it is null-marked; a test may live in a package of main code. */
    static List<String> undescribedPackages(Collection<TextFile> files) {
        Map<String, List<TextFile>> main = byPackage(files, "/src/main/java/");
        Map<String, List<TextFile>> test = byPackage(files, "/src/test/java/");
        List<String> findings = new ArrayList<>();
        main.forEach((name, members) -> findings.addAll(describe(name, members, true)));
        test.forEach((name, members) -> {
            if (!main.containsKey(name)) {
                findings.addAll(describe(name, members, false));
            }
        });
        return findings;
    }

    private static List<String> describe(String name, List<TextFile> members, boolean isMain) {
        List<TextFile> infos = members.stream().filter(Tidy::isPackageInfo).toList();
        if (infos.isEmpty()) {
            return List.of(name + ": has no package-info");
        }
        List<String> findings = new ArrayList<>();
        for (TextFile info : infos) {
            if (!info.java().code().contains("@NullMarked")) {
                findings.add(info.at(1, "the package is not @NullMarked"));
            }
            boolean isEmpty = members.size() == infos.size();
            boolean isDescribed =
                    info.text().contains("/**") && (isEmpty || !info.text().contains(UNDESCRIBED));
            if (isMain && !isDescribed) {
                findings.add(info.at(1, "the package is not described"));
            }
        }
        return findings;
    }

    private static boolean isPackageInfo(TextFile file) {
        return file.path().endsWith("package-info.java");
    }

    /** Files by package, but for the file that describes a module and belongs to none. */
    private static Map<String, List<TextFile>> byPackage(Collection<TextFile> files, String sources) {
        return files.stream()
                .filter(file -> file.isJava() && slashed(file.path()).contains(sources))
                .filter(file -> !file.path().endsWith("module-info.java"))
                .collect(Collectors.groupingBy(file -> packageOf(file, sources)));
    }

    private static String packageOf(TextFile file, String sources) {
        String path = slashed(file.path());
        String inside = path.substring(path.indexOf(sources) + sources.length());
        return inside.substring(0, Math.max(0, inside.lastIndexOf('/'))).replace('/', '.');
    }

    private static Stream<JavaSource.Method> methods(TextFile file) {
        return file.java().methods().stream();
    }

    private static List<String> found(TextFile file, Pattern pattern, String text, String sentence) {
        List<String> findings = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            findings.add(file.at(lineOf(text, matcher.start()), matcher.group().strip() + ": " + sentence));
        }
        return findings;
    }

    private static String withoutFences(String markdown) {
        boolean fenced = false;
        StringBuilder kept = new StringBuilder();
        for (String line : markdown.split("\n", -1)) {
            boolean isFence = line.stripLeading().startsWith("```");
            fenced ^= isFence;
            kept.append(fenced || isFence ? "" : line).append('\n');
        }
        return kept.toString();
    }

    private static int lineOf(String text, int offset) {
        return (int) text.substring(0, Math.min(offset, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count()
                + 1;
    }

    private static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }
}
