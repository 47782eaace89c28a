package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import com.google.protobuf.ByteString;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.driver.Credentials;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/** Calls as such: sizes, cancellation, time limits, garbage, error texts. */
final class TransportChecks {
  private static final String METADATA = "cnpgi.identity.v1.Identity/GetPluginMetadata";
  private static final String HEALTH = "grpc.health.v1.Health/Check";
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
  private static final int LARGE = 4 * 1024 * 1024 - 64 * 1024;
  private static final int CANCELLED = 100;
  private static final int AFTERWARDS = 5;
  private static final Duration PROMPT = Duration.ofSeconds(5);
  private static final Duration OVERDUE = Duration.ofSeconds(2);
  private static final int TEXT_LIMIT = 1024;

  /** A field whose length leads beyond the message's end. */
  private static final byte[] MALFORMED = {0x0A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 1};

  /** Calls that take one Cluster and change nothing. */
  private static final List<String> HARMLESS =
      List.of(
          "Operator.ValidateClusterCreate",
          "Operator.SetStatusInCluster",
          "Postgres.EnrichConfiguration",
          "Metrics.Define",
          "WAL.Status");

  private TransportChecks() {}

  static List<Check> all() {
    return List.of(
        operator(
                "TRN-01",
                "A request of almost 4 MiB is taken or refused, and the connection lives.")
            .cites("grpc-go's default limit; a Cluster with long managedFields is large")
            .remedy("Allow 4 MiB; answer RESOURCE_EXHAUSTED beyond.")
            .tested(TransportChecks::large),
        should("TRN-02", "Calls that the client cancels leave nothing occupied.")
            .cites("gRPC cancellation; the operator cancels when it loses its lease or shuts down")
            .remedy("Give threads, slots and locks back on cancellation.")
            .tested(TransportChecks::cancels),
        should("TRN-03", "A call that is over its time limit is ended by the server too.")
            .cites("gRPC over HTTP/2, grpc-timeout; the operator sets 30 s on TCP")
            .remedy("Don't strip the header; pass the context's deadline on.")
            .tested(TransportChecks::overdue),
        should("TRN-04", "A message that is no protobuf is INVALID_ARGUMENT or INTERNAL.")
            .cites("gRPC status codes; and the connection goes on")
            .remedy("Leave decoding to the library.")
            .tested(
                (s, f) -> {
                  s.metadata();
                  Status.Code code = WalChecks.code(() -> s.wire().raw(METADATA, MALFORMED));
                  f.unless(
                      code == Status.Code.INVALID_ARGUMENT || code == Status.Code.INTERNAL,
                      "it answers %s",
                      code);
                  alive(s, f, s.wire());
                }),
        should("TRN-05", "The health service answers under any server name.")
            .cites("kubelet's gRPC probe sends an address as authority")
            .remedy("Let the health service through before anything is routed by name.")
            .when(Need.TCP)
            .tested(TransportChecks::health),
        must("TRN-06", "A method that does not exist is UNIMPLEMENTED.")
            .cites("gRPC status codes; newer operators probe for newer methods")
            .remedy("Leave unknown methods to the library.")
            .tested(
                (s, f) -> {
                  Status.Code code =
                      WalChecks.code(
                          () ->
                              s.wire().raw("cnpgi.identity.v1.Identity/Nonexistent", new byte[0]));
                  f.unless(code == Status.Code.UNIMPLEMENTED, "it answers %s", code);
                }),
        operator("TRN-07", "The same error has the same text each time.")
            .cites(
                "operator: internal/controller/cluster_controller.go writes it into the Cluster's"
                    + " phase reason; each change starts the next loop at once")
            .remedy("Keep ids, times, addresses and counters out of messages.")
            .tested(
                (s, f) -> {
                  for (Rpc rpc : Rpc.offeredBy(s)) {
                    Status first = status(s, rpc);
                    Status second = status(s, rpc);
                    f.unless(
                        first.getCode() == second.getCode() && text(first).equals(text(second)),
                        "%s: '%s', then '%s'",
                        rpc.name(),
                        Texts.shorten(text(first)),
                        Texts.shorten(text(second)));
                  }
                }),
        advice("TRN-08", "Error texts are one short line without a stack trace.")
            .cites("users read them in kubectl's output")
            .remedy("Log the trace, send the sentence.")
            .tested(
                (s, f) -> {
                  for (Rpc rpc : Rpc.offeredBy(s)) {
                    String text = text(status(s, rpc));
                    boolean trace =
                        text.contains("goroutine ")
                            || text.contains("\n\tat ")
                            || text.contains("Traceback (");
                    f.unless(!trace, "%s: a stack trace", rpc.name());
                    f.unless(
                        trace || (text.length() <= TEXT_LIMIT && !text.contains("\n")),
                        "%s: %d characters, %d lines",
                        rpc.name(),
                        text.length(),
                        text.lines().count());
                  }
                }),
        should("TRN-09", "Bytes that are no HTTP/2 end that connection only.")
            .cites("anything may connect: port scanners, kubelet's TCP probe")
            .remedy("Don't exit on a broken connection.")
            .tested(TransportChecks::garbage));
  }

