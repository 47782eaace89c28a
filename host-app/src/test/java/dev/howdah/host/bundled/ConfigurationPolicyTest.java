package dev.howdah.host.bundled;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.OperatorValidateClusterChangeRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.operator.ValidationError;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration plugin in a whole host, with policies from the host's configuration. */
class ConfigurationPolicyTest {

  private static final String PLUGIN = "configuration.howdah.dev";
  private static final String POLICY = "howdah.plugins.configuration.policies[0].";

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static EventLoopGroup eventLoop;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .classPathPlugins("dev.howdah.plugins")
            .property(POLICY + "name", "production")
            .property(POLICY + "message", "Ask the platform team.")
            .property(POLICY + "selector.namespaces[0]", "app")
            .property(POLICY + "cluster.instances.minimum", "3")
            .property(POLICY + "cluster.pg-hba.forbidden-methods[0]", "trust")
            .property(POLICY + "parameters[0].name", "work_mem")
            .property(POLICY + "parameters[0].maximum", "64MB")
            .start();
    eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(host.socket(PLUGIN)))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(eventLoop)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    eventLoop.shutdownGracefully();
    host.close();
  }

  @Test
  void refusesAClusterThatDoesNotNameThePlugin() {
    assertThat(create(cluster("app", 1, "", "\"work_mem\": \"1GB\"")))
        .extracting(error -> String.join(".", error.getPathComponentsList()))
        .containsExactly("spec.postgresql.parameters.work_mem", "spec.instances");
    assertThat(create(cluster("app", 1, "", "")))
        .singleElement()
        .extracting(ValidationError::getMessage)
        .isEqualTo("at least 3 instances are needed (policy 'production'). Ask the platform team.");
  }

  @Test
  void leavesNamespacesAloneThatTheSelectorDoesNotChoose() {
    assertThat(create(cluster("other", 1, "", ""))).isEmpty();
  }

  @Test
  void deniesOnlyWhatAChangeBringsIn() {
    assertThat(change(cluster("app", 1, "", ""), cluster("app", 1, "", "\"work_mem\": \"1GB\"")))
        .extracting(error -> String.join(".", error.getPathComponentsList()))
        .containsExactly("spec.postgresql.parameters.work_mem");
  }

  @Test
  void bindsTheParametersOfAClusterThatNamesThePlugin() {
    String named =
        """
        , "plugins": [{"name": "configuration.howdah.dev", "parameters": {"profile": "oltp",
            "delivery": "spec", "applyRestart": "window", "window": "daily 01:00-02:00",
            "storage": "nvme", "dataSize": "fits", "memory": "8Gi", "cpu": "2500m",
            "reservedMemory": "512Mi", "maxConnections": "50"}},
          {"name": "logging.howdah.dev", "parameters": {"preset": "standard", "slowQueries": "1s",
            "sampleRate": "0.5", "connections": "true", "explainFrom": "off"}}]
        """;

    assertThat(create(cluster("app", 3, named, ""))).isEmpty();
    assertThat(create(cluster("app", 3, named.replace("oltp", "fast"), "")))
        .singleElement()
        .extracting(error -> String.join(".", error.getPathComponentsList()))
        .isEqualTo("spec.plugins.0.parameters.profile");
    assertThat(
            OperatorGrpc.newBlockingStub(channel)
                .setStatusInCluster(
                    SetStatusInClusterRequest.newBuilder()
                        .setCluster(cluster("app", 3, named, ""))
                        .build())
                .getJsonStatus()
                .toStringUtf8())
        .contains("\"profile\":\"oltp\"")
        .contains("sha256:");
  }

  private static List<ValidationError> create(ByteString cluster) {
    return OperatorGrpc.newBlockingStub(channel)
        .validateClusterCreate(
            OperatorValidateClusterCreateRequest.newBuilder().setDefinition(cluster).build())
        .getValidationErrorsList();
  }

  private static List<ValidationError> change(ByteString before, ByteString after) {
    return OperatorGrpc.newBlockingStub(channel)
        .validateClusterChange(
            OperatorValidateClusterChangeRequest.newBuilder()
                .setOldCluster(before)
                .setNewCluster(after)
                .build())
        .getValidationErrorsList();
  }

  private static ByteString cluster(
      String namespace, int instances, String more, String parameters) {
    return ByteString.copyFromUtf8(
        """
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
         "metadata": {"name": "orders", "namespace": "%s"},
         "spec": {"instances": %d, "storage": {"size": "100Gi"},
           "postgresql": {"parameters": {%s}} %s}}
        """
            .formatted(namespace, instances, parameters, more));
  }
}
