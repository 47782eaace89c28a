package dev.howdah.benchmarks;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;

/** The operator's loading sequence against a host that has been running for a while. */
final class HandshakeBenchmark implements Benchmark {

  private static final double P99_LIMIT_MILLIS = 5;
  private static final String PLUGIN = "hello-world.howdah.dev";

  @Override
  public String name() {
    return "handshake";
  }

  @Override
  public List<Row> run(Pace pace) {
    try (Host host = Host.with(builder -> {});
        Host jdk = Host.with(builder -> builder.property("howdah.grpc.tls-engine", "jdk"))) {
      ManagedChannel tcp = host.tcp(PLUGIN);
      ManagedChannel socket = host.socket(PLUGIN);
      Runnable connecting = () -> connect(host);
      Runnable connectingToJdk = () -> connect(jdk);
      Duration turn = pace.round().multipliedBy(pace.rounds()).dividedBy(2);
      Load.warmUp(() -> OperatorCalls.handshake(tcp), 1, pace);
      Load.warmUp(() -> OperatorCalls.handshake(socket), 1, pace);
      Load.warmUp(connecting, 1, pace);
      Load.warmUp(connectingToJdk, 1, pace);
      Load.Result overTcp = Load.run(() -> OperatorCalls.handshake(tcp), 1, turn);
      Load.Result overSocket = Load.run(() -> OperatorCalls.handshake(socket), 1, turn);
      Load.Result withConnection = Load.run(connecting, 1, turn);
      Load.Result withConnectionToJdk = Load.run(connectingToJdk, 1, turn);
      return List.of(
          row("handshake, TLS, pooled connection", overTcp, overTcp),
          row("handshake, Unix socket", overSocket, overTcp),
          Row.noted(
              "handshake, TLS, new connection each time (mutual TLS included)",
              figures(withConnection),
              times(withConnection, overTcp)),
          Row.noted(
              "the same, with the JDK's TLS in the host (`howdah.grpc.tls-engine=jdk`)",
              figures(withConnectionToJdk),
              times(withConnectionToJdk, overTcp)));
    }
  }

  private static void connect(Host host) {
    ManagedChannel fresh = host.tcp(PLUGIN);
    OperatorCalls.handshake(fresh);
    host.release(fresh);
  }

  private static Row row(String what, Load.Result result, Load.Result reference) {
    return new Row(
        what,
        figures(result),
        result == reference ? "" : times(result, reference),
        "p99 ≤ 5 ms",
        Verdict.atMost(result.millis(99), P99_LIMIT_MILLIS, "ms"));
  }

  private static String times(Load.Result result, Load.Result reference) {
    return "p50 × %s of TLS, pooled"
        .formatted(Load.number(result.micros(50) / reference.micros(50)));
  }

  private static String figures(Load.Result result) {
    return "p50 %s ms, p99 %s ms"
        .formatted(Load.number(result.millis(50)), Load.number(result.millis(99)));
  }
}
