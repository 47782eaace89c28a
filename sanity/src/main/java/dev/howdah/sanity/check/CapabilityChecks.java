package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginCapabilitiesResponse;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.postgres.EnrichConfigurationResult;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Offer;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.Wire;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the plugin says it can do. */
final class CapabilityChecks {
  private static final String LOADING =
      "operator: internal/cnpi/plugin/connection/connection.go, LoadPlugin";
  private static final Duration COLD = Duration.ofSeconds(5);
  private static final Duration WARM = Duration.ofSeconds(1);

  /** Services in the operator's loading order, by the call that must answer when declared. */
  private static final Map<Type, String> SERVICES = services();

  private CapabilityChecks() {}

  private static Map<Type, String> services() {
    Map<Type, String> services = new LinkedHashMap<>();
    services.put(Type.TYPE_OPERATOR_SERVICE, "cnpgi.operator.v1.Operator");
    services.put(Type.TYPE_LIFECYCLE_SERVICE, "cnpgi.operator_lifecycle.v1.OperatorLifecycle");
    services.put(Type.TYPE_WAL_SERVICE, "cnpgi.wal.v1.WAL");
    services.put(Type.TYPE_BACKUP_SERVICE, "cnpgi.backup.v1.Backup");
    services.put(Type.TYPE_RECONCILER_HOOKS, "cnpgi.reconciler.v1.ReconcilerHooks");
    services.put(Type.TYPE_RESTORE_JOB, "cnpgi.wal.v1.RestoreJobHooks");
    services.put(Type.TYPE_POSTGRES, "cnpgi.identity.v1.Postgres");
    services.put(Type.TYPE_METRICS, "cnpgi.metrics.v1.Metrics");
    return services;
  }

  static List<Check> all() {
    return List.of(
        operator("CAP-01", "Every capability says which one it is: its oneof is set.")
            .cites(
                LOADING
                    + ": reads through the unset oneof, which panics in a goroutine nobody guards"
                    + " and ends the operator's process")
            .remedy("Set service or rpc in every entry; build the lists from constants.")
            .tested(
                (s, f) ->
                    entries(s.offer()).stream()
                        .filter(entry -> !entry.set)
                        .forEach(entry -> f.add("%s: an entry without type", entry.list))),
        must("CAP-02", "No capability is UNSPECIFIED.")
            .cites("identity.proto and the services' own capabilities")
            .remedy("Leave the entry out.")
            .tested(
                (s, f) ->
                    entries(s.offer()).stream()
                        .filter(entry -> entry.set && entry.number == 0 && !entry.hooks())
                        .forEach(entry -> f.add("%s: an entry is UNSPECIFIED", entry.list))),
        operator("CAP-03", "No capability is named twice.")
            .cites("operator: the lists are copied into status.pluginStatus as they are")
            .remedy("Name each once.")
            .tested(CapabilityChecks::duplicates),
        should("CAP-04", "No capability has a number that the protocol does not know.")
            .cites("identity.proto, 0.6.0; the operator shows such a number and does nothing")
            .remedy("Use the protocol's own constants.")
            .tested(
                (s, f) ->
                    entries(s.offer()).stream()
                        .filter(entry -> entry.set && !entry.known && !entry.hooks())
                        .forEach(entry -> f.add("%s: number %d", entry.list, entry.number))),
        must("CAP-05", "Every declared service answers GetCapabilities.")
            .cites(LOADING + ": any error here makes the whole plugin unusable")
            .remedy("Register each service that is declared, or stop declaring it.")
            .tested(CapabilityChecks::registered),
        should("CAP-06", "No service is served that is not declared.")
            .cites("identity.proto: what is not declared is never called")
            .remedy("Declare the service, or stop serving it.")
            .tested(CapabilityChecks::undeclared),
        operator(
                "CAP-07",
                "The whole handshake takes less than 5 s the first time and less than 1 s after.")
            .cites(
                "operator: internal/controller/cluster_controller.go, 5 s for all plugins of a"
                    + " Cluster together")
            .remedy("Answer Identity and GetCapabilities from memory.")
            .tested(CapabilityChecks::handshake),
        operator("CAP-08", "The capabilities and their order are the same in every call.")
            .cites(
                "operator: internal/controller/cluster_plugins.go writes them into the Cluster's"
                    + " status, and each change starts another loop")
            .remedy("Answer from constants.")
            .tested(CapabilityChecks::stable),
        operator("CAP-09", "Postgres or Metrics comes with INSTANCE_SIDECAR_INJECTION.")
            .cites(
                "operator: api/v1/cluster_funcs.go GetInstanceEnabledPluginNames; without it the"
                    + " instance never asks the plugin")
            .remedy("Declare TYPE_INSTANCE_SIDECAR_INJECTION too.")
            .tested(
                (s, f) -> {
                  boolean instance =
                      s.offer().has(Type.TYPE_POSTGRES) || s.offer().has(Type.TYPE_METRICS);
                  f.unless(
                      !instance || s.offer().has(Type.TYPE_INSTANCE_SIDECAR_INJECTION),
                      "TYPE_INSTANCE_SIDECAR_INJECTION is missing");
                }),
        operator(
                "CAP-10",
                "A plugin that changes the configuration at initdb or restore comes with"
                    + " INSTANCE_JOB_SIDECAR_INJECTION.")
            .cites(
                "operator: api/v1/cluster_funcs.go GetJobEnabledPluginNames; without it the Job"
                    + " silently goes on without the plugin")
            .remedy("Declare TYPE_INSTANCE_JOB_SIDECAR_INJECTION too.")
            .when(Need.ENRICH)
            .tested(CapabilityChecks::jobs),
        must("CAP-11", "No offered call answers UNIMPLEMENTED.")
            .cites("the capability lists of each service: what is offered gets called")
            .remedy("Implement it or stop offering it.")
            .tested(CapabilityChecks::implemented),
        should("CAP-12", "A call that is not offered answers UNIMPLEMENTED.")
            .cites("the capability lists of each service")
            .remedy("Offer it; a call nobody offers is never made.")
            .tested(CapabilityChecks::notOffered),
        should("CAP-13", "A declared service offers at least one call.")
            .cites(LOADING + ": a service that offers nothing is loaded for nothing")
            .remedy("List what the service does in its GetCapabilities.")
            .tested(CapabilityChecks::empty));
  }

