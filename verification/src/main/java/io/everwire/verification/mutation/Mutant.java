package io.everwire.verification.mutation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** A simulator whose engines are broken in one way: sources changed, compiled, and loaded beside the sound ones. */
public final class Mutant {
    private static final String SIMULATOR = "io.everwire.verification.simulation.Simulator";
    /** What is loaded anew: the engines, and the simulator that is linked to them. */
    private static final List<String> PACKAGES =
            List.of("io.everwire.session.", "io.everwire.verification.simulation.");

    private final Method run;

    private Mutant(Method run) {
        this.run = run;
    }

    /**
     * Builds a mutant.
     *
     * @param root the repository's root
     * @throws IllegalArgumentException when a place to be changed is not there exactly once, or the mutant does not compile
     */
    public static Mutant of(Mutation mutation, Path root) {
        Map<String, String> sources = new HashMap<>();
        for (Mutation.Edit edit : mutation.edits()) {
            String text = sources.computeIfAbsent(edit.file(), file -> read(root.resolve(file)));
            int at = text.indexOf(edit.sound());
            if (at < 0 || text.indexOf(edit.sound(), at + 1) >= 0) {
                throw new IllegalArgumentException("mutation " + mutation.name() + " changes a place in " + edit.file()
                        + " that is not there exactly once; mend the mutation");
            }
            sources.put(edit.file(), text.replace(edit.sound(), edit.broken()));
        }
        Map<String, byte[]> classes = compile(mutation, sources);
        try {
            Class<?> simulator = new Loader(classes).loadClass(SIMULATOR);
            return new Mutant(simulator.getMethod("run", long.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("the simulator of mutation " + mutation.name() + " has no run(long)", e);
        }
    }

    /** Runs one schedule and returns what the checkers found, null for nothing. */
    public @Nullable String run(long seed) {
        try {
            Object violation = run.invoke(null, seed);
            return violation == null ? null : violation.toString();
        } catch (InvocationTargetException e) {
            // A broken engine may also trip over itself, which a driver would see.
            return "it threw " + e.getCause();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("run(long) of the simulator is not public", e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the source " + file + " cannot be read; run this in the repository", e);
        }
    }

    private static Map<String, byte[]> compile(Mutation mutation, Map<String, String> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalArgumentException("this is a JRE without a compiler; run mutations on a JDK");
        }
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((file, text) -> units.add(new Source(file, text)));
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
                Memory memory = new Memory(standard)) {
            List<String> options =
                    List.of("-proc:none", "-nowarn", "-classpath", System.getProperty("java.class.path"));
            if (!compiler.getTask(messages, memory, null, options, null, units).call()) {
                throw new IllegalArgumentException(
                        "mutation " + mutation.name() + " does not compile; mend it:\n" + messages);
            }
            return memory.classes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("mutant:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps class files in memory. */
    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Memory(JavaFileManager standard) {
            super(standard);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String name, JavaFileObject.Kind kind, @Nullable FileObject sibling) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            written.put(name, bytes);
            return new SimpleJavaFileObject(URI.create("mutant:///" + name), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return bytes;
                }
            };
        }

        Map<String, byte[]> classes() {
            Map<String, byte[]> all = new HashMap<>();
            written.forEach((name, bytes) -> all.put(name, bytes.toByteArray()));
            return all;
        }
    }

    /** Loads the changed classes, and anew what is linked to them; everything else comes from the parent. */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> changed;

        Loader(Map<String, byte[]> changed) {
            super(Mutant.class.getClassLoader());
            this.changed = changed;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (PACKAGES.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            byte[] bytes = changed.get(name);
            if (bytes == null) {
                try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                    if (in == null) {
                        throw new ClassNotFoundException(name);
                    }
                    bytes = in.readAllBytes();
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
