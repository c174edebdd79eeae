package io.everwire.verification.interop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.tomcat.websocket.server.WsSci;
import org.jspecify.annotations.Nullable;

/** Tomcat, embedded. */
final class TomcatServer extends PeerServer {
    private static final Logger QUIET = Logger.getLogger("org.apache");

    private @Nullable Tomcat tomcat;

    TomcatServer() {
        super("Tomcat", Wire.WS);
        QUIET.setLevel(Level.SEVERE);
    }

    @Override
    void require() {
        // A dependency of these tests.
    }

    @Override
    String version() {
        return ServerInfo.getServerNumber();
    }

    @Override
    int start(int port) throws Exception {
        Path home = Files.createDirectories(Path.of("target/interop/tomcat"));
        Tomcat started = new Tomcat();
        tomcat = started;
        started.setBaseDir(home.toAbsolutePath().toString());
        started.setHostname("127.0.0.1");
        started.setPort(port);
        started.getConnector().setProperty("address", "127.0.0.1");
        Context context = started.addContext("", home.toAbsolutePath().toString());
        Tomcat.addServlet(context, "default", new DefaultServlet());
        context.addServletMapping("/", "default");
        context.addServletContainerInitializer(new WsSci(), Set.of());
        context.addServletContainerInitializer(
                (classes, servlets) -> servlets.addListener(new ServletContextListener() {
                    @Override
                    public void contextInitialized(ServletContextEvent event) {
                        deploy((ServerContainer)
                                event.getServletContext().getAttribute(ServerContainer.class.getName()));
                    }
                }),
                Set.of());
        started.start();
        return started.getConnector().getLocalPort();
    }

    private void deploy(ServerContainer container) {
        try {
            container.addEndpoint(ServerEndpointConfig.Builder.create(JakartaEndpoint.class, "/")
                    .subprotocols(List.of(Orders.SUBPROTOCOL))
                    .configurator(new ServerEndpointConfig.Configurator() {
                        @Override
                        public <T> T getEndpointInstance(Class<T> type) {
                            return type.cast(new JakartaEndpoint(TomcatServer.this));
                        }
                    })
                    .build());
        } catch (DeploymentException e) {
            throw new AssertionError("Tomcat refuses the endpoint", e);
        }
    }

    @Override
    void kill() throws Exception {
        Tomcat running = tomcat;
        if (running != null) {
            tomcat = null;
            running.stop();
            running.destroy();
        }
    }
}
