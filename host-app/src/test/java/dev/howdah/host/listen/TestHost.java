package dev.howdah.host.listen;

import dev.howdah.host.testing.RawBytes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Listeners over a service of two methods: {@code Where} answers which connection the call came in
 * on, {@code Wait} answers once it is released.
 */
final class TestHost implements AutoCloseable {
  static final MethodDescriptor<byte[], byte[]> WHERE = method("Where");
  static final MethodDescriptor<byte[], byte[]> WAIT = method("Wait");

  static final ConnectionLimits LIMITS =
      new ConnectionLimits(
          4 * 1024 * 1024,
          16 * 1024,
          64,
          16,
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5));

  final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<TlsStatus> tlsChanges = new ConcurrentLinkedQueue<>();
  final Semaphore waiting = new Semaphore(0);
  final CountDownLatch release = new CountDownLatch(1);
  final GrpcListeners listeners;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final EventLoopGroup clientLoops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<ManagedChannel> channels = new ArrayList<>();

  TestHost(Optional<TcpOptions> tcp, Optional<SocketOptions> sockets) {
    this(tcp, sockets, LIMITS);
  }

  TestHost(Optional<TcpOptions> tcp, Optional<SocketOptions> sockets, ConnectionLimits limits) {
    Endpoint endpoint = new Endpoint(List.of(service()), List.of(new Where()), List.of(), executor);
    listeners = new GrpcListeners(endpoint, limits, tcp, sockets, new Recorder());
  }

  private final class Recorder implements ListenEvents {
    @Override
    public void refused(String listener, Refusal reason) {
      refused.add(listener + " " + reason.tag());
    }

    @Override
    public void tlsChanged(TlsStatus status) {
      tlsChanges.add(status);
    }
  }

  TestHost start() {
    listeners.start();
    return this;
  }

  int port() {
    return listeners.tcpAddress().orElseThrow().getPort();
  }

  ManagedChannel socketChannel(Path socket) {
    return opened(
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelFactory(NioDomainSocketChannel::new)
            .eventLoopGroup(clientLoops)
            .maxInboundMessageSize(64 * 1024 * 1024)
            .usePlaintext()
            .overrideAuthority("localhost")
            .build());
  }

  ManagedChannel opened(ManagedChannel channel) {
    channels.add(channel);
    return channel;
  }

  static String where(Channel channel) {
    return new String(
        ClientCalls.blockingUnaryCall(
            channel,
            WHERE,
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
            new byte[0]),
        StandardCharsets.UTF_8);
  }

  /** Begins a call that ends when {@link #release} is counted down. */
  java.util.concurrent.Future<byte[]> beginWait(Channel channel) throws InterruptedException {
    var answer =
        ClientCalls.futureUnaryCall(channel.newCall(WAIT, CallOptions.DEFAULT), new byte[0]);
    if (!waiting.tryAcquire(20, TimeUnit.SECONDS)) {
      throw new AssertionError("The call did not arrive");
    }
    return answer;
  }

  @Override
  public void close() {
    release.countDown();
    channels.forEach(ManagedChannel::shutdownNow);
    listeners.stop(Duration.ZERO);
    executor.shutdownNow();
    clientLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** The interceptor knows the connection; the answer is its text. */
  private static final class Where implements ServerInterceptor {
    static final io.grpc.Context.Key<Connection> CONNECTION = io.grpc.Context.key("connection");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return io.grpc.Contexts.interceptCall(
          io.grpc.Context.current().withValue(CONNECTION, Connection.of(call)),
          call,
          headers,
          next);
    }
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("test.Doors")
        .addMethod(
            WHERE,
            ServerCalls.asyncUnaryCall(
                (_, observer) -> answer(observer, Where.CONNECTION.get().toString())))
        .addMethod(
            WAIT,
            ServerCalls.asyncUnaryCall(
                (_, observer) -> {
                  waiting.release();
                  try {
                    release.await();
                    answer(observer, "released");
                  } catch (InterruptedException e) {
                    observer.onError(e);
                  }
                }))
        .build();
  }

  private static void answer(StreamObserver<byte[]> observer, String text) {
    observer.onNext(text.getBytes(StandardCharsets.UTF_8));
    observer.onCompleted();
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return RawBytes.method(MethodDescriptor.generateFullMethodName("test.Doors", name));
  }
}
