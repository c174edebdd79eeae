package io.everwire.cli;

import io.everwire.Backoff;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code auto}, or the fixed delay between two attempts. */
final class BackoffConverter implements ITypeConverter<Backoff> {
    @Override
    public Backoff convert(String text) {
        if (text.equals("auto")) {
            return Backoff.AUTO;
        }
        Duration delay;
        try {
            delay = new DurationConverter().convert(text);
        } catch (TypeConversionException e) {
            throw new TypeConversionException("'" + text + "' is no backoff; write auto, or a fixed delay such as 5s");
        }
        try {
            return Backoff.fixed(delay);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is too short; the shortest fixed delay is 50ms");
        }
    }
}
