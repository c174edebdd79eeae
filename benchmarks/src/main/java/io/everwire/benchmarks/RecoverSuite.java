package io.everwire.benchmarks;

import io.everwire.benchmarks.clients.Clients;
import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The down-time that a client adds to an outage of the network. A round is one outage, for all clients at once. */
final class RecoverSuite implements JointSuite {
    private static final int OUTAGES = 100;
    private static final int FEW = 10;
    private static final String MODULES =
            "import platform, autobahn, twisted, websockets; print('CPython', platform.python_version() + ', AutobahnPython',"
                    + " autobahn.__version__ + ', Twisted', twisted.__version__ + ', websockets', websockets.__version__)";

    @Override
    public String name() {
        return "recover";
    }

    @Override
    public String method() {
        return "Clients of one Everwire server (which pings every 5 s and waits 2 s) behind one cable that is cut both ways for 1 to"
                + " 60 s, lengths drawn log-uniformly from the seed " + Outages.SEED
                + ". Each client sends a number every 100 ms"
                + " while it is connected, and the server returns it. Added is the time from the heal to the first number that"
                + " comes back. A client that kept its connection noticed nothing: its TCP repeated. The baseline is the"
                + " article's client; the difference to it is taken outage by outage.";
    }

    @Override
    public Comparison comparison() {
        return new Comparison("added", "milliseconds of down-time that the client adds", Kind.AMOUNT);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("added", "median ms", 1, 0),
                new Column("added", "90 % ms", 1, 0, 0.9),
                new Column("added", "99 % ms", 1, 0, 0.99),
                new Column("added", "worst ms", 1, 0, 1),
                new Column("noticed", "noticed after s", 1e-3, 1),
                new Column("noticed", "99 % s", 1e-3, 1, 0.99),
                new Column("outage", "outage s", 1, 1));
    }

    @Override
    public Pace pace(Pace usual) {
        return usual.withRounds(usual.equals(Pace.QUICK) ? FEW : OUTAGES);
    }

    @Override
    public Map<String, String> conditions() {
        Namespace.Ended asked = Namespace.attempt(List.of(Clients.PYTHON, "-c", MODULES));
        return Map.of("Python", asked.isFine() ? asked.text() : "some of the clients' modules are missing");
    }

    @Override
    public List<Cell> cells(Pace pace) {
        List<Contestant> others = new ArrayList<>(Contestants.JAVA_CLIENTS);
        Contestants.PYTHON_CLIENTS.stream()
                .filter(contestant -> !contestant.equals(Contestants.AUTOBAHN_ARTICLE))
                .forEach(others::add);
        return List.of(
                new Cell("outages", "outages of 1 to 60 s", List.of(Contestants.AUTOBAHN_ARTICLE), others, Map.of()));
    }

    @Override
    public Meeting open(Cell cell, List<Contestant> contestants, Arena arena, Pace pace)
            throws IOException, InterruptedException {
        Namespace.Ended asked = Namespace.attempt(List.of(Clients.PYTHON, "-c", MODULES));
        if (!asked.isFine() && contestants.stream().anyMatch(Clients::isPython)) {
            throw new IOException(Clients.PYTHON + " has not all modules of the clients (" + asked.text()
                    + "); install Debian's python3-autobahn and python3-websockets");
        }
        return Outages.begin(cell, contestants, arena, pace);
    }
}
