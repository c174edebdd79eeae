package io.everwire.examples;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles the Java in the documents. A block is the body of a method; it may use the words of Everwire, {@code Path}, and those of the
 * JDK's {@code java.time} and {@code java.util} without importing them, and the names below without declaring them.
 */
class DocumentsTest {
    /** One line, so that a diagnostic's line is easily computed. */
    private static final String BEFORE =
            "import io.everwire.*; import io.everwire.client.*; import io.everwire.server.*;"
                    + " import io.everwire.faults.*; import io.everwire.faults.proxy.*; import java.time.*; import java.util.*;"
                    + " import io.everwire.transport.*; import io.everwire.store.file.*; import java.net.CookieManager; import java.nio.file.Path;"
                    + " import java.util.concurrent.*; class NAME { static Session session; static EverwireServer server;"
                    + " static SessionListener listener; static Message message; static Tokens tokens;"
                    + " interface Tokens { CompletionStage<String> token(boolean fresh); }"
                    + " static void run() throws Exception {\n";

    private static final String AFTER = "\n}}\n";

    @Test
    void everyBlockOfJavaInADocumentCompiles(@TempDir Path target) throws IOException {
        List<Documents.Block> blocks = Documents.javaBlocks();
        assertThat(blocks).as("blocks of Java").hasSizeGreaterThan(5);

        assertThat(compile(blocks, target)).isEmpty();
    }

    @Test
    void aBlockThatDoesNotCompileIsFoundWithItsLine(@TempDir Path target) throws IOException {
        Documents.Block wrong = new Documents.Block(Path.of("wrong.md"), 7, 17, List.of("", "session.fly();"));

        assertThat(compile(List.of(wrong), target)).singleElement().asString().startsWith("wrong.md:8: ");
    }

    private static List<String> compile(List<Documents.Block> blocks, Path target) throws IOException {
        Map<String, Documents.Block> byName = new LinkedHashMap<>();
        for (Documents.Block block : blocks) {
            if (block.release() <= Runtime.version().feature()) {
                byName.put("Block" + byName.size(), block);
            }
        }
        List<JavaFileObject> sources = new ArrayList<>();
        byName.forEach((name, block) -> sources.add(new Source(name, block)));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", target.toString(), "-classpath", System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(found, Locale.ROOT, null)) {
            compiler.getTask(null, files, found, options, null, sources).call();
        }
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> sentence(byName, diagnostic))
                .toList();
    }

    private static String sentence(
            Map<String, Documents.Block> byName, Diagnostic<? extends JavaFileObject> diagnostic) {
        JavaFileObject source = diagnostic.getSource();
        Documents.Block block =
                source == null ? null : byName.get(source.getName().replaceAll("[/.]|java", ""));
        String message = diagnostic.getMessage(Locale.ROOT);
        return block == null
                ? message
                : block.document() + ":" + (block.line() + diagnostic.getLineNumber() - 2) + ": " + message;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String code;

        Source(String name, Documents.Block block) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            code = BEFORE.replace("NAME", name) + block.lines().stream().collect(joining("\n")) + AFTER;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}