  /** One element of one capability list. */
  private record Entry(String list, boolean set, int number, boolean known) {
    /** Kinds of reconciler hooks have a check of their own, REC-01. */
    boolean hooks() {
      return list.startsWith("ReconcilerHooks");
    }
  }

  private static List<Message> lists(Offer offer) {
    return List.of(
        offer.plugin(),
        offer.operator(),
        offer.wal(),
        offer.backup(),
        offer.reconciler(),
        offer.restore(),
        offer.postgres(),
        offer.metrics());
  }

  private static List<Entry> entries(Offer offer) {
    List<Entry> entries = new ArrayList<>();
    for (Message list : lists(offer)) {
      FieldDescriptor repeated = list.getDescriptorForType().getFields().getFirst();
      for (int i = 0; i < list.getRepeatedFieldCount(repeated); i++) {
        entries.add(
            entry(
                list.getDescriptorForType().getName(),
                (Message) list.getRepeatedField(repeated, i)));
      }
    }
    return entries;
  }

  private static Entry entry(String list, Message element) {
    FieldDescriptor field = element.getDescriptorForType().getFields().getFirst();
    Message holder = element;
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      if (!element.hasField(field)) {
        return new Entry(list, false, 0, true);
      }
      holder = (Message) element.getField(field);
      field = holder.getDescriptorForType().findFieldByName("type");
    }
    EnumValueDescriptor value = (EnumValueDescriptor) holder.getField(field);
    return new Entry(list, true, value.getNumber(), value.getIndex() >= 0);
  }

  private static void duplicates(Session session, Findings findings) {
    Set<Entry> seen = new HashSet<>();
    for (Entry entry : entries(session.offer())) {
      if (entry.set && !seen.add(entry)) {
        findings.add("%s: number %d is there twice", entry.list, entry.number);
      }
    }
  }

  private static void registered(Session session, Findings findings) {
    SERVICES.forEach(
        (type, service) -> {
          if (session.offer().has(type)) {
            try {
              session.wire().raw(service + "/GetCapabilities", new byte[0]);
            } catch (StatusRuntimeException e) {
              findings.add(
                  "%s is declared, but %s/GetCapabilities answers %s",
                  type, service, e.getMessage());
            }
          }
        });
  }

  private static void undeclared(Session session, Findings findings) {
    SERVICES.forEach(
        (type, service) -> {
          if (!session.offer().has(type) && code(session, service) != Status.Code.UNIMPLEMENTED) {
            findings.add("%s is served, but %s is not declared", service, type);
          }
        });
  }

  private static Status.Code code(Session session, String service) {
    try {
      session.wire().raw(service + "/GetCapabilities", new byte[0]);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static void handshake(Session session, Findings findings) {
    Duration cold = shakeHands(session);
    findings.unless(cold.compareTo(COLD) < 0, "the first took %d ms", cold.toMillis());
    Duration warm = shakeHands(session);
    findings.unless(warm.compareTo(WARM) < 0, "a later one took %d ms", warm.toMillis());
  }

  private static Duration shakeHands(Session session) {
    long start = System.nanoTime();
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      session.fresh("GetPluginCapabilities", () -> capabilities(wire));
      SERVICES.forEach(
          (type, service) -> {
            if (session.offer().has(type)) {
              session.fresh(
                  service + "/GetCapabilities",
                  () -> wire.raw(service + "/GetCapabilities", new byte[0]));
            }
          });
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static GetPluginCapabilitiesResponse capabilities(Wire wire) {
    return wire.identity().getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance());
  }

  private static void stable(Session session, Findings findings) {
    GetPluginCapabilitiesResponse first = session.offer().plugin();
    for (int i = 0; i < session.options().repeat(); i++) {
      GetPluginCapabilitiesResponse other =
          session.fresh("GetPluginCapabilities", () -> capabilities(session.wire()));
      if (!other.equals(first)) {
        findings.add(
            "call %d: %s instead of %s", i + 2, Texts.oneLine(other), Texts.oneLine(first));
        return;
      }
    }
  }

  private static void jobs(Session session, Findings findings) {
    if (session.offer().has(Type.TYPE_INSTANCE_JOB_SIDECAR_INJECTION)) {
      return;
    }
    for (OperationType.Type type :
        List.of(OperationType.Type.TYPE_INIT, OperationType.Type.TYPE_RESTORE)) {
      Map<String, String> configs = PostgresChecks.configs(session, type);
      EnrichConfigurationResult answer =
          session.fresh("EnrichConfiguration", () -> PostgresChecks.enrich(session, type, configs));
      findings.unless(
          answer.getConfigsMap().isEmpty() || answer.getConfigsMap().equals(configs),
          "%s changes the configuration, but TYPE_INSTANCE_JOB_SIDECAR_INJECTION is missing",
          type);
    }
  }

  private static Status.Code code(Session session, Rpc rpc) {
    try {
      rpc.call().accept(session.wire(), Rpc.BROKEN);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static void implemented(Session session, Findings findings) {
    for (Rpc rpc : Rpc.offeredBy(session)) {
      findings.unless(code(session, rpc) != Status.Code.UNIMPLEMENTED, "%s is offered", rpc.name());
    }
  }

  private static void notOffered(Session session, Findings findings) {
    for (Rpc rpc : Rpc.ALL) {
      boolean hidden =
          session.offer().has(rpc.service())
              && !offersNothing(session.offer(), rpc.service())
              && !rpc.offered().test(session.offer());
      if (hidden) {
        Status.Code code = code(session, rpc);
        findings.unless(code == Status.Code.UNIMPLEMENTED, "%s answers %s", rpc.name(), code);
      }
    }
  }

  private static void empty(Session session, Findings findings) {
    for (Type type : SERVICES.keySet()) {
      String service = SERVICES.get(type);
      boolean idle =
          session.offer().has(type)
              && offersNothing(session.offer(), type)
              && code(session, service) == Status.Code.OK;
      findings.unless(!idle, "%s offers nothing", service);
    }
  }

  private static boolean offersNothing(Offer offer, Type type) {
    return Rpc.ALL.stream()
        .filter(rpc -> rpc.service() == type)
        .noneMatch(rpc -> rpc.offered().test(offer));
  }
}
