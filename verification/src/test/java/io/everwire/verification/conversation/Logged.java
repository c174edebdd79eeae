package io.everwire.verification.conversation;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The log of this JVM: kept, at every level and of every library, while a test listens; dropped otherwise. */
public final class Logged implements SLF4JServiceProvider, AutoCloseable {
    private static final CopyOnWriteArrayList<String> LINES = new CopyOnWriteArrayList<>();
    private static volatile boolean isListening;

    private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter mdc = new NOPMDCAdapter();

    /** Made by SLF4J. */
    public Logged() {}

    /** Listens from now on, until closed. */
    static Logged listen() {
        LINES.clear();
        isListening = true;
        return new Logged();
    }

    /** Everything since, one element for each event: level, logger, message, stack trace. */
    List<String> lines() {
        return List.copyOf(LINES);
    }

    /** The lines of our own code. */
    List<String> ours() {
        return LINES.stream().filter(line -> line.contains(" io.everwire.")).toList();
    }

    @Override
    public void close() {
        isListening = false;
        LINES.clear();
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> loggers.computeIfAbsent(name, Logger::new);
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return mdc;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {}

    private static final class Logger extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;

        Logger(String name) {
            this.name = name;
        }

        @Override
        public boolean isTraceEnabled() {
            return isListening;
        }

        @Override
        public boolean isDebugEnabled() {
            return isListening;
        }

        @Override
        public boolean isInfoEnabled() {
            return isListening;
        }

        @Override
        public boolean isWarnEnabled() {
            return isListening;
        }

        @Override
        public boolean isErrorEnabled() {
            return isListening;
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String pattern,
                Object @Nullable [] arguments,
                @Nullable Throwable error) {
            StringBuilder line = new StringBuilder()
                    .append(level)
                    .append(' ')
                    .append(name)
                    .append(": ")
                    .append(MessageFormatter.basicArrayFormat(pattern, arguments));
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                line.append(" | ").append(cause);
            }
            LINES.add(line.toString());
        }
    }
}
