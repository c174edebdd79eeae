package io.everwire.verification.interop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.everwire.transport.OriginPolicy;
import io.everwire.verification.Repository;
import io.everwire.verification.Requirement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A page in a Chromium without a window. The page asks this class for URLs to dial and tells it of ends, by HTTP; it is on
 * an origin of its own, as the port is another one.
 */
final class ChromiumClient extends PeerClient {
    private static final int LONGEST_QUESTION_SECONDS = 10;

    private final BlockingQueue<String> urls = new LinkedBlockingQueue<>();
    private @Nullable Program browser;
    private @Nullable HttpServer pages;
    private @Nullable ExecutorService threads;

    ChromiumClient() {
        super("Chromium", Wire.WS, Skill.PING, Skill.FRAGMENT);
    }

    @Override
    void require() {
        Requirement.orSkip(Interpreter.CHROMIUM.isThere(), toString(), Interpreter.CHROMIUM.howToInstall());
    }

    @Override
    String version() {
        return Interpreter.CHROMIUM.versionOrNone().replaceFirst("^\\D*(\\S+).*", "$1");
    }

    @Override
    OriginPolicy origins() throws IOException {
        return OriginPolicy.allow("http://127.0.0.1:" + serve());
    }

    @Override
    void dial(String url) throws Exception {
        dial("127.0.0.1", url);
    }

    /**
     * Begins to connect from a page of a given host, which must be this machine by another name.
     *
     * @param host the host of the page's origin
     */
    void dial(String host, String url) throws Exception {
        urls.add(url);
        if (browser == null) {
            browser = browse("http://" + host + ":" + serve() + "/");
        }
    }

    /** Serves the page, begun when first asked, and returns its port. */
    int serve() throws IOException {
        if (pages != null) {
            return pages.getAddress().getPort();
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService executor = Executors.newCachedThreadPool();
        pages = server;
        threads = executor;
        server.setExecutor(executor);
        server.createContext("/", exchange -> answer(exchange, Repository.resource(getClass(), "chromium.html")));
        server.createContext("/next", exchange -> answer(exchange, nextUrl()));
        server.createContext("/closed", exchange -> {
            String[] words = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split(" ", 2);
            sawEnd(Integer.parseInt(words[0]), words[1]);
            answer(exchange, "");
        });
        server.start();
        return server.getAddress().getPort();
    }

    /** Waits for a URL; empty when none came for a while, and the page asks again. */
    private String nextUrl() {
        try {
            String url = urls.poll(LONGEST_QUESTION_SECONDS, TimeUnit.SECONDS);
            return url == null ? "" : url;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Program browse(String url) throws IOException {
        Files.createDirectories(Program.LOGS);
        Path profile = Files.createTempDirectory(Program.LOGS.toAbsolutePath(), "chromium-");
        List<String> command = new ArrayList<>(Interpreter.CHROMIUM.command());
        command.addAll(List.of(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                "--user-data-dir=" + profile,
                url));
        return Program.start("Chromium", new ProcessBuilder(command), line -> {});
    }

    @Override
    void kill() throws Exception {
        if (browser != null) {
            browser.kill();
            browser = null;
        }
        if (pages != null && threads != null) {
            pages.stop(0);
            threads.shutdownNow();
            pages = null;
        }
    }
}
