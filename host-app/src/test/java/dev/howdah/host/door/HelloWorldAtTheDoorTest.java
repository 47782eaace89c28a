package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.guard.Rfc6902;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.lifecycle.OperatorOperationType.Type;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.OperatorValidateClusterChangeRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.operator.ValidationError;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** The first bundled plugin, found on the class path and called as the operator calls it. */
class HelloWorldAtTheDoorTest {

  private static final String HELLO = "hello-world.howdah.dev";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;
  private static OperatorLifecycleGrpc.OperatorLifecycleBlockingStub lifecycle;
  private static OperatorGrpc.OperatorBlockingStub operator;

  @BeforeAll
  static void start() {
    host = EmbeddedHost.in(home).start();
    client = new HostClient(host);
    lifecycle = OperatorLifecycleGrpc.newBlockingStub(client.tcp(HELLO));
    operator = OperatorGrpc.newBlockingStub(client.tcp(HELLO));
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  @Test
  void itIsFoundOnTheClassPathAndLoads() {
    HostClient.Loaded loaded = HostClient.load(client.tcp(HELLO));

    assertThat(loaded.metadata().getName()).isEqualTo(HELLO);
    assertThat(loaded.services())
        .containsExactlyInAnyOrder("TYPE_OPERATOR_SERVICE", "TYPE_LIFECYCLE_SERVICE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pod-instance",
        "pod-instance-create",
        "pod-instance-other-sidecar",
        "pod-instance-create-other-sidecar",
        "pod-instance-wal-tablespaces"
      })
  void aPodGetsLabelsAnnotationsAndTheSidecarAlwaysInTheSameWay(String pod) {
    Cluster cluster =
        Clusters.with(
            HELLO, Map.of("labels", "{\"team\":\"blue\"}", "sidecar.image", "pause:test"));
    ByteString object = Clusters.object(pod);

    ByteString patch = patch(Type.TYPE_EVALUATE, cluster, object);
    for (int i = 0; i < 10; i++) {
      assertThat(patch(Type.TYPE_EVALUATE, cluster, object)).isEqualTo(patch);
    }
    assertThat(patch(Type.TYPE_CREATE, cluster, object)).isEqualTo(patch);

    JsonNode patched = apply(patch, object);
    assertThat(patched.at("/metadata/labels/team").asString()).isEqualTo("blue");
    assertThat(patched.at("/metadata/annotations/plugin-metadata").asString()).isEqualTo("default");
    assertThat(patched.at("/spec/initContainers"))
        .filteredOn(container -> container.path("name").asString().equals("hello-world"))
        .singleElement()
        .satisfies(
            sidecar -> {
              assertThat(sidecar.path("image").asString()).isEqualTo("pause:test");
              assertThat(sidecar.path("restartPolicy").asString()).isEqualTo("Always");
            });
    ByteString again = ByteString.copyFromUtf8(patched.toString());
    assertThat(patch(Type.TYPE_EVALUATE, cluster, again)).isEmpty();
    assertThat(patch(Type.TYPE_CREATE, cluster, again)).isEmpty();
  }

  @Test
  void withoutTheSidecarOnlyMetadataChanges() {
    ByteString object = Clusters.object("pod-instance");
    Cluster cluster = Clusters.with(HELLO, Map.of("sidecar", "false"));

    JsonNode patched = apply(patch(Type.TYPE_CREATE, cluster, object), object);

    assertThat(patched.get("spec")).isEqualTo(JSON.readTree(object.toByteArray()).get("spec"));
    assertThat(patched.at("/metadata/labels/plugin-metadata").asString()).isEqualTo("default");
  }

  @Test
  void wrongParametersAreFindingsWithTheirPaths() {
    Cluster cluster =
        Clusters.with(
            HELLO, Map.of("labels", "not json", "sidecar", "perhaps", "sidecar.image", " "));

    List<ValidationError> errors =
        operator
            .validateClusterCreate(
                OperatorValidateClusterCreateRequest.newBuilder()
                    .setDefinition(Clusters.bytes(cluster))
                    .build())
            .getValidationErrorsList();

    assertThat(errors)
        .extracting(error -> String.join("/", error.getPathComponentsList()))
        .containsExactlyInAnyOrder(
            "spec/plugins/0/parameters/labels",
            "spec/plugins/0/parameters/sidecar",
            "spec/plugins/0/parameters/sidecar.image");
    assertThat(errors).allSatisfy(error -> assertThat(error.getMessage()).isNotBlank());
  }

  @Test
  void goodParametersAreNoFindings() {
    for (Map<String, String> parameters :
        List.of(Map.<String, String>of(), Map.of("labels", "{}", "annotations", "{\"a\":\"b\"}"))) {
      assertThat(
              operator
                  .validateClusterCreate(
                      OperatorValidateClusterCreateRequest.newBuilder()
                          .setDefinition(Clusters.bytes(Clusters.with(HELLO, parameters)))
                          .build())
                  .getValidationErrorsList())
          .isEmpty();
    }
  }

  @Test
  void labelsCantBeChangedAnnotationsCan() {
    Cluster before = Clusters.with(HELLO, Map.of("labels", "{\"a\":\"1\"}"));

    assertThat(change(before, Map.of("labels", "{\"a\":\"2\"}")))
        .singleElement()
        .satisfies(
            error ->
                assertThat(error.getPathComponentsList())
                    .containsExactly("spec", "plugins", "0", "parameters", "labels"));
    assertThat(change(before, Map.of("labels", "{ \"a\": \"1\" }", "annotations", "{}"))).isEmpty();
  }

  private static List<ValidationError> change(Cluster before, Map<String, String> parameters) {
    return operator
        .validateClusterChange(
            OperatorValidateClusterChangeRequest.newBuilder()
                .setOldCluster(Clusters.bytes(before))
                .setNewCluster(Clusters.bytes(Clusters.with(HELLO, parameters)))
                .build())
        .getValidationErrorsList();
  }

  @Test
  void wrongParametersOfALiveClusterFailThePodWithAStableMessage() {
    Cluster cluster = Clusters.with(HELLO, Map.of("labels", "not json"));

    assertThat(failure(cluster).toString()).isEqualTo(failure(cluster).toString());
    assertThat(failure(cluster).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure(cluster).getDescription()).contains(HELLO).contains("labels");
  }

  private static Status failure(Cluster cluster) {
    try {
      patch(Type.TYPE_EVALUATE, cluster, Clusters.object("pod-instance"));
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @Test
  void theStatusSaysWhatIsInForce() {
    assertThat(
            operator
                .setStatusInCluster(
                    SetStatusInClusterRequest.newBuilder()
                        .setCluster(
                            Clusters.bytes(Clusters.with(HELLO, Map.of("sidecar", "false"))))
                        .build())
                .getJsonStatus()
                .toStringUtf8())
        .isEqualTo("{\"enabled\":true,\"sidecar\":false}");
  }

  private static ByteString patch(Type verb, Cluster cluster, ByteString object) {
    return lifecycle
        .lifecycleHook(
            OperatorLifecycleRequest.newBuilder()
                .setOperationType(OperatorOperationType.newBuilder().setType(verb))
                .setClusterDefinition(Clusters.bytes(cluster))
                .setObjectDefinition(object)
                .build())
        .getJsonPatch();
  }

  private static JsonNode apply(ByteString patch, ByteString object) {
    return Rfc6902.apply(
        (ArrayNode) JSON.readTree(patch.toByteArray()), JSON.readTree(object.toByteArray()));
  }
}
