package dev.howdah.host.cli;

import com.google.protobuf.ByteString;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginCapabilitiesResponse;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.identity.ProbeRequest;
import dev.howdah.proto.identity.ProbeResponse;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilities;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesResponse;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleResponse;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.operator.OperatorCapabilitiesRequest;
import dev.howdah.proto.operator.OperatorCapabilitiesResult;
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.operator.SetStatusInClusterResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A host with one plugin on a real TLS port and real sockets, which the tests bend. */
final class TestHost implements AutoCloseable {

  final List<String> called = new CopyOnWriteArrayList<>();
  final List<String> authorities = new CopyOnWriteArrayList<>();
  final List<OperatorLifecycleRequest> lifecycleRequests = new CopyOnWriteArrayList<>();

  volatile String name = "hello.example.com";
  volatile ByteString jsonStatus = ByteString.EMPTY;
  volatile Status probe = Status.OK;
  volatile boolean ready = true;
  volatile boolean unsetCapability;
  volatile List<Type> declared = List.of(Type.TYPE_LIFECYCLE_SERVICE, Type.TYPE_OPERATOR_SERVICE);

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Server> servers = new ArrayList<>();

  /** Listens with mutual TLS; the certificates are {@code server} and {@code client} in tls/. */
  int listenTcp(Path tls) throws IOException {
    Server server =
        common(
                NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                    .channelType(NioServerSocketChannel.class))
            .sslContext(
                GrpcSslContexts.configure(
                        GrpcSslContexts.forServer(
                            tls.resolve("server.crt").toFile(), tls.resolve("server.key").toFile()),
                        SslProvider.JDK)
                    .trustManager(tls.resolve("client.crt").toFile())
                    .clientAuth(ClientAuth.REQUIRE)
                    .protocols("TLSv1.3")
                    .build())
            .build()
            .start();
    servers.add(server);
    return server.getPort();
  }

  void listenOn(Path socket) throws IOException {
    Files.createDirectories(socket.getParent());
    servers.add(
        common(
                NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                    .channelType(NioServerDomainSocketChannel.class))
            .build()
            .start());
  }

  private NettyServerBuilder common(NettyServerBuilder builder) {
    return builder
        .bossEventLoopGroup(loop)
        .workerEventLoopGroup(loop)
        .intercept(new Recorder())
        .addService(new Identity())
        .addService(new Operator())
        .addService(new Lifecycle());
  }

  @Override
  public void close() {
    servers.forEach(Server::shutdownNow);
    loop.shutdownGracefully();
  }

  private final class Recorder implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String path = call.getMethodDescriptor().getFullMethodName();
      called.add(path.substring(path.lastIndexOf('.') + 1));
      authorities.add(call.getAuthority());
      return next.startCall(call, headers);
    }
  }

  private final class Identity extends IdentityGrpc.IdentityImplBase {
    @Override
    public void getPluginMetadata(
        GetPluginMetadataRequest request, StreamObserver<GetPluginMetadataResponse> answer) {
      answer.onNext(
          GetPluginMetadataResponse.newBuilder().setName(name).setVersion("1.2.3").build());
      answer.onCompleted();
    }

    @Override
    public void getPluginCapabilities(
        GetPluginCapabilitiesRequest request,
        StreamObserver<GetPluginCapabilitiesResponse> answer) {
      GetPluginCapabilitiesResponse.Builder response = GetPluginCapabilitiesResponse.newBuilder();
      declared.forEach(
          type ->
              response.addCapabilities(
                  PluginCapability.newBuilder()
                      .setService(PluginCapability.Service.newBuilder().setType(type))));
      if (unsetCapability) {
        response.addCapabilities(PluginCapability.getDefaultInstance());
      }
      answer.onNext(response.build());
      answer.onCompleted();
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
      if (!probe.isOk()) {
        answer.onError(probe.asRuntimeException());
        return;
      }
      answer.onNext(ProbeResponse.newBuilder().setReady(ready).build());
      answer.onCompleted();
    }
  }

  private final class Operator extends OperatorGrpc.OperatorImplBase {
    @Override
    public void getCapabilities(
        OperatorCapabilitiesRequest request, StreamObserver<OperatorCapabilitiesResult> answer) {
      answer.onNext(
          OperatorCapabilitiesResult.newBuilder()
              .addCapabilities(
                  OperatorCapability.newBuilder()
                      .setRpc(
                          OperatorCapability.RPC
                              .newBuilder()
                              .setType(OperatorCapability.RPC.Type.TYPE_SET_STATUS_IN_CLUSTER)))
              .build());
      answer.onCompleted();
    }

    @Override
    public void setStatusInCluster(
        SetStatusInClusterRequest request, StreamObserver<SetStatusInClusterResponse> answer) {
      answer.onNext(SetStatusInClusterResponse.newBuilder().setJsonStatus(jsonStatus).build());
      answer.onCompleted();
    }
  }

  private final class Lifecycle extends OperatorLifecycleGrpc.OperatorLifecycleImplBase {
    @Override
    public void getCapabilities(
        OperatorLifecycleCapabilitiesRequest request,
        StreamObserver<OperatorLifecycleCapabilitiesResponse> answer) {
      answer.onNext(
          OperatorLifecycleCapabilitiesResponse.newBuilder()
              .addLifecycleCapabilities(
                  OperatorLifecycleCapabilities.newBuilder()
                      .setKind("Pod")
                      .addOperationTypes(operation(OperatorOperationType.Type.TYPE_CREATE))
                      .addOperationTypes(operation(OperatorOperationType.Type.TYPE_EVALUATE)))
              .build());
      answer.onCompleted();
    }

    private OperatorOperationType operation(OperatorOperationType.Type type) {
      return OperatorOperationType.newBuilder().setType(type).build();
    }

    @Override
    public void lifecycleHook(
        OperatorLifecycleRequest request, StreamObserver<OperatorLifecycleResponse> answer) {
      lifecycleRequests.add(request);
      answer.onNext(
          OperatorLifecycleResponse.newBuilder()
              .setJsonPatch(
                  ByteString.copyFromUtf8(
                      "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]"))
              .build());
      answer.onCompleted();
    }
  }
}
