package dev.howdah.host.doctor;

import java.io.ByteArrayInputStream;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the Secrets that plugins' Services name. The operator trusts the server Secret's
 * {@code tls.crt} and nothing else, asks for one server name, and shows the client Secret's
 * certificate.
 */
final class CertificateCheck implements Check {

  private static final Duration SOON = Duration.ofDays(14);
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final int DNS_NAME = 2;

  private final Clock clock;

  CertificateCheck(Clock clock) {
    this.clock = clock;
  }

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    if (!objects.knows("Secret")) {
      findings.add(
          Finding.note(
              "Secrets in " + objects.operatorNamespace(),
              "They could not be read, so certificates weren't looked at.",
              "Run the doctor as somebody who may read them, or with --from."));
      return findings;
    }
    Set<String> seen = new LinkedHashSet<>();
    for (PluginService plugin : objects.plugins()) {
      for (boolean server : new boolean[] {true, false}) {
        String name = server ? plugin.serverSecret() : plugin.clientSecret();
        if (name.isEmpty()) {
          continue;
        }
        var secret = objects.find("Secret", objects.operatorNamespace(), name);
        if (secret.isEmpty()) {
          findings.add(
              Finding.error(
                  plugin.object().subject(),
                  "It names the Secret %s, which isn't in %s."
                      .formatted(name, objects.operatorNamespace()),
                  "Make the Secret, or correct the annotation %s."
                      .formatted(
                          server ? PluginService.SERVER_SECRET : PluginService.CLIENT_SECRET)));
          continue;
        }
        X509Certificate certificate = certificate(secret.get(), seen, server, findings);
        if (certificate != null && server) {
          names(plugin, secret.get(), certificate, findings);
        }
      }
    }
    return findings;
  }

  /** The leaf; null if there is none, which is said once for a Secret. */
  private @Nullable X509Certificate certificate(
      KubernetesObject secret, Set<String> seen, boolean server, List<Finding> findings) {
    boolean first = seen.add(secret.name() + server);
    String encoded = secret.text("data", "tls.crt");
    X509Certificate leaf;
    try {
      Collection<? extends Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(Base64.getMimeDecoder().decode(encoded)));
      if (chain.isEmpty()) {
        throw new CertificateException("empty");
      }
      leaf = (X509Certificate) chain.iterator().next();
    } catch (CertificateException | IllegalArgumentException unreadable) {
      if (first) {
        findings.add(
            Finding.error(
                secret.subject(),
                "Its tls.crt holds no certificate.",
                "Make it anew, as a Secret of type kubernetes.io/tls."));
      }
      return null;
    }
    if (first) {
      if (!server && secret.text("data", "tls.key").isEmpty()) {
        findings.add(
            Finding.error(
                secret.subject(),
                "It has no tls.key, so the operator has no client certificate to show.",
                "Make it anew, as a Secret of type kubernetes.io/tls."));
      }
      validity(secret, leaf, findings);
      usage(secret, leaf, server, findings);
    }
    return leaf;
  }

  private void validity(KubernetesObject secret, X509Certificate leaf, List<Finding> findings) {
    Instant now = clock.instant();
    Instant end = leaf.getNotAfter().toInstant();
    String renew =
        "Renew it: `helm upgrade` for the chart's own, `kubectl describe certificate` says why"
            + " cert-manager didn't.";
    if (now.isAfter(end)) {
      findings.add(
          Finding.error(secret.subject(), "Its certificate expired on %s.".formatted(end), renew));
    } else if (now.isBefore(leaf.getNotBefore().toInstant())) {
      findings.add(
          Finding.error(
              secret.subject(),
              "Its certificate is valid only from %s.".formatted(leaf.getNotBefore().toInstant()),
              "Compare the clocks of who made it and of the nodes."));
    } else if (now.plus(SOON).isAfter(end)) {
      findings.add(
          Finding.warning(secret.subject(), "Its certificate ends on %s.".formatted(end), renew));
    }
  }

  private static void usage(
      KubernetesObject secret, X509Certificate leaf, boolean server, List<Finding> findings) {
    List<String> usages;
    try {
      usages = leaf.getExtendedKeyUsage();
    } catch (CertificateException e) {
      usages = List.of();
    }
    if (usages != null && !usages.contains(server ? SERVER_AUTH : CLIENT_AUTH)) {
      findings.add(
          Finding.error(
              secret.subject(),
              "Its certificate isn't for %s authentication."
                  .formatted(server ? "server" : "client"),
              "Issue it with the usage `%s auth`.".formatted(server ? "server" : "client")));
    }
  }

  private static void names(
      PluginService plugin,
      KubernetesObject secret,
      X509Certificate certificate,
      List<Finding> findings) {
    Set<String> names = dnsNames(certificate);
    for (String needed :
        new LinkedHashSet<>(List.of(plugin.serverName(), plugin.object().name()))) {
      if (names.stream().noneMatch(name -> matches(name, needed))) {
        boolean asked = needed.equals(plugin.serverName());
        String problem =
            "The certificate in Secret %s lacks the DNS name %s%s It has: %s."
                .formatted(
                    secret.name(),
                    needed,
                    asked ? ", by which the operator asks." : ", by which operator 1.27 asks.",
                    names.isEmpty() ? "none" : String.join(", ", names));
        String remedy = "Issue it with %s among its DNS names.".formatted(needed);
        findings.add(
            asked
                ? Finding.error(plugin.object().subject(), problem, remedy)
                : Finding.note(plugin.object().subject(), problem, remedy));
      }
    }
  }

  private static Set<String> dnsNames(X509Certificate certificate) {
    Set<String> names = new TreeSet<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all != null) {
        for (List<?> name : all) {
          if (name.getFirst().equals(DNS_NAME)) {
            names.add(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateException unreadable) {
      return names;
    }
    return names;
  }

  private static boolean matches(String certified, String needed) {
    String name = needed.toLowerCase(Locale.ROOT);
    if (certified.startsWith("*.")) {
      int dot = name.indexOf('.');
      return dot > 0 && name.substring(dot).equals(certified.substring(1));
    }
    return certified.equals(name);
  }
}
