package io.everwire.session;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * 128 bits that two objects share when all their fields are equal, instants counted from now. A long whose name ends in {@code
 * Nanos} is an instant, unless it is listed here as a duration. Policies, settings and random sources are the same for a whole
 * exploration and are left out, and so is what signs. The validity clock is an instant or a duration, and is asked which.
 */
record Fingerprint(long high, long low) {
    private static final Set<String> DURATIONS = Set.of("lastDelayNanos", "probeTimeNanos", "silentNanos");
    private static final String VALIDITY = "validityNanos";
    private static final Map<Class<?>, List<Field>> FIELDS = new ConcurrentHashMap<>();

    static Fingerprint of(long now, Object... objects) {
        Mixer mixer = new Mixer(now);
        for (Object object : objects) {
            mixer.mix(object);
        }
        return new Fingerprint(mixer.high, mixer.low);
    }

    private static final class Mixer {
        private final long now;
        private long high = 0x9E3779B97F4A7C15L;
        private long low = 0xC2B2AE3D27D4EB4FL;

        Mixer(long now) {
            this.now = now;
        }

        void mix(@Nullable Object value) {
            if (value == null) {
                add(1);
            } else if (value instanceof Collection<?> many) {
                add(many.size());
                many.forEach(this::mix);
            } else if (value instanceof Map<?, ?> map) {
                add(map.size());
                map.forEach((key, held) -> {
                    mix(key);
                    mix(held);
                });
            } else if (value instanceof Enum<?> constant) {
                add(constant.name().hashCode());
            } else if (isOfThisPackage(value.getClass())) {
                mixFields(value);
            } else {
                add(value.hashCode());
            }
        }

        private void mixFields(Object object) {
            try {
                for (Field field : FIELDS.computeIfAbsent(object.getClass(), Fingerprint::fieldsOf)) {
                    if (object instanceof Pulse pulse && field.getName().equals(VALIDITY)) {
                        add(pulse.owedNanos(now));
                    } else if (field.getType() == long.class) {
                        addLong(field.getName(), field.getLong(object));
                    } else if (field.getType() == int.class) {
                        add(field.getInt(object));
                    } else if (field.getType() == boolean.class) {
                        add(field.getBoolean(object) ? 3 : 2);
                    } else {
                        mix(field.get(object));
                    }
                }
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }

        private void addLong(String name, long value) {
            boolean isInstant = name.endsWith("Nanos") && !DURATIONS.contains(name) && value != Engine.NO_DEADLINE;
            add(isInstant ? value - now : value);
        }

        private void add(long value) {
            high = (high ^ value) * 0xFF51AFD7ED558CCDL;
            high ^= high >>> 32;
            low = (low + value) * 0xC4CEB9FE1A85EC53L;
            low ^= low >>> 29;
        }
    }

    private static boolean isOfThisPackage(Class<?> type) {
        return type.getPackageName().equals("io.everwire.session") && !type.isSynthetic() && !type.isHidden();
    }

    private static List<Field> fieldsOf(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> level = type; level != Object.class && level != Record.class; level = level.getSuperclass()) {
            for (Field field : level.getDeclaredFields()) {
                boolean isConstant = Modifier.isStatic(field.getModifiers())
                        || field.getType().getName().endsWith("Policy")
                        || field.getType() == LivenessSettings.class
                        || field.getType().getName().endsWith("DoubleSupplier")
                        || field.getType() == Mac.class;
                if (!isConstant) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        return List.copyOf(fields);
    }
}
