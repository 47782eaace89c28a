package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import com.google.protobuf.ByteString;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.operator.DeregisterRequest;
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.operator.OperatorMutateClusterRequest;
import dev.howdah.proto.operator.OperatorValidateClusterChangeRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.operator.ValidationError;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Patch;
import dev.howdah.sanity.driver.PatchException;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Validation, defaults and status of a Cluster. */
final class OperatorChecks {
  private static final Need CREATE =
      Need.offered(OperatorCapability.RPC.Type.TYPE_VALIDATE_CLUSTER_CREATE);
  private static final Need MUTATE = Need.offered(OperatorCapability.RPC.Type.TYPE_MUTATE_CLUSTER);
  private static final Need STATUS =
      Need.offered(OperatorCapability.RPC.Type.TYPE_SET_STATUS_IN_CLUSTER);
  private static final String CLIENT = "operator: internal/cnpi/plugin/client/cluster.go, ";
  private static final int STATUS_LIMIT = 16 * 1024;

  private OperatorChecks() {}

  static List<Check> all() {
    return List.of(
        must("OPR-01", "A good Cluster is found valid, new and unchanged.")
            .cites("operator.proto, validation_errors is empty for a valid Cluster")
            .remedy("Report errors only for what the plugin itself needs.")
            .when(CREATE)
            .tested(OperatorChecks::good),
        must("OPR-02", "A bad parameter is reported with value and message.")
            .cites("operator.proto, ValidationError")
            .remedy("Validate each parameter; fill value and message.")
            .when(CREATE, Need.BAD_PARAMETER)
            .tested(
                (s, f) -> {
                  List<ValidationError> errors = bad(s);
                  f.unless(!errors.isEmpty(), "no error was reported");
                  for (ValidationError error : errors) {
                    f.unless(!error.getMessage().isBlank(), "message is empty");
                    f.unless(!error.getValue().isEmpty(), "value is empty");
                  }
                }),
        operator("OPR-03", "A validation error says where it is.")
            .cites(CLIENT + "builds the field path from path_components[0]; empty is a panic")
            .remedy("Give the path, such as spec, plugins, 0, parameters, name.")
            .when(CREATE, Need.BAD_PARAMETER)
            .tested(
                (s, f) -> {
                  for (ValidationError error : s.fresh("ValidateClusterCreate", () -> bad(s))) {
                    f.unless(
                        error.getPathComponentsCount() > 0,
                        "path_components is empty: %s",
                        Texts.oneLine(error));
                  }
                }),
        operator("OPR-04", "A definition that is no JSON is refused as INVALID_ARGUMENT.")
            .cites("gRPC's meaning of the code; the operator shows the error in the phase reason")
            .remedy("Decode first, and map decoding errors to INVALID_ARGUMENT.")
            .when(Need.declared(Type.TYPE_OPERATOR_SERVICE))
            .tested(OperatorChecks::broken),
        should("OPR-05", "Fields of a Cluster that the plugin does not know are tolerated.")
            .cites("newer operators add fields; the plugin gets the whole object")
            .remedy("Decode leniently.")
            .when(CREATE)
            .tested(
                (s, f) -> {
                  ObjectNode cluster = s.objects().cluster();
                  cluster.withObject("spec").put("fieldFromTheFuture", true);
                  cluster.withObject("status").withObject("anotherOne").put("depth", 1);
                  if (!s.fresh("ValidateClusterCreate", () -> create(s, s.objects().cluster()))
                      .isEmpty()) {
                    throw new UndecidedException("a good Cluster is refused, see OPR-01");
                  }
                  create(s, cluster).forEach(error -> f.add("%s", Texts.oneLine(error)));
                }),
        must("OPR-06", "MutateCluster's patch is empty or RFC 6902, and applies.")
            .cites(CLIENT + "MutateCluster")
            .remedy("Compute the patch from the Cluster that was sent.")
            .when(MUTATE)
            .tested(
                (s, f) -> {
                  for (ObjectNode cluster : clusters(s)) {
                    try {
                      Patch.apply(cluster, mutate(s, cluster));
                    } catch (PatchException e) {
                      f.add("%s", e.getMessage());
                    }
                  }
                }),
        operator("OPR-07", "MutateCluster has nothing to add to its own result.")
            .cites(CLIENT + "called for each change; one that never rests changes for ever")
            .remedy("Set a default only where the field is absent.")
            .when(MUTATE)
            .tested(
                (s, f) -> {
                  ObjectNode once = mutated(s, s.objects().cluster());
                  ObjectNode twice = mutated(s, once);
                  f.unless(once.equals(twice), "%s", Texts.difference(once, twice));
                }),
        must("OPR-08", "MutateCluster leaves name, namespace, kind and apiVersion alone.")
            .cites("operator.proto: defaults of a Cluster, not another Cluster")
            .remedy("Patch the spec only.")
            .when(MUTATE)
            .tested(
                (s, f) -> {
                  ObjectNode before = s.objects().cluster();
                  ObjectNode after = mutated(s, before);
                  for (String pointer :
                      List.of("/kind", "/apiVersion", "/metadata/name", "/metadata/namespace")) {
                    f.unless(
                        before.at(pointer).equals(after.at(pointer)),
                        "%s became %s",
                        pointer,
                        after.at(pointer));
                  }
                }),
        must("OPR-09", "SetStatusInCluster answers nothing or a JSON object.")
            .cites(CLIENT + "SetStatusInCluster; anything else stops the loop for 15 s")
            .remedy("Wrap the value in an object, or answer empty.")
            .when(STATUS)
            .tested(
                (s, f) -> {
                  ByteString answer = status(s, s.objects().cluster());
                  if (!answer.isEmpty()) {
                    try {
                      JsonNode status = Json.read(answer);
                      f.unless(status.isObject(), "it is %s", status.getNodeType());
                    } catch (JacksonException e) {
                      f.add("it is no JSON: %s", e.getOriginalMessage());
                    }
                  }
                }),
        should("OPR-10", "The same Cluster gets the same status, byte for byte.")
            .cites("operator: each change of the Cluster's status starts another loop")
            .remedy("Leave times and counters out, and print with a fixed order.")
            .when(STATUS)
            .tested(OperatorChecks::sameStatus),
        operator("OPR-11", "A Cluster that already carries the status gets an empty answer.")
            .cites("operator: internal/controller/plugins.go; a status makes it requeue after 5 s")
            .remedy("Compare with status.pluginStatus and answer empty when nothing changed.")
            .when(STATUS)
            .tested(
                (s, f) -> {
                  String status = steadyStatus(s);
                  ObjectNode cluster = s.objects().withStatus(s.objects().cluster(), status);
                  ByteString again = status(s, cluster);
                  f.unless(
                      again.isEmpty(),
                      "asked again with its own status, it answers %s",
                      Texts.shorten(again.toStringUtf8()));
                }),
        advice("OPR-12", "The status is smaller than 16 KiB and holds no secret.")
            .cites("it is stored inside the Cluster, readable to all who may read that")
            .remedy("Store a summary.")
            .when(STATUS)
            .tested(
                (s, f) -> {
                  String status =
                      s.fresh("SetStatusInCluster", () -> status(s, s.objects().cluster()))
                          .toStringUtf8();
                  f.unless(status.length() < STATUS_LIMIT, "it has %d bytes", status.length());
                  f.unless(!Texts.holdsSecret(status), "it looks as if it holds a secret");
                }),
        should("OPR-13", "Deregister may be called twice.")
            .cites("operator.proto, Deregister; a call whose answer was lost is made again")
            .remedy("Treat what is already gone as done.")
            .when(Need.offered(OperatorCapability.RPC.Type.TYPE_DEREGISTER), Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  s.fresh("Deregister", () -> deregister(s));
                  deregister(s);
                }),
        operator("OPR-14", "A Cluster in its first loop, almost without status, is dealt with.")
            .cites(
                "operator: internal/controller/cluster_controller.go; up to 1.30 the plugin's own"
                    + " status is dropped in every loop as well")
            .remedy("Treat every part of the status as optional.")
            .when(STATUS)
            .tested(
                (s, f) -> {
                  s.fresh("SetStatusInCluster", () -> status(s, s.objects().cluster()));
                  status(s, s.objects().firstLoop());
                  ObjectNode bare = s.objects().cluster();
                  bare.remove("status");
                  status(s, bare);
                }));
  }

  private static List<ObjectNode> clusters(Session session) {
    return List.of(session.objects().cluster(), session.objects().rich());
  }

  private static List<ValidationError> create(Session session, ObjectNode cluster) {
    return session
        .wire()
        .operator()
        .validateClusterCreate(
            OperatorValidateClusterCreateRequest.newBuilder()
                .setDefinition(Json.print(cluster))
                .build())
        .getValidationErrorsList();
  }

  private static List<ValidationError> change(
      Session session, ObjectNode before, ObjectNode after) {
    return session
        .wire()
        .operator()
        .validateClusterChange(
            OperatorValidateClusterChangeRequest.newBuilder()
                .setOldCluster(Json.print(before))
                .setNewCluster(Json.print(after))
                .build())
        .getValidationErrorsList();
  }

  private static void good(Session session, Findings findings) {
    for (ObjectNode cluster : clusters(session)) {
      List<ValidationError> errors = new ArrayList<>(create(session, cluster));
      if (session.offer().has(OperatorCapability.RPC.Type.TYPE_VALIDATE_CLUSTER_CHANGE)) {
        errors.addAll(change(session, cluster, cluster));
      }
      errors.forEach(error -> findings.add("%s", Texts.oneLine(error)));
    }
  }

  private static List<ValidationError> bad(Session session) {
    Map<String, String> parameters = new HashMap<>(session.options().parameters());
    parameters.putAll(session.options().badParameters());
    return create(session, session.objects().cluster(parameters));
  }

  private static void broken(Session session, Findings findings) {
    for (Rpc rpc : Rpc.offeredBy(session)) {
      if (rpc.service() == Type.TYPE_OPERATOR_SERVICE) {
        try {
          rpc.call().accept(session.wire(), Rpc.BROKEN);
          findings.add("%s answers OK", rpc.name());
        } catch (StatusRuntimeException e) {
          Status.Code code = e.getStatus().getCode();
          findings.unless(code == Status.Code.INVALID_ARGUMENT, "%s answers %s", rpc.name(), code);
        }
      }
    }
  }

  private static ByteString mutate(Session session, ObjectNode cluster) {
    return session
        .wire()
        .operator()
        .mutateCluster(
            OperatorMutateClusterRequest.newBuilder().setDefinition(Json.print(cluster)).build())
        .getJsonPatch();
  }

  private static ObjectNode mutated(Session session, ObjectNode cluster) {
    return session.fresh("MutateCluster", () -> Patch.apply(cluster, mutate(session, cluster)));
  }

  private static ByteString status(Session session, ObjectNode cluster) {
    return session
        .wire()
        .operator()
        .setStatusInCluster(
            SetStatusInClusterRequest.newBuilder().setCluster(Json.print(cluster)).build())
        .getJsonStatus();
  }

  private static void sameStatus(Session session, Findings findings) {
    ByteString first =
        session.fresh("SetStatusInCluster", () -> status(session, session.objects().cluster()));
    for (int i = 1; i < session.options().repeat(); i++) {
      ByteString other = status(session, session.objects().cluster());
      if (!other.equals(first)) {
        findings.add(
            "call %d: %s instead of %s",
            i + 1, Texts.shorten(other.toStringUtf8()), Texts.shorten(first.toStringUtf8()));
        return;
      }
    }
  }

  private static String steadyStatus(Session session) {
    ObjectNode cluster = session.objects().cluster();
    ByteString first = session.fresh("SetStatusInCluster", () -> status(session, cluster));
    if (first.isEmpty()) {
      throw new UndecidedException("there is no status for this Cluster");
    }
    if (!first.equals(session.fresh("SetStatusInCluster", () -> status(session, cluster)))) {
      throw new UndecidedException("the status is not the same each time, see OPR-10");
    }
    return first.toStringUtf8();
  }

  private static Object deregister(Session session) {
    return session
        .wire()
        .operator()
        .deregister(DeregisterRequest.newBuilder().setDefinition(session.cluster()).build());
  }
}
