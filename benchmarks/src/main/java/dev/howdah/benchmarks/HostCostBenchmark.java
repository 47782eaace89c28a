package dev.howdah.benchmarks;

import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugins.hello.HelloWorldPlugin;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;

/** What a call costs in a host more than on a bare gRPC server with the same hook. */
final class HostCostBenchmark implements Benchmark {

  private static final String HELLO = "hello-world.howdah.dev";
  private static final String PLAIN = "plain.howdah.dev";
  private static final int CALLERS = 8;
  private static final double MICROS_LIMIT = 50;
  private static final double THROUGHPUT_LIMIT = 0.9;

  @Override
  public String name() {
    return "cost";
  }

  @Override
  public List<Row> run(Pace pace) {
    Plugin plain = new PlainPlugin(PLAIN, context -> Reconcile.proceed());
    List<Row> rows = new ArrayList<>();
    try (Host host = Host.with(builder -> builder.plugin("plain", plain));
        BareServer bareHello = BareServer.serving(new HelloWorldPlugin(), host.certificates());
        BareServer barePlain = BareServer.serving(plain, host.certificates())) {
      ManagedChannel hello = bare(host, bareHello, HELLO);
      ManagedChannel reconciler = bare(host, barePlain, PLAIN);
      rows.addAll(
          rows(
              "LifecycleHook of hello-world (17 kB Cluster, 11 kB Pod), known change",
              new Duel(
                  OperatorCalls.lifecycle(host.tcp(HELLO), HELLO),
                  OperatorCalls.lifecycle(hello, HELLO)),
              pace));
      rows.addAll(
          rows(
              "LifecycleHook of hello-world, new change each time",
              new Duel(
                  OperatorCalls.lifecycleOfNewPods(host.tcp(HELLO), HELLO),
                  OperatorCalls.lifecycleOfNewPods(hello, HELLO)),
              pace));
      rows.addAll(
          rows(
              "Pre with an empty hook (17 kB Cluster twice)",
              new Duel(
                  OperatorCalls.pre(host.tcp(PLAIN), PLAIN), OperatorCalls.pre(reconciler, PLAIN)),
              pace));
    }
    return rows;
  }

  private static ManagedChannel bare(Host host, BareServer server, String plugin) {
    return host.opened(
        Connections.tcp(server.address(), Connections.tls(host.certificates()), plugin));
  }

  private static List<Row> rows(String what, Duel duel, Pace pace) {
    duel.warmUp(pace, CALLERS);
    Duel.Outcome alone = duel.fight(pace, 1);
    Duel.Outcome crowd = duel.fight(pace, CALLERS);
    return List.of(
        new Row(
            what + ", one caller",
            "p50 %s µs in the host, %s µs bare; p99 %s and %s µs"
                .formatted(
                    Load.number(alone.one().micros(50)),
                    Load.number(alone.other().micros(50)),
                    Load.number(alone.one().micros(99)),
                    Load.number(alone.other().micros(99))),
            "%+.0f µs, × %s".formatted(alone.microsMore(), Load.number(alone.median())),
            "p50 ≤ 50 µs more",
            Verdict.atMost(alone.microsMore(), MICROS_LIMIT, "µs")),
        new Row(
            what + ", eight callers",
            "%s calls/s in the host, %s bare"
                .formatted(
                    Load.number(crowd.one().perSecond()), Load.number(crowd.other().perSecond())),
            "× %s".formatted(Load.number(crowd.throughput())),
            "throughput ≥ × 0.90",
            Verdict.atLeast(crowd.throughput(), THROUGHPUT_LIMIT, "of the throughput")));
  }
}
