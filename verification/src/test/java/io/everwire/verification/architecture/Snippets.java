package io.everwire.verification.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Small classes, written as strings and compiled on the spot: the bad examples stand beside the rule they break. */
final class Snippets {
    private static final JavaCompiler COMPILER =
            Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "the tests need a JDK");
    /** Shared, because it opens every jar of the class path once. */
    private static final JavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private final Path directory;
    private final List<JavaFileObject> sources = new ArrayList<>();

    Snippets(Path directory) {
        this.directory = directory;
    }

    /** Adds a top-level type. Its package is taken from its name, unless the code is a package-info. */
    Snippets add(String name, String code) {
        String packageName = name.substring(0, name.lastIndexOf('.'));
        String source = name.endsWith(".package-info") ? code : "package " + packageName + "; " + code;
        sources.add(new Source(name, source));
        return this;
    }

    JavaClasses compile() throws IOException {
        StringWriter errors = new StringWriter();
        List<String> options = List.of(
                "-proc:none",
                "-nowarn",
                "-d",
                Files.createDirectories(directory).toString(),
                "-cp",
                System.getProperty("java.class.path"));
        boolean compiled =
                COMPILER.getTask(errors, FILES, null, options, null, sources).call();
        assertThat(compiled).as(errors.toString()).isTrue();
        return new ClassFileImporter().importPath(directory);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String code;

        Source(String name, String code) {
            super(URI.create("string:///" + name.replace('.', '/') + Kind.SOURCE.extension), Kind.SOURCE);
            this.code = code;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}
