package dev.howdah.host.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcListenersTest {
  private static final String PLUGIN = "hello.howdah.dev";

  @TempDir private Path folder;

  private final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();

  private ServerInterceptor noting(String name) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        seen.add(name);
        return next.startCall(call, headers);
      }
    };
  }

  private ServerInterceptor refusing() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        call.close(Status.NOT_FOUND.withDescription("nobody"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
    };
  }

  @Test
  void the_first_interceptor_is_the_outermost_and_connection_filters_know_the_connection() {
    ServerTransportFilter filter =
        new ServerTransportFilter() {
          @Override
          public Attributes transportReady(Attributes attributes) {
            seen.add(Connection.of(attributes).toString());
            return attributes;
          }
        };
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      GrpcListeners listeners =
          new GrpcListeners(
              new Endpoint(
                  List.of(service()),
                  List.of(noting("first"), noting("second"), refusing()),
                  List.of(filter),
                  executor),
              ConnectionLimits.DEFAULTS,
              Optional.empty(),
              Optional.of(new SocketOptions(folder, List.of(PLUGIN))),
              ListenEvents.NONE);
      listeners.start();
      try {
        assertThat(call()).isEqualTo(Status.Code.NOT_FOUND);
      } finally {
        listeners.stop(Duration.ofSeconds(1));
      }
    }
    assertThat(seen).containsExactly("Socket[pluginName=hello.howdah.dev]", "first", "second");
  }

  private static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("test.Doors")
        .addMethod(
            TestHost.WHERE, ServerCalls.asyncUnaryCall((_, observer) -> observer.onCompleted()))
        .build();
  }

  private Status.Code call() {
    var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(folder.resolve(PLUGIN)))
            .channelFactory(NioDomainSocketChannel::new)
            .eventLoopGroup(loops)
            .usePlaintext()
            .build();
    try {
      ClientCalls.blockingUnaryCall(
          channel,
          TestHost.WHERE,
          CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
          new byte[0]);
      throw new AssertionError("The refusing interceptor was passed by");
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_stop_without_a_start_and_a_second_start_do_nothing() {
    try (TestHost host =
        new TestHost(Optional.empty(), Optional.of(new SocketOptions(folder, List.of(PLUGIN))))) {
      host.listeners.stop(Duration.ofSeconds(1));
      assertThat(host.listeners.isRunning()).isFalse();
      host.start().start();
      assertThat(host.listeners.isRunning()).isTrue();
      assertThat(TestHost.where(host.socketChannel(folder.resolve(PLUGIN)))).contains(PLUGIN);
    }
  }

  @Test
  void without_plugins_there_are_no_sockets_and_no_folder() {
    Path missing = folder.resolve("plugins");
    try (TestHost host =
        new TestHost(Optional.empty(), Optional.of(new SocketOptions(missing, List.of())))) {
      host.start();
      assertThat(host.listeners.sockets()).isEmpty();
      assertThat(missing).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", ".hidden", "a/b", "a\0b"})
  void a_name_that_cannot_be_a_socket_file_is_refused(String name) {
    assertThatThrownBy(() -> new SocketOptions(folder, List.of(name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be the name of a socket file");
  }

  @Test
  void two_plugins_of_one_name_are_refused() {
    assertThatThrownBy(() -> new SocketOptions(folder, List.of(PLUGIN, PLUGIN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(PLUGIN);
  }

  @Test
  void limits_of_nothing_or_of_half_an_hour_are_refused() {
    assertThatThrownBy(() -> limits(0, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("longest message is 0");
    assertThatThrownBy(() -> limits(1, Duration.ofMinutes(30)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 10 s");
  }

  private static ConnectionLimits limits(int messageBytes, Duration handshake) {
    return new ConnectionLimits(
        messageBytes, 1, 1, 1, handshake, Duration.ofSeconds(1), Duration.ofSeconds(1));
  }
}
