package dev.howdah.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.howdah.host.HostEndpoint;
import dev.howdah.host.HowdahApplication;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real host with a drop-in folder, called over its plugins' sockets. */
final class DropInHost implements AutoCloseable {

  private final ConfigurableApplicationContext context;

  private DropInHost(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /**
   * Starts a host.
   *
   * @param home its home folder; drop-ins are in {@code drop-in}
   * @param properties further properties, {@code key=value}
   */
  static DropInHost start(Path home, String... properties) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--howdah.home=" + home,
                "--howdah.grpc.address=127.0.0.1:0",
                "--howdah.grpc.drain-timeout=1s",
                "--howdah.status.mode=on",
                "--howdah.discovery.packages=dev.howdah.nothing",
                "--server.port=0"));
    Arrays.stream(properties).map(property -> "--" + property).forEach(arguments::add);
    return new DropInHost(HowdahApplication.run(arguments.toArray(String[]::new)));
  }

  /** A plugin by its id, whether it serves or not. */
  PluginHandle plugin(String id) {
    return plugins().stream().filter(handle -> handle.id().equals(id)).findFirst().orElseThrow();
  }

  /** All plugins. */
  List<PluginHandle> plugins() {
    return List.copyOf(context.getBean(HostEndpoint.class).catalog().all());
  }

  /** The base of the HTTP endpoints. */
  String httpBase() {
    return "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
  }

  /** Stops the plugins; then the host's metrics, which end with its context. */
  MeterRegistry stop() {
    context.getBean(HostEndpoint.class).stop();
    return context.getBean(MeterRegistry.class);
  }

  /** Why a plugin doesn't serve. */
  String problem(String id) {
    return plugin(id).problem().orElseThrow().toString();
  }

  /** Asks a plugin for its status, over its socket. */
  JsonNode status(String id) throws InterruptedException {
    assertThat(plugin(id).state())
        .as("%s: %s", id, plugin(id).problem())
        .isEqualTo(PluginState.READY);
    String name = plugin(id).name();
    Path socket = context.getBean(HostEndpoint.class).sockets().get(name);
    EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .eventLoopGroup(eventLoop)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
    try {
      String cluster =
          """
          {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
           "metadata": {"name": "a", "namespace": "b"},
           "spec": {"instances": 1, "plugins": [{"name": "%s"}]}}
          """
              .formatted(name);
      ByteString status =
          OperatorGrpc.newBlockingStub(channel)
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .setStatusInCluster(
                  SetStatusInClusterRequest.newBuilder()
                      .setCluster(ByteString.copyFromUtf8(cluster))
                      .build())
              .getJsonStatus();
      return JsonMapper.shared().readTree(status.toByteArray());
    } finally {
      channel.shutdownNow();
      eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
