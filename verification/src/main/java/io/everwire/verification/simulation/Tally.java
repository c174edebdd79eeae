package io.everwire.verification.simulation;

/** What one schedule has seen. */
final class Tally {
    /** DATA counted by servers and by clients. */
    long up;

    long down;
    long resumes;
    /** Resumes that found the old connection, or another owner, still there. */
    long takeovers;
    /** Messages that were sent again after a resume. */
    long replays;
}
