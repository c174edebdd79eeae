package io.everwire.transport;

import io.everwire.Failure;
import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What went wrong with TLS, in sentences and in classes of failure. */
final class TlsFailures {
    private static final Pattern ALERT = Pattern.compile("fatal alert: (?:\\(?)([a-z_]+)");
    private static final int MOST_CAUSES = 10;

    private TlsFailures() {}

    /**
     * Says why a connection to a host did not become a protected one.
     *
     * @param host the host that was asked for
     * @param port the port that was asked for
     */
    static Failure of(Throwable error, String host, int port) {
        String where = host + " port " + port;
        String refusal = refusalIn(error, host);
        if (refusal != null) {
            return Failure.of(Failure.Kind.CERTIFICATE, refusal);
        }
        if (find(error, NotSslRecordException.class) != null) {
            return Failure.of(
                    Failure.Kind.TLS, where + " was spoken to in TLS and answered in plain text; is it ws://?");
        }
        SSLException tls = find(error, SSLException.class);
        // As a server ends that stops, or a load balancer without a server: in TLS, but no word about us.
        boolean isGoodbye = tls != null && String.valueOf(tls.getMessage()).contains("close_notify");
        if (tls != null && !isGoodbye) {
            return ofTls(tls, where);
        }
        return Failure.of(
                Failure.Kind.CONNECTION_LOST,
                isGoodbye || find(error, ClosedChannelException.class) != null
                        ? where + " closed the connection during the TLS handshake; does it speak TLS?"
                        : "the connection to " + where + " was lost during the TLS handshake: "
                                + Texts.describe(error));
    }

    /** Tells whether an error is one of TLS, not of the connection beneath it. */
    static boolean isOfTls(Throwable error) {
        return find(error, SSLException.class) != null;
    }

    private static Failure ofTls(SSLException tls, String where) {
        String message = String.valueOf(tls.getMessage());
        Matcher matcher = ALERT.matcher(message);
        if (!matcher.find()) {
            return Failure.of(
                    Failure.Kind.TLS, "the TLS handshake with " + where + " failed: " + Texts.printable(message));
        }
        String alert = matcher.group(1);
        // The server's own trouble passes; everything else is what it thinks of us.
        Failure.Kind kind = alert.equals("internal_error") ? Failure.Kind.CONNECTION_LOST : Failure.Kind.TLS;
        String why = switch (alert) {
            case "certificate_required",
                    "bad_certificate",
                    "unknown_ca",
                    "certificate_unknown",
                    "access_denied",
                    "certificate_expired",
                    "certificate_revoked",
                    "unsupported_certificate" -> "; it wants a certificate of ours that it trusts";
            case "protocol_version" -> "; TLS 1.2 and 1.3 are what is offered";
            case "handshake_failure" -> "; it wants a certificate of ours, or has no cipher in common with us";
            case "unrecognized_name" -> "; it does not serve this name";
            default -> "";
        };
        return Failure.of(kind, where + " ended TLS with the alert " + alert + why);
    }

    private static @Nullable String refusalIn(Throwable error, String host) {
        JudgedTrust.Refusal refusal = find(error, JudgedTrust.Refusal.class);
        if (refusal != null) {
            return refusal.getMessage();
        }
        GeneralSecurityException found = find(error, CertificateException.class);
        if (found == null) {
            found = find(error, CertPathBuilderException.class);
        }
        if (found == null) {
            found = find(error, CertPathValidatorException.class);
        }
        return found == null ? null : sentenceOf(new X509Certificate[0], host, found);
    }

    /**
     * Says why a certificate was refused.
     *
     * @param chain the server's certificate and its issuers, empty when they are not known
     */
    static String sentenceOf(X509Certificate[] chain, @Nullable String host, Throwable why) {
        String whose = "the certificate of " + host;
        String advice = "; if the server is the right one, its certificate needs to be renewed";
        if (find(why, CertificateExpiredException.class) != null) {
            return whose + " expired" + on(chain, true) + advice;
        }
        if (find(why, CertificateNotYetValidException.class) != null) {
            return whose + " is not valid before" + on(chain, false) + "; is this machine's clock right?";
        }
        X509Certificate own = chain.length == 0 ? null : chain[0];
        boolean isUnknown = find(why, CertPathBuilderException.class) != null;
        if (isUnknown && own != null) {
            boolean isSelfSigned = own.getSubjectX500Principal().equals(own.getIssuerX500Principal());
            return whose + " is not trusted: "
                    + (isSelfSigned
                            ? "it is self-signed"
                            : "its issuer "
                                    + Texts.printable(
                                            own.getIssuerX500Principal().getName()) + " is not known")
                    + "; trust it by a file of certificates if it is the right one";
        }
        if (find(why, SignatureException.class) != null) {
            return whose + " is not trusted: it is not signed by the issuer that it names";
        }
        if (isUnknown) {
            return whose + " is not trusted: its issuer is not known";
        }
        if (own != null && host != null && !CertificateNames.areFor(own, host)) {
            return ofWrongHost(own, host);
        }
        return whose + " was refused: " + Texts.printable(deepest(why));
    }

    /** Says that a certificate is another host's. */
    static String ofWrongHost(X509Certificate certificate, String host) {
        List<String> names = CertificateNames.of(certificate);
        String named = names.isEmpty()
                ? "no host at all"
                : Texts.printable(String.join(", ", names.subList(0, Math.min(5, names.size()))))
                        + (names.size() > 5 ? " and " + (names.size() - 5) + " more" : "");
        return "the certificate of the server names " + named + " but not " + host;
    }

    private static String on(X509Certificate[] chain, boolean isEnd) {
        Instant now = Instant.ofEpochMilli(RealClock.epochMillis());
        for (X509Certificate certificate : chain) {
            Instant end = certificate.getNotAfter().toInstant();
            Instant begin = certificate.getNotBefore().toInstant();
            if (isEnd ? end.isBefore(now) : begin.isAfter(now)) {
                return (isEnd ? " on " + end : " " + begin)
                        + (certificate.equals(chain[0])
                                ? ""
                                : " (that of its issuer "
                                        + Texts.printable(certificate
                                                .getSubjectX500Principal()
                                                .getName()) + ")");
            }
        }
        return isEnd ? "" : " a time to come";
    }

    private static String deepest(Throwable error) {
        List<Throwable> causes = causesOf(error);
        return String.valueOf(causes.get(causes.size() - 1).getMessage());
    }

    private static <T extends Throwable> @Nullable T find(Throwable error, Class<T> kind) {
        for (Throwable cause : causesOf(error)) {
            if (kind.isInstance(cause)) {
                return kind.cast(cause);
            }
        }
        return null;
    }

    private static List<Throwable> causesOf(Throwable error) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = error; cause != null && causes.size() < MOST_CAUSES; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}
