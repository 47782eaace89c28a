package dev.howdah.benchmarks;

import com.google.protobuf.ByteString;
import dev.howdah.host.parameters.PluginUses;
import dev.howdah.host.parameters.RecordParameterBinder;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleHook;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleResponse;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.model.jackson.GoCompatibilityModule;
import io.fabric8.kubernetes.model.jackson.Jackson2JdkTypesModule;
import io.fabric8.kubernetes.model.jackson.UnmatchedFieldTypeModule;
import io.fabric8.zjsonpatch.JsonDiff;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an author would write without a host: one plugin's hooks straight on grpc-java, over the
 * same TLS and with as many threads, but without routing, limits, deadlines, metrics, isolation or
 * any check of the answer.
 */
final class BareServer implements AutoCloseable {

  private static final int NETWORK_THREADS = 2;
  private static final int HOOK_THREADS = 8;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModules(
              new UnmatchedFieldTypeModule(false, false),
              new GoCompatibilityModule(),
              new Jackson2JdkTypesModule())
          .build();

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          NETWORK_THREADS, new DefaultThreadFactory("bare-net", true), NioIoHandler.newFactory());
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          HOOK_THREADS, Thread.ofPlatform().name("bare-", 0).daemon().factory());
  private final Server server;

  private BareServer(Path certificates, RegisteredHooks hooks, String plugin) {
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .channelType(NioServerSocketChannel.class)
              .bossEventLoopGroup(loops)
              .workerEventLoopGroup(loops)
              .executor(threads)
              .sslContext(
                  GrpcSslContexts.configure(
                          GrpcSslContexts.forServer(
                                  certificates.resolve("server.crt").toFile(),
                                  certificates.resolve("server.key").toFile())
                              .trustManager(certificates.resolve("ca.crt").toFile())
                              .clientAuth(ClientAuth.REQUIRE),
                          SslProvider.JDK)
                      .protocols("TLSv1.3")
                      .build())
              .addService(new Lifecycle(hooks, plugin))
              .addService(new Reconciler(hooks, plugin))
              .build()
              .start();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  static BareServer serving(Plugin plugin, Path certificates) {
    return new BareServer(certificates, HookRegistry.collect(plugin), plugin.metadata().name());
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.getListenSockets().getFirst();
  }

  @Override
  public void close() {
    server.shutdownNow();
    threads.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Lifecycle extends OperatorLifecycleGrpc.OperatorLifecycleImplBase {

    private final LifecycleHook<Pod> hook;
    private final String plugin;

    @SuppressWarnings("unchecked") // the only lifecycle hook here is one for Pods
    Lifecycle(RegisteredHooks hooks, String plugin) {
      this.hook =
          hooks.lifecycle().isEmpty()
              ? (pod, context) -> pod
              : (LifecycleHook<Pod>) hooks.lifecycle().getFirst().hook();
      this.plugin = plugin;
    }

    @Override
    public void lifecycleHook(
        OperatorLifecycleRequest request, StreamObserver<OperatorLifecycleResponse> observer) {
      Context context =
          new Context(Cluster.decode(request.getClusterDefinition().toByteArray()), plugin);
      Pod pod = MAPPER.readValue(request.getObjectDefinition().toByteArray(), Pod.class);
      JsonNode before = MAPPER.valueToTree(pod);
      HasMetadata after = hook.apply(pod, context);
      JsonNode patch = JsonDiff.asJson(before, MAPPER.valueToTree(after));
      observer.onNext(
          OperatorLifecycleResponse.newBuilder()
              .setJsonPatch(ByteString.copyFrom(MAPPER.writeValueAsBytes(patch)))
              .build());
      observer.onCompleted();
    }
  }

  private static final class Reconciler extends ReconcilerHooksGrpc.ReconcilerHooksImplBase {

    private final RegisteredHooks hooks;
    private final String plugin;

    Reconciler(RegisteredHooks hooks, String plugin) {
      this.hooks = hooks;
      this.plugin = plugin;
    }

    @Override
    public void pre(
        ReconcilerHooksRequest request, StreamObserver<ReconcilerHooksResult> observer) {
      Context context =
          new Context(Cluster.decode(request.getClusterDefinition().toByteArray()), plugin);
      String kind =
          MAPPER.readTree(request.getResourceDefinition().toByteArray()).path("kind").asString("");
      if (kind.equals("Cluster")) {
        hooks.preReconcileCluster().ifPresent(hook -> hook.reconcile(context));
      }
      observer.onNext(
          ReconcilerHooksResult.newBuilder()
              .setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE)
              .build());
      observer.onCompleted();
    }
  }

  /** The least that a hook needs around it. */
  private static final class Context implements LifecycleContext {

    private static final ParameterBinder BINDER = new RecordParameterBinder();

    private final Cluster cluster;
    private final List<PluginUse> uses;

    Context(Cluster cluster, String plugin) {
      this.cluster = cluster;
      this.uses = PluginUses.of(cluster, plugin, BINDER);
    }

    @Override
    public LifecycleOperation operation() {
      return LifecycleOperation.CREATE;
    }

    @Override
    public Cluster cluster() {
      return cluster;
    }

    @Override
    public List<PluginUse> uses() {
      return uses;
    }

    @Override
    public <P extends Record> P parameters(Class<P> type) {
      return own().orElseThrow().parameters().as(type);
    }

    @Override
    public Optional<Duration> remaining() {
      return Optional.empty();
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void onCancel(Runnable action) {
      // Nothing is ever cancelled here.
    }
  }
}
