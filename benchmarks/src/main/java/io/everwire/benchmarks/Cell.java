package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.util.List;
import java.util.Map;

/**
 * One row of a table: a load, and who is put under it.
 *
 * @param table which table the row stands in; rows of the same name in several tables are measured once
 * @param name the load in words
 * @param baselines whom the others are held against: in each round the best of them
 * @param contestants the others
 * @param load the load's settings
 */
record Cell(
        String table,
        String name,
        List<Contestant> baselines,
        List<Contestant> contestants,
        Map<String, String> load) {}
