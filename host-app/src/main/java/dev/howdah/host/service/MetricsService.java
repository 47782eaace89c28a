package dev.howdah.host.service;

import com.google.protobuf.ByteString;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.guard.MetricsGuard;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.MetricsRegistration;
import dev.howdah.proto.metrics.CollectMetric;
import dev.howdah.proto.metrics.CollectMetricsRequest;
import dev.howdah.proto.metrics.CollectMetricsResult;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.metrics.DefineMetricsResult;
import dev.howdah.proto.metrics.Metric;
import dev.howdah.proto.metrics.MetricType;
import dev.howdah.proto.metrics.MetricsCapabilitiesRequest;
import dev.howdah.proto.metrics.MetricsCapabilitiesResult;
import dev.howdah.proto.metrics.MetricsCapability;
import dev.howdah.proto.metrics.MetricsGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.springframework.stereotype.Service;

/** {@code cnpgi.metrics.v1.Metrics}: what a plugin adds to the instance's exporter. */
@Service
public class MetricsService extends MetricsGrpc.MetricsImplBase {

  private final HookRunner hooks;
  private final MetricsGuard guard = new MetricsGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   */
  public MetricsService(HookRunner hooks) {
    this.hooks = hooks;
  }

  @Override
  public void getCapabilities(
      MetricsCapabilitiesRequest request, StreamObserver<MetricsCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.METRICS,
        capabilities ->
            MetricsCapabilitiesResult.newBuilder()
                .addCapabilities(
                    MetricsCapability.newBuilder()
                        .setRpc(
                            MetricsCapability.RPC
                                .newBuilder()
                                .setType(MetricsCapability.RPC.Type.TYPE_METRICS)))
                .build());
  }

  @Override
  public void define(DefineMetricsRequest request, StreamObserver<DefineMetricsResult> observer) {
    hooks.run(
        Rpc.DEFINE,
        observer,
        DefineMetricsResult.getDefaultInstance(),
        call -> {
          MetricsRegistration metrics = Offers.require(call, call.plugin().hooks().metrics());
          DefineMetricsResult.Builder answer = DefineMetricsResult.newBuilder();
          CallContext context = context(call, request.getClusterDefinition());
          if (!context.uses().isEmpty()) {
            definitions(call, metrics, context).forEach(it -> answer.addMetrics(toWire(it)));
          }
          return answer.build();
        });
  }

  @Override
  public void collect(
      CollectMetricsRequest request, StreamObserver<CollectMetricsResult> observer) {
    hooks.run(
        Rpc.COLLECT,
        observer,
        CollectMetricsResult.getDefaultInstance(),
        call -> {
          MetricsRegistration metrics = Offers.require(call, call.plugin().hooks().metrics());
          CollectMetricsResult.Builder answer = CollectMetricsResult.newBuilder();
          CallContext context = context(call, request.getClusterDefinition());
          if (!context.uses().isEmpty()) {
            List<MetricSample> samples =
                guard.collect(
                    call.pluginName(),
                    definitions(call, metrics, context),
                    metrics.collect().collect(context));
            samples.forEach(it -> answer.addMetrics(toWire(it)));
          }
          return answer.build();
        });
  }

  private static CallContext context(HookCall call, ByteString cluster) {
    return call.context(call.cluster(cluster));
  }

  private List<MetricDefinition> definitions(
      HookCall call, MetricsRegistration metrics, CallContext context) {
    return guard.define(call.pluginName(), metrics.define().define(context));
  }

  private static Metric toWire(MetricDefinition definition) {
    return Metric.newBuilder()
        .setFqName(definition.name())
        .setHelp(definition.help())
        .addAllVariableLabels(definition.labels())
        .putAllConstLabels(definition.constantLabels())
        .setValueType(
            MetricType.newBuilder()
                .setType(
                    switch (definition.type()) {
                      case COUNTER -> MetricType.Type.TYPE_COUNTER;
                      case GAUGE -> MetricType.Type.TYPE_GAUGE;
                      case UNTYPED -> MetricType.Type.TYPE_UNTYPED;
                    }))
        .build();
  }

  private static CollectMetric toWire(MetricSample sample) {
    return CollectMetric.newBuilder()
        .setFqName(sample.name())
        .setValue(sample.value())
        .addAllVariableLabels(sample.labelValues())
        .build();
  }
}
