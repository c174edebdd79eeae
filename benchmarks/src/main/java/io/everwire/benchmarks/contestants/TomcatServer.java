package io.everwire.benchmarks.contestants;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** Tomcat, embedded. */
public final class TomcatServer implements EchoService {
    private static final int MOST_CONNECTIONS = 100_000;

    @Override
    public int start() throws Exception {
        Path home = Files.createTempDirectory("everwire-bench-tomcat");
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(home.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("acceptCount", Integer.toString(BACKLOG));
        tomcat.getConnector().setProperty("maxConnections", Integer.toString(MOST_CONNECTIONS));
        Context context = tomcat.addContext("", home.toString());
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
        tomcat.start();
        return tomcat.getConnector().getLocalPort();
    }

    private static void deploy(ServerContainer container) {
        try {
            container.addEndpoint(JakartaEcho.class);
        } catch (DeploymentException e) {
            throw new IllegalStateException("Tomcat refuses the endpoint", e);
        }
    }
}
