package dev.howdah.host.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketListenerTest {
  private static final String AUDIT = "audit.howdah.dev";
  private static final String HELLO = "hello.howdah.dev";

  @TempDir private Path folder;

  private TestHost host(String... plugins) {
    return new TestHost(Optional.empty(), Optional.of(new SocketOptions(folder, List.of(plugins))));
  }

  private List<String> entries() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void a_call_knows_the_plugin_whose_socket_it_came_in_on() {
    try (TestHost host = host(AUDIT, HELLO).start()) {
      assertThat(TestHost.where(host.socketChannel(folder.resolve(AUDIT))))
          .isEqualTo("Socket[pluginName=audit.howdah.dev]");
      assertThat(TestHost.where(host.socketChannel(folder.resolve(HELLO))))
          .isEqualTo("Socket[pluginName=hello.howdah.dev]");
    }
  }

  @Test
  void the_folder_holds_the_sockets_alone_and_nothing_after_the_stop() throws Exception {
    try (TestHost host = host(AUDIT, HELLO).start()) {
      TestHost.where(host.socketChannel(folder.resolve(AUDIT)));
      assertThat(entries()).containsExactly(AUDIT, HELLO);
      assertThat(host.listeners.sockets())
          .containsEntry(AUDIT, folder.resolve(AUDIT))
          .containsEntry(HELLO, folder.resolve(HELLO));

      host.listeners.stop(Duration.ofSeconds(5));

      assertThat(entries()).isEmpty();
      assertThat(host.listeners.sockets()).isEmpty();
    }
  }

  @Test
  void another_user_may_connect_to_a_socket() throws Exception {
    try (TestHost _ = host(AUDIT).start()) {
      assertThat(Files.getPosixFilePermissions(folder.resolve(AUDIT)))
          .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
    }
  }

  @Test
  void a_missing_folder_is_made_for_the_owner_alone() throws Exception {
    Path missing = folder.resolve("a/b");
    TestHost host =
        new TestHost(Optional.empty(), Optional.of(new SocketOptions(missing, List.of(AUDIT))));
    try (host) {
      host.start();
      assertThat(Files.getPosixFilePermissions(missing))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void five_parallel_connections_are_served_at_once() throws Exception {
    try (TestHost host = host(AUDIT).start();
        ExecutorService callers = Executors.newFixedThreadPool(5)) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ManagedChannel channel = host.socketChannel(folder.resolve(AUDIT));
        host.beginWait(channel);
        calls.add(() -> TestHost.where(channel));
      }
      assertThat(host.listeners.openConnections()).isEqualTo(5);
      for (Future<String> answer : callers.invokeAll(calls)) {
        assertThat(answer.get()).contains(AUDIT);
      }
      host.release.countDown();
    }
  }

  @Test
  void a_socket_nobody_listens_on_is_replaced() throws Exception {
    leaveStaleSocket(folder.resolve(AUDIT));
    try (TestHost host = host(AUDIT).start()) {
      assertThat(TestHost.where(host.socketChannel(folder.resolve(AUDIT)))).contains(AUDIT);
    }
  }

  private static void leaveStaleSocket(Path path) throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
  }

  @Test
  void a_socket_somebody_listens_on_is_an_error_and_stays() throws Exception {
    try (TestHost first = host(AUDIT).start();
        TestHost second = host(HELLO, AUDIT)) {
      assertThatThrownBy(second::start)
          .isInstanceOf(ListenException.class)
          .hasMessageContaining("Somebody listens on " + folder.resolve(AUDIT))
          .hasMessageContaining("Stop the other process");
      assertThat(TestHost.where(first.socketChannel(folder.resolve(AUDIT)))).contains(AUDIT);
      assertThat(entries()).containsExactly(AUDIT);
    }
  }

  @Test
  void a_listener_with_a_full_queue_counts_as_somebody() throws Exception {
    Path path = folder.resolve(AUDIT);
    try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        TestHost host = host(AUDIT)) {
      busy.bind(UnixDomainSocketAddress.of(path), 1);
      List<SocketChannel> queue = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.configureBlocking(false);
        queue.add(channel);
        connectOrFindFull(channel, path);
      }
      assertThatThrownBy(host::start).hasMessageContaining("Somebody listens on");
      for (SocketChannel channel : queue) {
        channel.close();
      }
    }
  }

  private static void connectOrFindFull(SocketChannel channel, Path path) throws IOException {
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      assertThat(e).hasMessage("Resource temporarily unavailable");
    }
  }

  @Test
  void a_file_in_the_place_of_a_socket_is_an_error_and_stays() throws Exception {
    Files.writeString(folder.resolve(AUDIT), "mine");
    try (TestHost host = host(HELLO, AUDIT)) {
      assertThatThrownBy(host::start)
          .isInstanceOf(ListenException.class)
          .hasMessageContaining(folder.resolve(AUDIT).toString())
          .hasMessageContaining("is not a socket");
      assertThat(folder.resolve(AUDIT)).hasContent("mine");
      assertThat(entries()).containsExactly(AUDIT);
    }
  }

  @Test
  void a_path_longer_than_the_system_allows_is_an_error_that_says_how_long_it_is() {
    Path deep = folder.resolve("d".repeat(106 - folder.toString().length() - 1 - AUDIT.length()));
    try (TestHost host =
        new TestHost(Optional.empty(), Optional.of(new SocketOptions(deep, List.of(AUDIT))))) {
      assertThatThrownBy(host::start)
          .isInstanceOf(ListenException.class)
          .hasMessageContaining(deep.resolve(AUDIT).toString())
          .hasMessageContaining("has 107 bytes; 106 are possible")
          .hasMessageContaining("howdah.sockets.directory");
    }
  }

  @Test
  void the_longest_path_that_the_system_allows_works() {
    Path deep = folder.resolve("d".repeat(105 - folder.toString().length() - 1 - AUDIT.length()));
    try (TestHost host =
        new TestHost(Optional.empty(), Optional.of(new SocketOptions(deep, List.of(AUDIT))))) {
      host.start();
      assertThat(deep.resolve(AUDIT).toString()).hasSize(106);
      assertThat(TestHost.where(host.socketChannel(deep.resolve(AUDIT)))).contains(AUDIT);
    }
  }

  @Test
  void a_socket_that_replaced_ours_is_not_removed_on_stop() throws Exception {
    Path path = folder.resolve(AUDIT);
    try (TestHost first = host(AUDIT).start();
        TestHost second = host(AUDIT)) {
      Files.delete(path);
      second.start();

      first.listeners.stop(Duration.ZERO);

      assertThat(TestHost.where(second.socketChannel(path))).contains(AUDIT);
    }
  }

  @Test
  void the_sockets_are_there_again_after_a_stop_and_a_start() {
    try (TestHost host = host(AUDIT).start()) {
      host.listeners.stop(Duration.ofSeconds(1));
      host.start();
      assertThat(TestHost.where(host.socketChannel(folder.resolve(AUDIT)))).contains(AUDIT);
    }
  }

  @Test
  void a_stop_takes_the_files_away_at_once_and_waits_for_the_call_in_flight() throws Exception {
    try (TestHost host = host(AUDIT).start();
        ExecutorService stopper = Executors.newSingleThreadExecutor()) {
      Future<byte[]> answer = host.beginWait(host.socketChannel(folder.resolve(AUDIT)));

      Future<?> stop = stopper.submit(() -> host.listeners.stop(Duration.ofSeconds(20)));
      await().until(() -> entries().isEmpty());
      assertThat(stop.isDone()).isFalse();
      host.release.countDown();

      assertThat(answer.get(10, TimeUnit.SECONDS)).asString().isEqualTo("released");
      stop.get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_stop_cancels_the_call_that_outlasts_the_grace() throws Exception {
    try (TestHost host = host(AUDIT).start()) {
      Future<byte[]> answer = host.beginWait(host.socketChannel(folder.resolve(AUDIT)));

      host.listeners.stop(Duration.ofMillis(200));

      assertThatThrownBy(() -> answer.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void a_stop_does_not_wait_for_a_client_that_never_answers() throws Exception {
    try (TestHost host = host(AUDIT).start();
        SocketChannel silent = connect(AUDIT)) {
      silent.write(Http2Bytes.prefaceWithSettings());
      await().until(() -> host.listeners.openConnections() == 1);

      long start = System.nanoTime();
      host.listeners.stop(Duration.ofSeconds(30));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void a_request_of_more_than_four_mebibytes_is_answered_with_resource_exhausted() {
    try (TestHost host = host(AUDIT).start()) {
      ManagedChannel channel = host.socketChannel(folder.resolve(AUDIT));
      assertThatThrownBy(
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel,
                      TestHost.WHERE,
                      CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                      new byte[4 * 1024 * 1024 + 1]))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(e).hasMessageContaining("4194304");
              });
      assertThat(TestHost.where(channel)).contains(AUDIT);
    }
  }

  @Test
  void bytes_that_are_not_http2_end_the_connection_and_nothing_else() throws Exception {
    try (TestHost host = host(AUDIT).start()) {
      for (int i = 0; i < 50; i++) {
        try (SocketChannel garbage = connect(AUDIT)) {
          String request = "GET /" + i + " HTTP/1.1\r\n\r\n";
          garbage.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
          readToEnd(garbage);
        }
      }
      await().until(() -> host.listeners.openConnections() == 0);
      assertThat(host.refused).hasSize(50).containsOnly("socket protocol");
      assertThat(TestHost.where(host.socketChannel(folder.resolve(AUDIT)))).contains(AUDIT);
    }
  }

  @Test
  void a_connection_that_stays_silent_is_closed_after_the_time_limit() throws Exception {
    try (TestHost host = impatientHost().start();
        SocketChannel silent = connect(AUDIT)) {
      readToEnd(silent);
      await().untilAsserted(() -> assertThat(host.refused).containsExactly("socket timeout"));
      assertThat(host.listeners.openConnections()).isZero();
    }
  }

  @Test
  void a_connection_that_stops_in_the_middle_of_the_preface_is_closed_too() throws Exception {
    try (TestHost host = impatientHost().start();
        SocketChannel slow = connect(AUDIT)) {
      slow.write(ByteBuffer.wrap("PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII)));
      readToEnd(slow);
      await().untilAsserted(() -> assertThat(host.refused).containsExactly("socket timeout"));
    }
  }

  @Test
  void a_call_whose_request_does_not_arrive_is_ended() throws Exception {
    try (TestHost host = impatientHost().start();
        SocketChannel slow = connect(AUDIT)) {
      slow.write(Http2Bytes.prefaceWithSettings());
      slow.write(Http2Bytes.requestHeaders("/test.Doors/Where"));
      slow.write(Http2Bytes.halfMessage());
      assertThat(Http2Bytes.readUntil(slow, "grpc-status")).contains("did not arrive within");
    }
  }

  @Test
  void an_idle_connection_stays_open_beyond_the_time_limits() throws Exception {
    try (TestHost host = impatientHost().start()) {
      ManagedChannel channel = host.socketChannel(folder.resolve(AUDIT));
      TestHost.where(channel);
      try (SocketChannel silent = connect(AUDIT)) {
        readToEnd(silent);
      }
      await().until(() -> host.listeners.openConnections() == 1);
      assertThat(TestHost.where(channel)).contains(AUDIT);
      assertThat(host.listeners.openConnections()).isEqualTo(1);
    }
  }

  @Test
  void when_all_places_are_taken_the_oldest_connection_without_handshake_makes_room()
      throws Exception {
    ConnectionLimits two =
        new ConnectionLimits(
            4096, 4096, 2, 16, Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofHours(1));
    TestHost crowded =
        new TestHost(Optional.empty(), Optional.of(new SocketOptions(folder, List.of(AUDIT))), two);
    try (TestHost host = crowded.start();
        SocketChannel oldest = connect(AUDIT)) {
      await().until(() -> host.listeners.openConnections() == 1);
      ManagedChannel first = host.socketChannel(folder.resolve(AUDIT));
      assertThat(TestHost.where(first)).contains(AUDIT);
      ManagedChannel second = host.socketChannel(folder.resolve(AUDIT));
      assertThat(TestHost.where(second)).contains(AUDIT);
      readToEnd(oldest);

      try (SocketChannel third = connect(AUDIT)) {
        readToEnd(third);
      }

      assertThat(TestHost.where(first)).contains(AUDIT);
      assertThat(TestHost.where(second)).contains(AUDIT);
      assertThat(host.refused)
          .containsExactly("socket too-many-connections", "socket too-many-connections");
    }
  }

  private TestHost impatientHost() {
    return new TestHost(
        Optional.empty(),
        Optional.of(new SocketOptions(folder, List.of(AUDIT))),
        new ConnectionLimits(
            4096,
            4096,
            16,
            16,
            Duration.ofMillis(300),
            Duration.ofMillis(300),
            Duration.ofHours(1)));
  }

  private SocketChannel connect(String plugin) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(plugin)));
  }

  private static void readToEnd(SocketChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    try {
      while (channel.read(bytes) >= 0) {
        bytes.clear();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }
}
