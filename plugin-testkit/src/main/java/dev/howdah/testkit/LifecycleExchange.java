package dev.howdah.testkit;

import com.google.protobuf.ByteString;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One object on its way through the plugin, and back. */
record LifecycleExchange(RunningPlugin plugin, Cluster cluster, LifecycleOperation operation) {

  private static final String FOR_EVER =
      "the operator compares each answer with the one that the running Pod was made from, and so"
          + " rolls Pods out for ever";
  private static final String TWICE =
      "objects come again, in the next loop and after other plugins, and change each time";

  ObjectAnswer with(ObjectNode object) {
    ObjectNode answered = ask(object);
    ObjectNode again = ask(answered);
    if (!again.equals(answered)) {
      throw new AssertionError(
          "%s isn't idempotent: it changes its own answer%n  %s%nto%n  %s%nThe consequence: %s."
              .formatted(call().label(), answered, again, TWICE));
    }
    keepsIdentity(object, answered);
    return new ObjectAnswer(object, answered);
  }

  private ObjectNode ask(ObjectNode object) {
    OperatorLifecycleRequest request =
        OperatorLifecycleRequest.newBuilder()
            .setOperationType(
                OperatorOperationType.newBuilder()
                    .setType(OperatorOperationType.Type.valueOf("TYPE_" + operation.name())))
            .setClusterDefinition(ByteString.copyFrom(cluster.toBytes()))
            .setObjectDefinition(ByteString.copyFrom(Models.bytes(object)))
            .build();
    byte[] patch =
        OperatorConnection.callTwice(
                call(),
                FOR_EVER,
                () ->
                    OperatorLifecycleGrpc.newBlockingStub(plugin.connection().operator())
                        .withDeadlineAfter(Duration.ofSeconds(OperatorConnection.CALL_SECONDS))
                        .lifecycleHook(request))
            .getJsonPatch()
            .toByteArray();
    try {
      return Models.patched(object, patch);
    } catch (IllegalStateException e) {
      throw new AssertionError(
          "The patch can't be applied: %s%nThe consequence: %s."
              .formatted(e.getMessage(), call().consequence()),
          e);
    }
  }

  private OperatorCall call() {
    return operation == LifecycleOperation.EVALUATE
        ? OperatorCall.EVALUATE
        : OperatorCall.LIFECYCLE;
  }

  private static void keepsIdentity(ObjectNode before, ObjectNode after) {
    for (String field : new String[] {"/kind", "/metadata/name", "/metadata/namespace"}) {
      JsonNode now = after.at(field);
      if (!now.equals(before.at(field))) {
        throw new AssertionError(
            "The plugin changed the object's %s from %s to %s; the operator would write another object than it keeps track of."
                .formatted(field.substring(1).replace('/', '.'), before.at(field), now));
      }
    }
  }
}
