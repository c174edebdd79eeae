package io.everwire.cli;

/**
 * Colors for a person; plain text where they are not wanted.
 *
 * @param isColored whether they are wanted
 */
record Paint(boolean isColored) {
    static final Paint NONE = new Paint(false);

    String green(String text) {
        return with("32", text);
    }

    String red(String text) {
        return with("31", text);
    }

    String yellow(String text) {
        return with("33", text);
    }

    String cyan(String text) {
        return with("36", text);
    }

    String faint(String text) {
        return with("2", text);
    }

    String bold(String text) {
        return with("1", text);
    }

    private String with(String code, String text) {
        return isColored ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
