package io.everwire.faults.proxy;

import io.everwire.faults.Fault;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a {@link FaultProxy} is doing at a moment. The counters are read one after the other, not together.
 *
 * @param port the TCP port the proxy listens on
 * @param seed the seed of its randomness
 * @param connectionsOpen how many connections are open
 * @param connectionsTotal how many were accepted since the start
 * @param bytesUp how many bytes were passed on to the server
 * @param bytesDown how many bytes were passed on to the clients
 * @param faults the active faults, in the order in which they were applied
 */
public record ProxyState(
        int port,
        long seed,
        int connectionsOpen,
        long connectionsTotal,
        long bytesUp,
        long bytesDown,
        List<Fault> faults) {

    /** Makes a copy of the list. */
    public ProxyState {
        faults = List.copyOf(faults);
    }

    /** This state as a JSON object on one line, with the names of the components; a fault is its text. */
    public String toJson() {
        return """
                {"port":%d,"seed":%d,"connectionsOpen":%d,"connectionsTotal":%d,"bytesUp":%d,"bytesDown":%d,"faults":[%s]}""".formatted(
                        port,
                        seed,
                        connectionsOpen,
                        connectionsTotal,
                        bytesUp,
                        bytesDown,
                        faults.stream().map(fault -> "\"" + fault + "\"").collect(Collectors.joining(",")));
    }
}
