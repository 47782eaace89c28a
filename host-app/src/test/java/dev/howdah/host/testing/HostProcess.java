package dev.howdah.host.testing;

import com.google.protobuf.ByteString;
import dev.howdah.host.cli.Howdah;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateResult;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A host in a process of its own, started as {@code ./howdah serve} does, with an audit trail, or
 * by {@code ./howdah serve} itself; and a connection over a plugin's socket.
 */
public final class HostProcess implements AutoCloseable {

  /** {@code serve} from the classes of this test, in a JVM as small as the launcher's. */
  private static final List<String> SERVE =
      List.of(
          ProcessHandle.current().info().command().orElseThrow(),
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "--enable-native-access=ALL-UNNAMED",
          "-cp",
          System.getProperty("java.class.path"),
          Howdah.class.getName(),
          "serve");

  private static final String PLUGIN = "hello-world.howdah.dev";

  private final Process process;
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("host-process-client", true), NioIoHandler.newFactory());
  private final ManagedChannel channel;

  private final Path sockets;
  private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();

  private HostProcess(Process process, Path socket) {
    this.process = process;
    this.sockets = socket.getParent();
    this.channel = open(socket);
  }

  private ManagedChannel open(Path socket) {
    ManagedChannel opened =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(loop)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build();
    channels.add(opened);
    return opened;
  }

  /**
   * Starts a host and waits until it answers.
   *
   * @param home its folder; short, since a socket's path is limited
   * @param prefix a command that runs the JVM, such as strace; empty for none
   * @param durable whether calls are answered only once their records are on disk
   */
  public static HostProcess start(Path home, List<String> prefix, boolean durable)
      throws IOException {
    Path socket = home.resolve("plugins").resolve(PLUGIN);
    // The one of a host that was killed would look like that of the next.
    Files.deleteIfExists(socket);
    List<String> command = new ArrayList<>(prefix);
    command.addAll(SERVE);
    command.addAll(
        List.of("--home=" + home, "--server-address=127.0.0.1:0", "--http-address=127.0.0.1:0"));
    for (String setting :
        List.of(
            "howdah.discovery.packages=dev.howdah.plugins.hello",
            "howdah.audit.enabled=true",
            "howdah.audit.heads.directory=" + home.resolve("heads"),
            "howdah.audit.file.rotate-size=512KB",
            "howdah.audit.rules[0].level=metadata",
            "howdah.audit.rules[0].durable=" + durable)) {
      command.add("--set=" + setting);
    }
    return run(home, command, socket);
  }

  /**
   * Starts a sidecar from the classes of this test, and waits until it answers.
   *
   * @param home its folder; short, since a socket's path is limited
   * @param environment more variables, such as those that the database's container has
   * @param plugin the one in it
   * @param settings of the form {@code key=value}
   */
  public static HostProcess startSidecar(
      Path home, Map<String, String> environment, String plugin, List<String> settings)
      throws IOException {
    Path socket = home.resolve("plugins").resolve(plugin);
    Files.deleteIfExists(socket);
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(SERVE);
    command.addAll(
        List.of(
            "--mode=instance",
            "--plugin-path=" + home.resolve("plugins"),
            "--home=" + home,
            "--http-address=127.0.0.1:0",
            "--set=howdah.instance.plugins=" + plugin));
    settings.forEach(setting -> command.add("--set=" + setting));
    return run(home, command, socket);
  }

  /**
   * Runs {@code ./howdah serve --mode instance}, the sidecar, from what is packaged already, and
   * waits until it answers.
   *
   * @param home its folder; short, since a socket's path is limited
   * @param prefix a command that runs it, such as strace; empty for none
   * @param plugin whose socket to connect to
   * @param settings of the form {@code key=value}
   */
  public static HostProcess launchSidecar(
      Path home, List<String> prefix, String plugin, List<String> settings) throws IOException {
    Path socket = home.resolve("plugins").resolve(plugin);
    Files.deleteIfExists(socket);
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of("../howdah").toAbsolutePath().normalize().toString(),
            "serve",
            "--mode=instance",
            "--plugin-path=" + home.resolve("plugins"),
            "--home=" + home,
            "--http-address=127.0.0.1:0"));
    settings.forEach(setting -> command.add("--set=" + setting));
    return run(home, command, socket);
  }

  private static HostProcess run(Path home, List<String> command, Path socket) throws IOException {
    Path log = home.resolve("host.log");
    Files.createDirectories(home);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("HOWDAH_BUILD", "never");
    Process process = builder.start();
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(150))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> Files.exists(socket) || !process.isAlive());
      if (!process.isAlive()) {
        throw new IllegalStateException("The host ended: " + Files.readString(log));
      }
      return new HostProcess(process, socket);
    } catch (RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /**
   * Makes an audited call, about a Cluster of the given name.
   *
   * @throws io.grpc.StatusRuntimeException if it isn't answered
   */
  public OperatorValidateClusterCreateResult call(String cluster) {
    String json =
        """
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
         "metadata": {"name": "%s", "namespace": "app"},
         "spec": {"instances": 1, "plugins": [{"name": "%s"}]}}
        """
            .formatted(cluster, PLUGIN);
    return OperatorGrpc.newBlockingStub(channel())
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .validateClusterCreate(
            OperatorValidateClusterCreateRequest.newBuilder()
                .setDefinition(ByteString.copyFromUtf8(json))
                .build());
  }

  /** The connection to the plugin that it was started for. */
  public Channel channel() {
    return channel;
  }

  /** A connection to another plugin. */
  public Channel channel(String plugin) {
    return open(sockets.resolve(plugin));
  }

  /** The process, or the one that runs it. */
  public long pid() {
    return process.pid();
  }

  /** Sends SIGKILL and waits for the end; returns the exit code, 137 if the signal ended it. */
  public int kill() throws InterruptedException {
    process.destroyForcibly();
    return end();
  }

  /** Sends SIGTERM to it, or to what its prefix started, and waits for the end. */
  public int stop() throws InterruptedException {
    process.descendants().findFirst().orElse(process.toHandle()).destroy();
    return end();
  }

  private int end() throws InterruptedException {
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("The host doesn't end.");
    }
    return process.exitValue();
  }

  /** Ends whatever still runs. */
  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
