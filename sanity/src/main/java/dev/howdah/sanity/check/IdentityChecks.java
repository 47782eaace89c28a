package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.ProbeRequest;
import dev.howdah.proto.identity.ProbeResponse;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Who the plugin says it is, and whether it says it is well. */
final class IdentityChecks {
  private static final String METADATA = "identity.proto, GetPluginMetadataResponse";
  private static final String PROBE =
      "operator: internal/cnpi/plugin/repository/connection.go, Probe on every acquire";
  private static final int NAME_LIMIT = 63;
  private static final int PROBES = 200;
  private static final long PROBE_NANOS = 100_000_000;

  private IdentityChecks() {}

  static List<Check> all() {
    return List.of(
        must("ID-01", "GetPluginMetadata answers.")
            .cites(
                "operator: internal/cnpi/plugin/connection/connection.go, the first call on each"
                    + " connection")
            .remedy("Serve cnpgi.identity.v1.Identity and answer GetPluginMetadata at all times.")
            .tested((s, f) -> metadata(s.wire())),
        must("ID-02", "The plugin's name is not empty.")
            .cites(METADATA + ".name")
            .remedy("Set name.")
            .tested((s, f) -> f.unless(!s.metadata().getName().isEmpty(), "name is empty")),
        must("ID-03", "The plugin's name has at most 63 characters.")
            .cites(METADATA + ".name")
            .remedy("Choose a shorter name; it is a label's value and a file name too.")
            .tested(
                (s, f) -> {
                  int length = s.metadata().getName().length();
                  f.unless(length <= NAME_LIMIT, "name has %d characters", length);
                }),
        must(
                "ID-04",
                "The plugin's name begins and ends with a letter or digit and has only these,"
                    + " dashes and dots in between.")
            .cites(METADATA + ".name")
            .remedy("Use a domain name, such as backup.example.com.")
            .tested(
                (s, f) -> {
                  String name = named(s);
                  f.unless(
                      name.matches("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"),
                      "name is '%s'",
                      name);
                }),
        should("ID-05", "The plugin's name holds the domain of whoever makes it.")
            .cites(METADATA + ".name")
            .remedy("Append a domain that is yours, so that names don't collide.")
            .tested(
                (s, f) -> f.unless(named(s).contains("."), "name '%s' has no domain", named(s))),
        filled("ID-06", "version", GetPluginMetadataResponse::getVersion),
        filled("ID-07", "display_name", GetPluginMetadataResponse::getDisplayName),
        filled("ID-08", "description", GetPluginMetadataResponse::getDescription),
        filled("ID-09", "license", GetPluginMetadataResponse::getLicense),
        filled("ID-10", "license_url", GetPluginMetadataResponse::getLicenseUrl),
        advice("ID-11", "URLs in the metadata are absolute.")
            .cites(METADATA + ".license_url, .project_url, .repository_url")
            .remedy("Write them out, with https://.")
            .tested(IdentityChecks::urls),
        advice("ID-12", "maturity, if set, is alpha, beta or stable.")
            .cites(METADATA + ".maturity")
            .remedy("Use one of the three words.")
            .tested(
                (s, f) -> {
                  String maturity = s.metadata().getMaturity();
                  f.unless(
                      Set.of("", "alpha", "beta", "stable").contains(maturity),
                      "maturity is '%s'",
                      maturity);
                }),
        operator("ID-13", "The plugin's name is the one it is registered under.")
            .cites(
                "operator: the pool is keyed by socket file or Service label, all else uses the"
                    + " metadata's name (internal/cnpi/plugin/connection/connection.go)")
            .remedy("Give the socket file, the label cnpg.io/pluginName and name the same value.")
            .when(
                new Need(
                    "nobody said under which name it is registered (--plugin-name)",
                    s -> !s.target().registeredName().isEmpty()))
            .tested(
                (s, f) ->
                    f.unless(
                        named(s).equals(s.target().registeredName()),
                        "registered as '%s', but calls itself '%s'; backups and sidecars are then"
                            + " looked up under the wrong name",
                        s.target().registeredName(),
                        named(s))),
        operator("ID-14", "The metadata is the same in every call and on every connection.")
            .cites("operator: five pooled connections, each caches what it read")
            .remedy("Answer from constants.")
            .tested(IdentityChecks::stable),
        operator("ID-15", "Probe answers OK.")
            .cites(PROBE)
            .remedy("Answer OK as soon as the plugin can work.")
            .tested((s, f) -> probe(loaded(s))),
        operator(
                "ID-16",
                "A plugin that is not ready refuses Probe instead of answering ready=false.")
            .cites("operator: only the status of Probe counts, ready is never read")
            .remedy("Answer UNAVAILABLE while not ready.")
            .tested(
                (s, f) -> {
                  ProbeResponse answer = s.fresh("Probe", () -> probe(loaded(s)));
                  f.unless(
                      answer.getReady(), "OK with ready=false: the operator takes it as ready");
                }),
        operator("ID-17", "Probe answers within 100 ms, 99 times of 100.")
            .cites(PROBE)
            .remedy("Probe is called for each loop; look things up in the background.")
            .tested(IdentityChecks::quick));
  }

  private static Check filled(
      String id, String field, Function<GetPluginMetadataResponse, String> getter) {
    return must(id, field + " is not empty.")
        .cites(METADATA + "." + field)
        .remedy("Set " + field + ".")
        .tested((s, f) -> f.unless(!getter.apply(s.metadata()).isBlank(), "%s is empty", field));
  }

  private static String named(Session session) {
    String name = session.metadata().getName();
    if (name.isEmpty()) {
      throw new UndecidedException("the name is empty, see ID-02");
    }
    return name;
  }

  static GetPluginMetadataResponse metadata(Wire wire) {
    return wire.identity().getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
  }

  /** The operator probes only connections over which it has loaded the plugin. */
  private static Wire loaded(Session session) {
    session.metadata();
    session.offer();
    return session.wire();
  }

  static ProbeResponse probe(Wire wire) {
    return wire.identity().probe(ProbeRequest.getDefaultInstance());
  }

  private static void urls(Session session, Findings findings) {
    GetPluginMetadataResponse metadata = session.metadata();
    for (String url :
        List.of(metadata.getLicenseUrl(), metadata.getProjectUrl(), metadata.getRepositoryUrl())) {
      try {
        URI uri = new URI(url);
        findings.unless(url.isEmpty() || (uri.isAbsolute() && uri.getHost() != null), "'%s'", url);
      } catch (URISyntaxException e) {
        findings.add("'%s'", url);
      }
    }
  }

  private static void stable(Session session, Findings findings) {
    GetPluginMetadataResponse first = session.metadata();
    for (int connection = 0; connection < Connections.POOL; connection++) {
      try (Wire wire = session.open()) {
        for (int i = 0; i < session.options().repeat() / 2; i++) {
          GetPluginMetadataResponse other =
              session.fresh("GetPluginMetadata", () -> metadata(wire));
          if (!other.equals(first)) {
            findings.add(
                "connection %d, call %d: %s instead of %s",
                connection + 1, i + 1, Texts.oneLine(other), Texts.oneLine(first));
            return;
          }
        }
      }
    }
  }

  private static void quick(Session session, Findings findings) {
    Wire wire = loaded(session);
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < PROBES; i++) {
      long start = System.nanoTime();
      session.fresh("Probe", () -> probe(wire));
      times.add(System.nanoTime() - start);
    }
    long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    long p99 = sorted[PROBES * 99 / 100 - 1];
    findings.unless(p99 <= PROBE_NANOS, "p99 of %d calls is %d ms", PROBES, p99 / 1_000_000);
  }
}
