package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import com.google.protobuf.ByteString;
import dev.howdah.proto.postgres.EnrichConfigurationRequest;
import dev.howdah.proto.postgres.EnrichConfigurationResult;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** PostgreSQL's parameters. */
final class PostgresChecks {
  private static final String CLIENT = "operator: internal/cnpi/plugin/client/postgres.go, ";
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)?");
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** What the operator needs as it set it; nothing sets it right again afterwards. */
  private static final List<String> FIXED =
      List.of(
          "archive_command",
          "archive_mode",
          "port",
          "listen_addresses",
          "unix_socket_directories",
          "ssl",
          "ssl_ca_file",
          "ssl_cert_file",
          "ssl_key_file",
          "restart_after_crash",
          "hot_standby",
          "cluster_name",
          "logging_collector",
          "log_destination",
          "log_directory",
          "log_filename");

  private static final List<OperationType.Type> OPERATIONS =
      List.of(
          OperationType.Type.TYPE_INIT,
          OperationType.Type.TYPE_RESTORE,
          OperationType.Type.TYPE_RECONCILE,
          OperationType.Type.TYPE_UPGRADE);

  private PostgresChecks() {}

  static List<Check> all() {
    return List.of(
        operator("PG-01", "The answer is empty or has every parameter that was sent.")
            .cites(CLIENT + "a non-empty answer replaces the whole configuration")
            .remedy("Start from the map that was sent and put your own on top.")
            .when(Need.ENRICH)
            .tested(
                (s, f) -> {
                  for (OperationType.Type type : OPERATIONS) {
                    Map<String, String> sent = configs(s, type);
                    Map<String, String> answer = answered(s, type, sent);
                    sent.keySet().stream()
                        .filter(key -> !answer.isEmpty() && !answer.containsKey(key))
                        .sorted()
                        .forEach(key -> f.add("%s: %s is gone", type, key));
                  }
                }),
        operator("PG-02", "The operator's fixed parameters keep their values.")
            .cites(CLIENT + "nothing sets them right again: archiving, TLS and probes break")
            .remedy("Leave archive_command, port, ssl* and the like alone.")
            .when(Need.ENRICH)
            .tested(
                (s, f) -> {
                  OperationType.Type type = OperationType.Type.TYPE_RECONCILE;
                  Map<String, String> sent = configs(s, type);
                  Map<String, String> answer = answered(s, type, sent);
                  for (String key : FIXED) {
                    String now = answer.get(key);
                    f.unless(
                        now == null || now.equals(sent.get(key)),
                        "%s became '%s'",
                        key,
                        String.valueOf(now));
                  }
                }),
        operator("PG-03", "The same request gets the same answer, on any connection.")
            .cites(
                "operator: internal/controller/cluster_controller.go waits until all instances"
                    + " report the same configuration hash")
            .remedy("Answer as a function of the Cluster alone.")
            .when(Need.ENRICH)
            .tested(PostgresChecks::deterministic),
        operator("PG-04", "All four operations are answered, and UNSPECIFIED too.")
            .cites(
                "operator: INIT, RESTORE and UPGRADE from Jobs, RECONCILE from the instance; each"
                    + " error fails Job or loop")
            .remedy("Answer an empty map where there is nothing to say.")
            .when(Need.ENRICH)
            .tested(PostgresChecks::operations),
        should("PG-05", "Parameters have names that PostgreSQL can take.")
            .cites("PostgreSQL refuses to start on a bad line")
            .remedy("Check names against pg_settings.")
            .when(Need.ENRICH)
            .tested(
                (s, f) ->
                    added(s).keySet().stream()
                        .filter(name -> !NAME.matcher(name).matches())
                        .filter(name -> name.chars().noneMatch(Character::isISOControl))
                        .forEach(name -> f.add("'%s'", name))),
        should("PG-06", "Neither names nor values can break out of their line.")
            .cites("operator: pkg/postgres/configuration.go quotes, but keeps line breaks")
            .remedy("Refuse control characters in what users give.")
            .when(Need.ENRICH)
            .tested(
                (s, f) ->
                    added(s)
                        .forEach(
                            (name, value) ->
                                f.unless(
                                    (name + value).chars().noneMatch(Character::isISOControl),
                                    "a control character in %s",
                                    name.replaceAll("\\p{Cntrl}", "?")))),
        operator("PG-07", "The answer, sent again, is answered by itself.")
            .cites("operator: every loop asks again; a value that grows reloads for ever")
            .remedy("Set values, don't append to them, or look whether it was done.")
            .when(Need.ENRICH)
            .tested(
                (s, f) -> {
                  OperationType.Type type = OperationType.Type.TYPE_RECONCILE;
                  Map<String, String> once = answered(s, type, configs(s, type));
                  if (!once.equals(answered(s, type, configs(s, type)))) {
                    throw new UndecidedException("the answers differ, see PG-03");
                  }
                  if (!once.isEmpty()) {
                    Map<String, String> twice = answered(s, type, once);
                    f.unless(twice.isEmpty() || twice.equals(once), "%s", difference(once, twice));
                  }
                }),
        operator("PG-08", "An answer takes less than 5 s.")
            .cites("operator: calls over Unix sockets have no time limit; the instance waits")
            .remedy("Look nothing up while answering.")
            .when(Need.ENRICH)
            .tested(
                (s, f) -> {
                  OperationType.Type type = OperationType.Type.TYPE_RECONCILE;
                  long start = System.nanoTime();
                  answered(s, type, configs(s, type));
                  Duration took = Duration.ofNanos(System.nanoTime() - start);
                  f.unless(took.compareTo(LIMIT) < 0, "it took %d ms", took.toMillis());
                }),
        operator("PG-09", "INIT and UPGRADE are answered for a Cluster without kind.")
            .cites(
                "operator: pkg/management/postgres/initdb.go reads the Cluster with a live client,"
                    + " which leaves apiVersion and kind out")
            .remedy("Decode without insisting on the kind.")
            .when(Need.ENRICH)
            .tested(
                (s, f) -> {
                  ByteString cluster = Json.print(s.objects().withoutKind());
                  for (OperationType.Type type :
                      List.of(OperationType.Type.TYPE_INIT, OperationType.Type.TYPE_UPGRADE)) {
                    enrich(s.wire(), type, configs(s, type), s.cluster(), s);
                    enrich(s.wire(), type, configs(s, type), cluster);
                  }
                }));
  }

  /** What the operator would send for an operation. */
  static Map<String, String> configs(Session session, OperationType.Type type) {
    ObjectNode file =
        session
            .objects()
            .file(type == OperationType.Type.TYPE_INIT ? "enrich-configs-init" : "enrich-configs");
    Map<String, String> configs = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : file.properties()) {
      configs.put(entry.getKey(), entry.getValue().asString(""));
    }
    return configs;
  }

  static EnrichConfigurationResult enrich(
      Session session, OperationType.Type type, Map<String, String> configs) {
    return enrich(session.wire(), type, configs, session.cluster());
  }

  private static EnrichConfigurationResult enrich(
      Wire wire, OperationType.Type type, Map<String, String> configs, ByteString cluster) {
    return wire.postgres()
        .enrichConfiguration(
            EnrichConfigurationRequest.newBuilder()
                .putAllConfigs(configs)
                .setClusterDefinition(cluster)
                .setOperationType(OperationType.newBuilder().setType(type))
                .build());
  }

  /** As above, for calls whose success another check is about. */
  private static EnrichConfigurationResult enrich(
      Wire wire,
      OperationType.Type type,
      Map<String, String> configs,
      ByteString cluster,
      Session session) {
    return session.fresh("EnrichConfiguration", () -> enrich(wire, type, configs, cluster));
  }

  private static Map<String, String> answered(
      Session session, OperationType.Type type, Map<String, String> sent) {
    return enrich(session.wire(), type, sent, session.cluster(), session).getConfigsMap();
  }

  static Map<String, String> answered(
      Session session, OperationType.Type type, Map<String, String> sent, JsonNode cluster) {
    return enrich(session.wire(), type, sent, Json.print(cluster), session).getConfigsMap();
  }

  private static Map<String, String> added(Session session) {
    OperationType.Type type = OperationType.Type.TYPE_RECONCILE;
    Map<String, String> sent = configs(session, type);
    Map<String, String> added = new TreeMap<>(answered(session, type, sent));
    added.entrySet().removeAll(sent.entrySet());
    return added;
  }

  private static void deterministic(Session session, Findings findings) {
    OperationType.Type type = OperationType.Type.TYPE_RECONCILE;
    Map<String, String> sent = configs(session, type);
    Map<String, String> first = answered(session, type, sent);
    try (Wire other = session.open()) {
      for (int i = 1; i < session.options().repeat(); i++) {
        Wire wire = i % 2 == 0 ? session.wire() : other;
        Map<String, String> answer =
            enrich(wire, type, sent, session.cluster(), session).getConfigsMap();
        if (!answer.equals(first)) {
          findings.add("call %d: %s", i + 1, difference(first, answer));
          return;
        }
      }
    }
  }

  private static void operations(Session session, Findings findings) {
    for (OperationType.Type type : OPERATIONS) {
      try {
        enrich(session, type, configs(session, type));
      } catch (StatusRuntimeException e) {
        findings.add("%s: %s", type, e.getMessage());
      }
    }
    EnrichConfigurationRequest bare =
        EnrichConfigurationRequest.newBuilder()
            .putAllConfigs(configs(session, OperationType.Type.TYPE_RECONCILE))
            .setClusterDefinition(session.cluster())
            .build();
    try {
      session.wire().postgres().enrichConfiguration(bare);
    } catch (StatusRuntimeException e) {
      switch (e.getStatus().getCode()) {
        case INVALID_ARGUMENT -> {
          // An operation that was not named may be refused, as long as it is done politely.
        }
        default -> findings.add("without operation: %s", e.getMessage());
      }
    }
  }

  private static String difference(Map<String, String> before, Map<String, String> after) {
    for (Map.Entry<String, String> old : new TreeMap<>(before).entrySet()) {
      String now = after.get(old.getKey());
      if (!old.getValue().equals(now)) {
        return String.format(
            "%s: '%s' became '%s'",
            old.getKey(), Texts.shorten(old.getValue()), Texts.shorten(String.valueOf(now)));
      }
    }
    return "new: "
        + after.keySet().stream().filter(key -> !before.containsKey(key)).sorted().toList();
  }
}
