package io.everwire.transport;

import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Whom a certificate names: its subject alternative names only (RFC 6125 §6.4, RFC 9110 §4.3.4), never its common name. */
final class CertificateNames {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private CertificateNames() {}

    /** Returns the host names and addresses that a certificate is for. */
    static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>(of(certificate, DNS_NAME));
        names.addAll(of(certificate, IP_ADDRESS));
        return names;
    }

    private static List<String> of(X509Certificate certificate, int wanted) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    boolean isWanted = alternative.get(0) instanceof Integer kind && kind == wanted;
                    if (isWanted && alternative.get(1) instanceof String name) {
                        names.add(name);
                    }
                }
            }
        } catch (CertificateParsingException e) {
            // A certificate that cannot be read names nobody.
            return List.of();
        }
        return names;
    }

    /** Tells whether a certificate names a host: an address byte for byte, a name with at most its first label as a wildcard. */
    static boolean areFor(X509Certificate certificate, String host) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        if (address != null) {
            // A name that looks like an address is none.
            return of(certificate, IP_ADDRESS).stream()
                    .anyMatch(named -> Arrays.equals(address, NetUtil.createByteArrayFromIpAddressString(named)));
        }
        String name = host.toLowerCase(Locale.ROOT);
        return of(certificate, DNS_NAME).stream().anyMatch(named -> isNameFor(named.toLowerCase(Locale.ROOT), name));
    }

    private static boolean isNameFor(String name, String host) {
        if (!name.startsWith("*.")) {
            return name.equals(host);
        }
        int dot = host.indexOf('.');
        // RFC 6125 §6.4.3: a wildcard stands for the left-most label, and only for that.
        return dot > 0 && host.substring(dot).equals(name.substring(1)) && name.indexOf('.', 2) > 0;
    }
}
