package io.everwire.benchmarks.load;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The {@code key=value} arguments of a load. */
final class Settings {
    private final Map<String, String> values = new HashMap<>();

    private Settings() {}

    static Settings of(String... arguments) {
        Settings settings = new Settings();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals > 0) {
                settings.values.put(argument.substring(0, equals), argument.substring(equals + 1));
            }
        }
        return settings;
    }

    String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the load needs the setting " + key);
        }
        return value;
    }

    int number(String key) {
        return Integer.parseInt(text(key));
    }

    boolean is(String key) {
        return Boolean.parseBoolean(values.get(key));
    }

    Duration seconds(String key) {
        return Duration.ofNanos((long) (Double.parseDouble(text(key)) * 1e9));
    }
}