  private static Status status(Session session, Rpc rpc) {
    try {
      rpc.call().accept(session.wire(), Rpc.BROKEN);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  private static String text(Status status) {
    return String.valueOf(status.getDescription());
  }

  private static void alive(Session session, Findings findings, Wire wire) {
    try {
      IdentityChecks.metadata(wire);
    } catch (StatusRuntimeException e) {
      findings.add(
          "afterwards, %s answers no more: %s", session.target().display(), e.getMessage());
    }
  }

  private static void large(Session session, Findings findings) {
    session.metadata();
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      Optional<Rpc> rpc =
          HARMLESS.stream()
              .flatMap(
                  name -> Rpc.offeredBy(session).stream().filter(each -> each.name().equals(name)))
              .findFirst();
      Status.Code code =
          WalChecks.code(
              () -> {
                if (rpc.isPresent()) {
                  rpc.get().call().accept(wire, largeCluster(session));
                  return "";
                }
                return wire.raw(METADATA, unknownField());
              });
      switch (code) {
        case OK, RESOURCE_EXHAUSTED, INVALID_ARGUMENT -> alive(session, findings, wire);
        default -> {
          // Whether the size is to blame shows when a small one fares better.
          findings.add("%s answers %s", rpc.map(Rpc::name).orElse("GetPluginMetadata"), code);
        }
      }
    }
  }

  private static ByteString largeCluster(Session session) {
    ObjectNode cluster = session.objects().cluster();
    int missing = LARGE - Json.print(cluster).size();
    cluster
        .withObject("metadata")
        .withObject("annotations")
        .put("example.com/large", "x".repeat(missing));
    return Json.print(cluster);
  }

  /** Field 15, a text that no version of the message knows. */
  private static byte[] unknownField() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(15 << 3 | 2);
    int length = LARGE;
    while (length >= 0x80) {
      bytes.write(length & 0x7F | 0x80);
      length >>>= 7;
    }
    bytes.write(length);
    bytes.writeBytes("x".repeat(LARGE).getBytes(StandardCharsets.US_ASCII));
    return bytes.toByteArray();
  }

  /** Told when a call ended. */
  private static final class Ending extends ClientCall.Listener<byte[]> {
    private final CountDownLatch ended = new CountDownLatch(1);

    @Override
    public void onClose(Status status, Metadata trailers) {
      ended.countDown();
    }

    boolean within(Duration limit) throws InterruptedException {
      return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void cancels(Session session, Findings findings) throws Exception {
    session.metadata();
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      List<ClientCall<byte[], byte[]>> calls = new ArrayList<>();
      for (int i = 0; i < CANCELLED; i++) {
        ClientCall<byte[], byte[]> call = wire.begin(METADATA, new Metadata(), new Ending());
        if (i % 2 == 0) {
          call.sendMessage(new byte[0]);
          call.halfClose();
        }
        calls.add(call);
      }
      Thread.sleep(Duration.ofMillis(50));
      calls.forEach(call -> call.cancel("the client changed its mind", null));
      // What a cancelled call still holds shows only once the server has noticed the cancellation.
      for (int i = 0; i < AFTERWARDS && findings.none(); i++) {
        Thread.sleep(Duration.ofMillis(100));
        long start = System.nanoTime();
        alive(session, findings, wire);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        findings.unless(
            took.compareTo(PROMPT) < 0,
            "after %d cancelled calls the next one took %d ms",
            CANCELLED,
            took.toMillis());
      }
    }
  }

  private static void overdue(Session session, Findings findings) throws Exception {
    session.metadata();
    Metadata headers = new Metadata();
    headers.put(TIMEOUT, "100m");
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      Ending ending = new Ending();
      ClientCall<byte[], byte[]> call = wire.begin(METADATA, headers, ending);
      findings.unless(
          ending.within(OVERDUE),
          "a call with a limit of 100 ms was still open after %d ms",
          OVERDUE.toMillis());
      call.cancel("over", null);
    }
  }

  private static void health(Session session, Findings findings) {
    Target.Tcp tcp = (Target.Tcp) session.target();
    Status.Code proper = WalChecks.code(() -> session.wire().raw(HEALTH, new byte[0]));
    if (proper != Status.Code.OK) {
      throw new UndecidedException("there is no health service: " + proper);
    }
    Credentials credentials = Credentials.of(tcp.cert(), tcp.key());
    try (Wire wire =
        session.endpoint().open(credentials, tcp.host(), tcp.host() + ":" + tcp.port())) {
      Status.Code code = WalChecks.code(() -> wire.raw(HEALTH, new byte[0]));
      findings.unless(
          code == Status.Code.OK, "as %s:%d it answers %s", tcp.host(), tcp.port(), code);
    }
  }

  private static void garbage(Session session, Findings findings) throws Exception {
    session.metadata();
    SocketAddress address =
        switch (session.target()) {
          case Target.Tcp tcp -> new InetSocketAddress(tcp.host(), tcp.port());
          case Target.Socket socket -> UnixDomainSocketAddress.of(socket.path());
        };
    for (int i = 0; i < 3; i++) {
      try (SocketChannel channel = SocketChannel.open(address)) {
        channel.write(
            ByteBuffer.wrap(
                "\0\1\2 no protocol at all\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      } catch (IOException e) {
        // Hung up on, which is all that garbage deserves.
        break;
      }
    }
    Thread.sleep(Duration.ofMillis(100));
    try (Wire wire = session.open()) {
      alive(session, findings, wire);
    }
  }
}
