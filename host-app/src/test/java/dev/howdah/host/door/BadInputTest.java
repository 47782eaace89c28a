package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.AllHooks;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.RawBytes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** Whatever comes in: a clear status code, and a host that lives on as if nothing had been. */
class BadInputTest {

  private static final String ALL = "all.example.com";
  private static final int PER_RPC = 100;

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;
  private static Channel tcp;
  private static Channel socket;

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home).classPathPlugins().plugin("all", new AllHooks().plugin(ALL)).start();
    client = new HostClient(host);
    tcp = client.tcp(ALL);
    socket = client.socket(ALL);
    // Or else the first probe would fail, as it shall.
    HostClient.load(tcp);
    HostClient.load(socket);
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  static Stream<Protocol.Rpc> rpcsWithHooks() {
    return Protocol.rpcs().filter(rpc -> !rpc.fromCatalog());
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void anEmptyRequestIsTheCallersMistake(Protocol.Rpc rpc) {
    Status status = rpc.status(tcp, rpc.emptyRequest());

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains(rpc.label()).doesNotContain("Exception");
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void eachJsonThatIsNoClusterIsTheCallersMistake(Protocol.Rpc rpc) {
    for (String json :
        List.of(
            "{",
            "[]",
            "null",
            "\"Cluster\"",
            "{}",
            "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"}}",
            "{\"kind\":\"Cluster\",\"metadata\":{\"name\":7}}",
            "{\"kind\":\"Cluster\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"plugins\":{}}}",
            "{\"kind\":\"Cluster\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"plugins\":[null]}}",
            "{\"kind\":\"Cluster\",\"metadata\":{\"name\":\"x\"},"
                + "\"spec\":{\"plugins\":[{\"name\":\"all.example.com\",\"parameters\":[1]}]}}",
            "{\"kind\":\"Cluster\",\"metadata\":{\"name\":\"x\"}} trailing",
            "{\"a\":".repeat(5000))) {
      Status status =
          rpc.status(tcp, replaceCluster(rpc.request(Clusters.naming(ALL)), json.getBytes()));
      assertThat(status.getCode()).as("%s", json).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription()).as("%s", json).contains(rpc.label());
    }
  }

  @Test
  void aRequestOfMoreThanFourMebibytesIsRefusedAndTheConnectionGoesOn() {
    Protocol.Rpc rpc = Protocol.rpc("Operator/SetStatusInCluster");
    ByteString big =
        Clusters.bytes(
            Clusters.naming(ALL),
            json -> ((ObjectNode) json.get("metadata")).put("x", "y".repeat(4 * 1024 * 1024)));

    assertThat(rpc.status(tcp, replaceCluster(rpc.emptyRequest(), big.toByteArray())).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(rpc.status(tcp, rpc.request(Clusters.naming(ALL)))).isEqualTo(Status.OK);
  }

  @Test
  void aRequestOfAlmostFourMebibytesIsServed() {
    Protocol.Rpc rpc = Protocol.rpc("Operator/SetStatusInCluster");
    ByteString big =
        Clusters.bytes(
            Clusters.naming(ALL),
            json -> ((ObjectNode) json.get("metadata")).put("x", "y".repeat(4_000_000)));

    assertThat(rpc.status(socket, replaceCluster(rpc.emptyRequest(), big.toByteArray())))
        .isEqualTo(Status.OK);
  }

  @Test
  void unknownEnumNumbersAndUnknownFieldsAreNoReasonToFall() {
    for (String label :
        List.of("OperatorLifecycle/LifecycleHook", "Postgres/EnrichConfiguration", "WAL/Restore")) {
      Protocol.Rpc rpc = Protocol.rpc(label);
      Message.Builder request = rpc.request(Clusters.naming(ALL)).toBuilder();
      Descriptors.FieldDescriptor mode = request.getDescriptorForType().findFieldByName("mode");
      if (mode != null) {
        request.setField(mode, mode.getEnumType().findValueByNumberCreatingIfUnknown(99));
      } else {
        Descriptors.FieldDescriptor type =
            request.getDescriptorForType().findFieldByName("operation_type");
        Message.Builder value = request.newBuilderForField(type);
        Descriptors.FieldDescriptor number = value.getDescriptorForType().findFieldByName("type");
        value.setField(number, number.getEnumType().findValueByNumberCreatingIfUnknown(99));
        request.setField(type, value.build());
      }
      assertThat(rpc.status(tcp, request.build()).getCode())
          .as(label)
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
      Message newer =
          rpc.request(Clusters.naming(ALL)).toBuilder()
              .setUnknownFields(
                  UnknownFieldSet.newBuilder()
                      .addField(777, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                      .build())
              .build();
      assertThat(rpc.status(tcp, newer)).as(label).isEqualTo(Status.OK);
    }
  }

  @Test
  void thousandsOfDamagedRequestsLeaveTheHostAsItWas() throws Exception {
    // Every pool as large as it gets.
    damage(new Random(0), 3);
    Load before = settled();
    long seed = 20260102;
    damage(new Random(seed), PER_RPC);

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(Http.json(host.httpBase() + "/actuator/plugins/all").at("/load"))
                  .hasToString("{\"inFlight\":0,\"waiting\":0,\"stuck\":0}");
              Load now = Load.now();
              assertThat(now.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 4);
              assertThat(now.sockets()).as("sockets").isLessThanOrEqualTo(before.sockets() + 2);
            });
    assertThat(HostClient.load(client.tcp(ALL)).metadata().getName()).isEqualTo(ALL);
  }

  private static void damage(Random random, int perRpc) {
    for (Protocol.Rpc rpc : Protocol.rpcs().toList()) {
      byte[] good = rpc.request(Clusters.naming(ALL)).toByteArray();
      MethodDescriptor<byte[], byte[]> raw = raw(rpc.method());
      for (int i = 0; i < perRpc; i++) {
        byte[] request = damaged(random, good);
        Status status = status(random.nextBoolean() ? tcp : socket, raw, request);
        assertThat(status.getCode())
            .as("%s number %d: %s", rpc, i, status)
            .isNotIn(
                Status.Code.UNKNOWN,
                Status.Code.UNAVAILABLE,
                Status.Code.DEADLINE_EXCEEDED,
                Status.Code.CANCELLED,
                Status.Code.DATA_LOSS);
        if (status.getDescription() != null) {
          assertThat(status.getDescription()).doesNotContain("\tat ").hasSizeLessThan(1000);
        }
      }
    }
  }

  private static byte[] damaged(Random random, byte[] good) {
    byte[] bytes = good.clone();
    switch (random.nextInt(5)) {
      case 0 -> {
        bytes = new byte[random.nextInt(400)];
        random.nextBytes(bytes);
      }
      case 1 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 2 -> {
        for (int n = random.nextInt(20); n >= 0 && bytes.length > 0; n--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      }
      case 3 -> {
        // JSON stays JSON more often when digits, quotes and braces change places.
        for (int n = random.nextInt(6); n >= 0 && bytes.length > 0; n--) {
          bytes[random.nextInt(bytes.length)] =
              (byte) "0123456789\"{}[]:,ntf".charAt(random.nextInt(20));
        }
      }
      default -> {
        int cut = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        byte[] twice = java.util.Arrays.copyOf(bytes, bytes.length + cut);
        System.arraycopy(bytes, 0, twice, bytes.length, cut);
        bytes = twice;
      }
    }
    return bytes;
  }

  @Test
  void halfOpenConnectionsAreLetGo() throws Exception {
    Load before = settled();
    List<AutoCloseable> open = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Socket half = new Socket("127.0.0.1", host.tcpAddress().getPort());
      OutputStream out = half.getOutputStream();
      out.write(new byte[] {22, 3, 1, 2, 0});
      out.flush();
      open.add(half);
      SocketChannel local = SocketChannel.open(UnixDomainSocketAddress.of(host.socket(ALL)));
      local.write(ByteBuffer.wrap("PRI * HTTP/2".getBytes()));
      open.add(local);
    }
    assertThat(HostClient.load(client.tcp(ALL)).metadata().getName()).isEqualTo(ALL);
    assertThat(HostClient.load(client.socket(ALL)).metadata().getName()).isEqualTo(ALL);

    for (AutoCloseable connection : open) {
      connection.close();
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> assertThat(Load.now().sockets()).isLessThanOrEqualTo(before.sockets() + 6));
  }

  @Test
  void garbageInsteadOfHttp2IsCutOff() throws Exception {
    try (SocketChannel local = SocketChannel.open(UnixDomainSocketAddress.of(host.socket(ALL)))) {
      local.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10).getBytes()));
      ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
      while (local.read(answer) >= 0) {
        assertThat(answer.hasRemaining()).isTrue();
      }
    }
    assertThat(HostClient.metadata(socket).getName()).isEqualTo(ALL);
  }

  private static Load settled() {
    Load[] last = {Load.now()};
    await()
        .pollInterval(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              Load now = Load.now();
              boolean same = now.equals(last[0]);
              last[0] = now;
              return same;
            });
    return last[0];
  }

  /** What a leak would make grow. */
  private record Load(int threads, int sockets) {
    static Load now() {
      try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
        int sockets =
            (int)
                files
                    .filter(
                        file -> {
                          try {
                            return Files.readSymbolicLink(file).toString().startsWith("socket:");
                          } catch (IOException e) {
                            return false;
                          }
                        })
                    .count();
        return new Load(Thread.getAllStackTraces().size(), sockets);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static Message replaceCluster(Message request, byte[] json) {
    Message.Builder builder = request.toBuilder();
    for (Descriptors.FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      switch (field.getName()) {
        case "cluster_definition", "definition", "old_cluster", "new_cluster", "cluster" ->
            builder.setField(field, ByteString.copyFrom(json));
        default -> {}
      }
    }
    return builder.build();
  }

  private static Status status(
      Channel channel, MethodDescriptor<byte[], byte[]> method, byte[] request) {
    try {
      ClientCalls.blockingUnaryCall(
          channel, method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), request);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  private static MethodDescriptor<byte[], byte[]> raw(MethodDescriptor<?, ?> method) {
    return RawBytes.method(method.getFullMethodName());
  }
}
