package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import dev.howdah.proto.postgres.OperationType;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.driver.Credentials;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Several plugins behind one endpoint or in one process. */
final class HostChecks {
  private static final String ROUTING =
      "operator: nothing in a request says which plugin it is for, except server name and"
          + " authority";
  private static final String METADATA = "cnpgi.identity.v1.Identity/GetPluginMetadata";
  private static final int FLOOD = 80;
  private static final Duration PROMPT = Duration.ofSeconds(1);
  private static final int BROKEN = 30;

  private HostChecks() {}

  static List<Check> all() {
    return List.of(
        operator("HOST-01", "Each name leads to a plugin of its own.")
            .cites(ROUTING)
            .remedy("Route by authority, or one socket for each plugin.")
            .when(Need.SEVERAL)
            .tested(HostChecks::identities),
        must("HOST-02", "An authority that no plugin has is refused.")
            .cites("operator: never compares the name it dialled with the one that answers")
            .remedy("Have no default plugin.")
            .when(Need.SEVERAL, Need.TCP)
            .tested((s, f) -> refused(s, f, "nobody.invalid", "nobody.invalid")),
        must("HOST-03", "A server name of one plugin with the authority of another is refused.")
            .cites("grpc-go sends the same name twice; two different ones are an attack or a proxy")
            .remedy("Compare them.")
            .when(Need.SEVERAL, Need.TCP)
            .tested(
                (s, f) -> {
                  for (Target other : s.all()) {
                    if (other instanceof Target.Tcp tcp && !other.equals(s.target())) {
                      refused(s, f, own(s).serverName(), tcp.serverName());
                      return;
                    }
                  }
                  throw new UndecidedException("no other target is on TCP");
                }),
        should("HOST-04", "Calls left open at one plugin don't hold up another.")
            .cites("one bad plugin stops every Cluster that names it, and no other")
            .remedy("Limit calls for each plugin, not for the host.")
            .when(Need.SEVERAL)
            .tested(HostChecks::flooded),
        should("HOST-05", "Refused calls at one plugin don't stop another.")
            .cites("one bad plugin stops every Cluster that names it, and no other")
            .remedy("Keep states and circuit breakers for each plugin.")
            .when(Need.SEVERAL)
            .tested(HostChecks::broken),
        should("HOST-07", "The last enricher's answer has what the earlier ones add.")
            .cites(
                "operator: internal/cnpi/plugin/client/postgres.go takes the last plugin's answer"
                    + " and drops the others'")
            .remedy("Fold the hosted plugins' answers in the operator's order.")
            .when(Need.SEVERAL)
            .tested(HostChecks::chained));
  }

  private static Target.Tcp own(Session session) {
    return (Target.Tcp) session.target();
  }

  /** What a check does with another plugin of the same run. */
  @FunctionalInterface
  private interface Visit {
    void of(Session other) throws Exception;
  }

  private static void others(Session session, Visit visit) throws Exception {
    for (Target target : session.all()) {
      if (!target.equals(session.target())) {
        try (Session other = new Session(target, session.all(), session.options())) {
          visit.of(other);
        }
      }
    }
  }

  private static void identities(Session session, Findings findings) throws Exception {
    Map<String, String> names = new HashMap<>();
    names.put(session.metadata().getName(), session.target().display());
    others(
        session,
        other -> {
          String name = other.metadata().getName();
          String before = names.put(name, other.target().display());
          findings.unless(
              before == null,
              "%s and %s are both '%s'",
              String.valueOf(before),
              other.target().display(),
              name);
        });
  }

  private static void refused(
      Session session, Findings findings, String serverName, String authority) {
    session.metadata();
    Target.Tcp tcp = own(session);
    Credentials credentials = Credentials.of(tcp.cert(), tcp.key());
    try (Wire wire = session.endpoint().open(credentials, serverName, authority)) {
      String name = IdentityChecks.metadata(wire).getName();
      findings.add(
          "server name '%s' with authority '%s' is answered by '%s'", serverName, authority, name);
    } catch (StatusRuntimeException e) {
      findings.unless(
          e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED, "the call was left hanging");
    }
  }

  private static void flooded(Session session, Findings findings) throws Exception {
    session.metadata();
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      List<ClientCall<byte[], byte[]>> calls = new ArrayList<>();
      for (int i = 0; i < FLOOD; i++) {
        calls.add(wire.begin(METADATA, new Metadata(), new ClientCall.Listener<>() {}));
      }
      others(
          session,
          other -> {
            long start = System.nanoTime();
            serves(other, findings);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            findings.unless(
                took.compareTo(PROMPT) < 0,
                "%s took %d ms",
                other.target().display(),
                took.toMillis());
          });
      calls.forEach(call -> call.cancel("over", null));
    }
  }

  private static void serves(Session other, Findings findings) {
    try {
      IdentityChecks.metadata(other.wire());
    } catch (StatusRuntimeException e) {
      findings.add("%s: %s", other.target().display(), e.getMessage());
    }
  }

  private static void broken(Session session, Findings findings) throws Exception {
    List<Rpc> rpcs = Rpc.offeredBy(session);
    if (rpcs.isEmpty()) {
      throw new UndecidedException("the first plugin offers no call to break");
    }
    for (int i = 0; i < BROKEN; i++) {
      Rpc rpc = rpcs.get(i % rpcs.size());
      WalChecks.code(
          () -> {
            rpc.call().accept(session.wire(), Rpc.BROKEN);
            return "";
          });
    }
    others(session, other -> serves(other, findings));
  }

  private static void chained(Session session, Findings findings) throws Exception {
    List<Session> enrichers = new ArrayList<>();
    try {
      for (Target target : session.all()) {
        Session each = new Session(target, session.all(), session.options());
        enrichers.add(each);
      }
      enrichers.removeIf(
          each -> {
            if (each.offer().hasEnrich()) {
              return false;
            }
            each.close();
            return true;
          });
      if (enrichers.size() < 2) {
        throw new UndecidedException("fewer than two plugins enrich");
      }
      enrichers.sort(Comparator.comparing(Session::name));
      compare(enrichers, findings);
    } finally {
      enrichers.forEach(Session::close);
    }
  }

  private static void compare(List<Session> enrichers, Findings findings) {
    OperationType.Type type = OperationType.Type.TYPE_RECONCILE;
    Session last = enrichers.getLast();
    Map<String, String> sent = PostgresChecks.configs(last, type);
    ObjectNode cluster = last.objects().cluster();
    for (Session each : enrichers) {
      merge(cluster, each);
    }
    Map<String, String> full = PostgresChecks.answered(last, type, sent, cluster);
    for (Session each : enrichers.subList(0, enrichers.size() - 1)) {
      Map<String, String> own =
          new TreeMap<>(PostgresChecks.answered(each, type, sent, each.objects().cluster()));
      own.entrySet().removeAll(sent.entrySet());
      own.forEach(
          (key, value) ->
              findings.unless(
                  full.containsKey(key),
                  "'%s' sets %s, which the answer of '%s' lacks",
                  each.name(),
                  key,
                  last.name()));
    }
  }

  /** Lets the Cluster name another plugin too. */
  private static void merge(ObjectNode cluster, Session session) {
    for (JsonNode entry : session.objects().cluster().at("/spec/plugins")) {
      if (entry.path("name").asString("").equals(session.name())) {
        for (JsonNode there : cluster.at("/spec/plugins")) {
          if (there.path("name").equals(entry.path("name"))) {
            return;
          }
        }
        cluster.withObject("spec").withArray("plugins").add(entry);
      }
    }
  }
}
