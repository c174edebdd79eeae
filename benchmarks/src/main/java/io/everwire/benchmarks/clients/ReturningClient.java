package io.everwire.benchmarks.clients;

/** A client that comes back by itself. Made by name, with a constructor that takes nothing. */
interface ReturningClient {
    /** So often is beaten, in milliseconds. */
    int BEAT_MILLIS = 100;

    /** Connects, and stays connected until the process ends. Returns at once or as soon as it is connected. */
    void start(String url, Diary diary) throws Exception;

    /** Sends the number as a text that the server sends back. Called every 100 ms while the client is connected. */
    void beat(long number);

    /** Where a client tells what happens, each time at once. */
    interface Diary {
        /** It is connected, and may be beaten. */
        void ready();

        /** It has given its connection up, or was told that it is no more. */
        void lost(String reason);

        /** A beat came back. */
        void answered(String number);
    }
}
