package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.audit.TrailReader;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.RawBytes;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.lifecycle.OperatorOperationType.Type;
import dev.howdah.proto.operator.OperatorGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Calls as the operator makes them, and what the trail then holds. */
class AuditedCallsTest {

  private static final String HELLO = "hello-world.howdah.dev";
  private static final String AUDIT = "audit.howdah.dev";

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .property("howdah.audit.enabled", "true")
            .property("howdah.audit.rules[0].kinds", "event")
            .property("howdah.audit.rules[0].level", "request")
            .property("howdah.audit.rules[1].level", "request-response")
            .property("howdah.audit.rules[1].durable", "true")
            .start();
    client = new HostClient(host);
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  private static void create(String plugin, String object) {
    ManagedChannel channel = client.tcp(plugin);
    Cluster cluster = Clusters.naming(plugin);
    OperatorLifecycleGrpc.newBlockingStub(channel)
        .lifecycleHook(
            OperatorLifecycleRequest.newBuilder()
                .setOperationType(OperatorOperationType.newBuilder().setType(Type.TYPE_CREATE))
                .setClusterDefinition(Clusters.bytes(cluster))
                .setObjectDefinition(Clusters.object(object))
                .build());
  }

  private static List<JsonNode> records() throws IOException {
    try (Stream<JsonNode> lines = TrailReader.read(home.resolve("audit"))) {
      return lines.filter(line -> line.path("type").asString().equals("record")).toList();
    }
  }

  @Test
  void aDurableCallIsInTheTrailWhenItsAnswerArrives() throws IOException {
    create(HELLO, "pod-instance-create");

    JsonNode record =
        records().stream()
            .filter(line -> line.path("plugin").asString().equals(HELLO))
            .filter(line -> line.path("method").asString().equals("LifecycleHook"))
            .findFirst()
            .orElseThrow();
    assertThat(record.path("service").asString())
        .isEqualTo("cnpgi.operator_lifecycle.v1.OperatorLifecycle");
    assertThat(record.path("mode").asString()).isEqualTo("all");
    assertThat(record.path("operation").asString()).isEqualTo("CREATE");
    assertThat(record.path("outcome").asString()).isEqualTo("OK");
    assertThat(record.path("caller").asString()).startsWith("CN=");
    assertThat(record.path("cluster").path("name").asString()).isEqualTo("orders");
    assertThat(record.path("cluster").path("uid").asString()).isNotEmpty();
    assertThat(record.path("object").path("kind").asString()).isEqualTo("Pod");
    assertThat(record.path("latencyMicros").asLong()).isPositive();
    assertThat(record.path("request").path("object_definition").path("kind").asString())
        .isEqualTo("Pod");
    assertThat(record.path("response").path("json_patch").isArray()).isTrue();
  }

  @Test
  void aRequestThatIsNoMessageIsInTheTrailWhenItIsRefused() throws IOException {
    MethodDescriptor<byte[], byte[]> raw =
        RawBytes.method(OperatorGrpc.getValidateClusterCreateMethod().getFullMethodName());
    byte[] garbage = {(byte) 0xff, (byte) 0xff, (byte) 0xff};

    assertThatThrownBy(
            () ->
                ClientCalls.blockingUnaryCall(client.tcp(HELLO), raw, CallOptions.DEFAULT, garbage))
        .hasMessageContaining("INVALID_ARGUMENT");

    assertThat(records())
        .filteredOn(line -> line.path("method").asString().equals("ValidateClusterCreate"))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.path("plugin").asString()).isEqualTo(HELLO);
              assertThat(record.path("outcome").asString()).isEqualTo("INVALID_ARGUMENT");
              assertThat(record.path("caller").asString()).startsWith("CN=");
              assertThat(record.at("/details/problem").asString())
                  .isEqualTo("the request is not a valid message");
            });
  }

  @Test
  void ofASecretOnlyTheNameIsInTheTrail() throws IOException {
    create(AUDIT, "secret-app");

    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                records().stream()
                    .anyMatch(line -> line.path("method").asString().equals("object.create")));
    assertThat(records().toString()).contains("orders-app").doesNotContain("NotARealPassword");
    JsonNode event =
        records().stream()
            .filter(line -> line.path("kind").asString().equals("event"))
            .findFirst()
            .orElseThrow();
    assertThat(event.path("plugin").asString()).isEqualTo(AUDIT);
    assertThat(event.path("intended").asBoolean()).isTrue();
  }
}
